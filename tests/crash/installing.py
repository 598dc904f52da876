"""Everybody around an installation, and a fresh one with people and apps in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller

from tests.harness import Server, free_port, running_server
from tests.helpers.accounts import make_person
from tests.helpers.apps import approve, make_app, set_profile
from tests.helpers.pki import serving as serving_timestamps
from tests.helpers.receiver import receiving

from .ledger import Postbox
from .processes import KillableCluster, Launched
from .world import AppMade, Far, World


@contextmanager
def far_side(folder: Path, cluster: KillableCluster) -> Iterator[Far]:
    """The launcher, a receiver of callbacks, a mail server and a timestamp authority."""
    launched = Launched()
    postbox = Postbox()
    mail = Controller(postbox, hostname="127.0.0.1", port=free_port())
    mail.start()
    try:
        with receiving() as receiver, serving_timestamps() as timestamps:
            roots = folder / "timestamp-roots.pem"
            roots.write_bytes(timestamps.root.pem)
            settings = {
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(mail.port),
                "SMTP_SECURITY": "none",
                "SEAL_LEVEL": "B-T",
                "SEAL_TIMESTAMP_URLS": f"{timestamps.base}/tsa/good",
                "SEAL_TIMESTAMP_ROOTS": str(roots),
            }
            yield Far(launched, receiver, postbox, cluster, settings)
    finally:
        launched.close()
        mail.stop()


def new_world(far: Far, folder: Path, database_url: str) -> World:
    """A fresh installation with a sender, two apps and a person who is logged in; nothing of it runs yet."""
    port = free_port()
    settings = {
        "TESTING": "true",
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "ACCESS_TOKEN_SECONDS": "86400",
        "API_RATE_LIMIT": "1000000",
        "OFFICE": "off",
        **far.settings,
    }
    environment = {"PATH": os.environ["PATH"], **{f"PARAPH_{name}": value for name, value in settings.items()}}
    folder.mkdir(parents=True, exist_ok=True)
    world = World(far, folder, database_url, environment)
    with running_server(folder / "data", database_url) as server:
        _furnish(world, server)
    return world


def _furnish(world: World, server: Server) -> None:
    owner = make_person(server, "Olga")
    client = server.api(owner.api_key)
    answer = client.put("/v3/account", json={"callback_url": world.far.receiver.url})
    assert answer.status_code == 200, answer.text
    world.api_key, world.email = owner.api_key, make_person(server, "Uma").email
    for profile in ("walkthrough", "standard"):
        made = make_app(client)
        approve(server, made.client_id)
        set_profile(server, made.client_id, profile)
        world.apps.append(AppMade(made.client_id, made.secret, profile))


def remove(folder: Path) -> None:
    """Take an installation away."""
    shutil.rmtree(folder, ignore_errors=True)
