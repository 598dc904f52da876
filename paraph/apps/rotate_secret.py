"""Give an app a new client secret (oauth.md M10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from paraph.kit.errors import BadRequest, Conflict

from .client_secrets import issue_secret, secrets_of
from .facts import AppSecretRotated
from .models import api_app_secrets, api_apps
from .queries import load_own_app

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

HOUR = 3600
DAY = 24 * HOUR
GRACE_SECONDS = (0, HOUR, DAY, 7 * DAY)
"""How long the old secret may go on working."""

MOST_LIVE = 3
ENDED_KEPT_SECONDS = 30 * DAY


def rotate_secret(
    tx: WriteTx, caller: Caller, client_id: str, *, grace: int, compromised: bool = False, kit: Kit
) -> str:
    """Return the app's new secret; the old one works for ``grace`` seconds more.

    ``compromised`` ends every older secret at once. Raises NotFound, BadRequest, and Conflict when somebody
    else rotates at this moment.
    """
    app = load_own_app(tx, caller, client_id)
    _lock(tx, app.pk)
    if grace not in GRACE_SECONDS:
        raise BadRequest("Choose how long the old secret keeps working.", path="grace")
    now = kit.clock.now()
    if compromised or grace == 0:
        end_old_secrets(tx, caller, client_id, kit=kit)
    elif len(secrets_of(tx, app.pk, kit)) >= MOST_LIVE:
        raise BadRequest("Too many old secrets still work. End them first, then rotate.", path="grace")
    t = api_app_secrets
    ends_at = now if compromised else now + grace
    ended = update(t).where(t.c.app_pk == app.pk, t.c.ends_at.is_(None)).values(ends_at=ends_at)
    if tx.changed(ended) != 1:
        raise Conflict("The secret was changed a moment ago. Reload the page to see it.")
    tx.execute(delete(t).where(t.c.app_pk == app.pk, t.c.ends_at < now - ENDED_KEPT_SECONDS))
    plain = issue_secret(tx, app_pk=app.pk, account_pk=app.owner_pk, kit=kit)
    kit.facts.publish(tx, AppSecretRotated(app_pk=app.pk, compromised=compromised), kit)
    return plain


def end_old_secrets(tx: WriteTx, caller: Caller, client_id: str, *, kit: Kit) -> int:
    """Stop every secret but the current one and return how many stopped; raises NotFound."""
    app = load_own_app(tx, caller, client_id)
    _lock(tx, app.pk)
    t, now = api_app_secrets, kit.clock.now()
    return tx.changed(update(t).where(t.c.app_pk == app.pk, t.c.ends_at > now).values(ends_at=now))


def _lock(tx: WriteTx, app_pk: int) -> None:
    """Wait for whoever does something on the strength of a secret at this moment (``authenticate_client``).

    What that makes is then there to be revoked. By the app's row: who proves a secret must not wait for others.
    """
    tx.execute(select(api_apps.c.id).where(api_apps.c.id == app_pk).with_for_update())
