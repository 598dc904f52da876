"""Choose how strictly the token endpoint treats an app (oauth.md, Decisions taken)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update

from paraph.kit.errors import BadRequest

from .models import api_apps
from .queries import load_app, load_own_app

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

    from .app import App

PROFILES = ("walkthrough", "standard")
LEAST_TOKEN_SECONDS = 60
MOST_TOKEN_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Protocol:
    """The profile, whether refreshing needs the secret, the life of access tokens (None: the server's setting)."""

    profile: str
    refresh_needs_secret: bool
    access_token_seconds: int | None


def set_protocol(tx: WriteTx, caller: Caller, client_id: str, wanted: Protocol, *, kit: Kit) -> App:
    """Return the app with its new switches; raises NotFound or BadRequest."""
    app = load_own_app(tx, caller, client_id)
    if wanted.profile not in PROFILES:
        raise BadRequest("Choose one of the two profiles.", path="profile")
    seconds = wanted.access_token_seconds
    if seconds is not None and not LEAST_TOKEN_SECONDS <= seconds <= MOST_TOKEN_SECONDS:
        raise BadRequest(
            f"Access tokens live between {LEAST_TOKEN_SECONDS} and {MOST_TOKEN_SECONDS} seconds.",
            path="access_token_seconds",
        )
    columns = {
        "profile": wanted.profile,
        "refresh_needs_secret": wanted.refresh_needs_secret,
        "access_token_seconds": seconds,
    }
    tx.execute(update(api_apps).where(api_apps.c.id == app.pk).values(columns))
    return load_app(tx, app.pk)
