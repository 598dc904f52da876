"""API apps for tests, made over HTTP."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paraph import apps
from paraph.apps.set_protocol import Protocol, set_protocol
from paraph.kit.caller import Caller, Client

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from paraph.kit.db import WriteTx
    from tests.harness import Server

CALLBACK = "https://app.example.com/oauth/callback"
SCOPES = ("basic_account_info", "request_signature")

_numbers = itertools.count(1)


@dataclass(frozen=True)
class MadeApp:
    """An app as its owner knows it."""

    client_id: str
    secret: str
    name: str
    callback_url: str


def make_app(
    owner: httpx.Client,
    *,
    name: str = "",
    callback_url: str = CALLBACK,
    scopes: Sequence[str] = SCOPES,
    domains: Sequence[str] = ("app.example.com",),
    **more: Any,
) -> MadeApp:
    """Register an app with the API client of its owner; unapproved."""
    chosen = name or f"App {next(_numbers)}"
    oauth = {"callback_url": callback_url, "scopes": list(scopes)}
    body = {"name": chosen, "domains": list(domains), "oauth": oauth} | more
    answer = owner.post("/v3/api_app", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()["api_app"]
    return MadeApp(made["client_id"], made["oauth"]["secret"], made["name"], made["oauth"]["callback_url"])


def approve(server: Server, client_id: str) -> None:
    """Approve an app as the command line does."""
    server.write(lambda tx: apps.approve_app(tx, client_id, kit=server.kit))


def suspend(server: Server, client_id: str, reason: str = "Reported by three people.") -> None:
    """Suspend an app as the command line does."""
    server.write(lambda tx: apps.suspend_app(tx, client_id, reason, kit=server.kit))


def set_profile(
    server: Server,
    client_id: str,
    profile: str,
    *,
    refresh_needs_secret: bool = False,
    access_token_seconds: int | None = None,
) -> None:
    """Choose an app's OAuth rules as its owner."""
    wanted = Protocol(profile, refresh_needs_secret, access_token_seconds)

    def verb(tx: WriteTx) -> None:
        app = apps.find_app(tx, client_id)
        assert app is not None
        owner = Caller("system", app.owner_pk, "", "", Client("", ""))
        set_protocol(tx, owner, client_id, wanted, kit=server.kit)

    server.write(verb)
