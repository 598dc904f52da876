"""Paraph under measurement: ``paraph serve`` and ``paraph worker`` as an operator starts them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bench.hosting import Host
from bench.measuring import free_port
from paraph.kit.settings import load_settings

from .seeding import Seeder

ROOT = Path(__file__).parents[1]
NO_LIMIT = "1000000000"
"""One machine plays thousands of people, so limits an account or a network are set where nobody meets them."""


@dataclass(frozen=True, slots=True)
class Paraph:
    """A running installation, and the way to put rows into it."""

    host: Host
    seeder: Seeder
    environment: dict[str, str]
    workers: Host


@contextmanager
def paraph(
    folder: Path,
    database_url: str = "",
    *,
    webs: int = 1,
    workers: int = 0,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Paraph]:
    """Run ``webs`` web processes and ``workers`` workers until the block ends.

    ``workers`` is 0 for the embedded worker, and -1 for none at all.
    """
    ports = [free_port() for _ in range(webs)]
    environment = environment_of(folder, ports[0], database_url, settings)
    host, apart = Host(folder / "web"), Host(folder / "worker")
    chosen = {key: value for key, value in environment.items() if key.startswith("PARAPH_")}
    seeder = Seeder(load_settings(chosen))
    try:
        for port in ports:
            no_worker = [] if workers == 0 else ["--no-worker"]
            own = environment | {"PARAPH_PORT": str(port)}
            host.start([*command("serve"), *no_worker], own, cwd=ROOT, port=port)
        for _ in range(workers):
            apart.start(command("worker"), environment, cwd=ROOT)
        seeder.prepare()
        yield Paraph(host, seeder, environment, apart)
    finally:
        host.stop()
        apart.stop()


def command(*words: str) -> list[str]:
    """``paraph …`` of this checkout."""
    return [sys.executable, "-m", "paraph", *words]


def environment_of(
    folder: Path, port: int, database_url: str = "", settings: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """The environment of an installation in ``folder``; ``settings`` by name without the prefix."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARAPH_")}
    own = {
        "host": "127.0.0.1",
        "port": str(port),
        "public_url": f"http://127.0.0.1:{port}",
        "data_dir": str(folder / "data"),
        "database_url": database_url,
        "api_rate_limit": NO_LIMIT,
        "access_token_seconds": "36000",
        "authorization_code_seconds": "600",
        "waiting_jobs": NO_LIMIT,
        "asks_per_hour": NO_LIMIT,
    }
    return inherited | {f"PARAPH_{name.upper()}": value for name, value in (own | dict(settings)).items() if value}
