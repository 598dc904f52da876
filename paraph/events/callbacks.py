"""Where events go: the one callback URL of an account or an app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, select, update

from paraph.kit.db import insert_or_ignore
from paraph.kit.errors import BadRequest
from paraph.kit.outbound import OutboundRefused

from .models import callbacks
from .switching import FRESH, send_what_was_kept

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

LONGEST_URL = 2000
CALLBACK_URL = "callback_url"


def set_callback(
    tx: WriteTx, *, account_pk: int | None = None, app_pk: int | None = None, url: str | None, kit: Kit
) -> None:
    """Set the callback URL of the account or app, or take it away with None.

    https, or http to this very machine while the server itself is on localhost (development). Raises BadRequest.
    """
    if url is not None:
        check_callback_url(url, kit)
    if url is None and callback_url(tx, account_pk=account_pk, app_pk=app_pk) is None:
        return
    before = _callback(tx, account_pk, app_pk)
    values = {"url": url, "changed_at": kit.clock.now(), "told_at": None, **FRESH}
    owner, unique = ({"account_pk": account_pk}, "account_pk") if app_pk is None else ({"app_pk": app_pk}, "app_pk")
    if not insert_or_ignore(tx, callbacks, owner | values, unique=(unique,)):
        tx.execute(update(callbacks).where(owned(callbacks, account_pk, app_pk)).values(values))
    if before is not None and url is not None:
        send_what_was_kept(tx, before, kit)


def switch_on(tx: WriteTx, *, account_pk: int | None = None, app_pk: int | None = None, kit: Kit) -> None:
    """Send events to the callback again, first those that were kept while it was off; raises BadRequest."""
    before = _callback(tx, account_pk, app_pk)
    if before is None or before.url is None:
        raise BadRequest("There is no callback URL to switch on.", path="callback_url")
    tx.execute(update(callbacks).where(callbacks.c.id == before.id).values(FRESH))
    send_what_was_kept(tx, before, kit)


def switched_off_at(tx: ReadTx, *, account_pk: int | None = None, app_pk: int | None = None) -> int | None:
    """Return since when the callback gets no events because it took none; None while it is on."""
    found: int | None = tx.scalar(select(callbacks.c.switched_off_at).where(owned(callbacks, account_pk, app_pk)))
    return found


def check_switched_on(callback: Row[Any]) -> None:
    """Raise BadRequest while the callback is switched off."""
    if callback.switched_off_at is not None:
        raise BadRequest("This callback URL is switched off. Switch it on first.", path="callback_url")


def callback_url_of(account_pk: ColumnElement[int]) -> ScalarSelect[str | None]:
    """The callback URL of the account that another statement reads, for ``keep_callback_url``."""
    return select(callbacks.c.url).where(callbacks.c.account_pk == account_pk).scalar_subquery()


def keep_callback_url(tx: ReadTx, *, account_pk: int, url: str | None) -> None:
    """Let ``callback_url`` answer for this account without asking, as long as the view lasts."""
    tx.keep((CALLBACK_URL, account_pk), (url,))


def callback_url(tx: ReadTx, *, account_pk: int | None = None, app_pk: int | None = None) -> str | None:
    """Return the callback URL of the account or app, or None."""
    kept: tuple[str | None] | None = tx.kept((CALLBACK_URL, account_pk)) if app_pk is None else None
    if kept is not None:
        return kept[0]
    url: str | None = tx.scalar(select(callbacks.c.url).where(owned(callbacks, account_pk, app_pk)))
    return url


def check_callback_url(url: str, kit: Kit) -> None:
    """Raise BadRequest for a URL that this server would not call (M11, T33)."""
    try:
        if len(url) > LONGEST_URL:
            raise OutboundRefused("it is too long")
        kit.outbound.check_url(url, https_only=True, http_loopback=kit.settings.is_development)
    except OutboundRefused as error:
        raise BadRequest(
            f"Invalid url for callback_url : {url[:LONGEST_URL]}", path="callback_url", detail=str(error)
        ) from error


def _callback(tx: WriteTx, account_pk: int | None, app_pk: int | None) -> Row[Any] | None:
    """The row as it is now; nobody else changes it until this transaction ends."""
    mine = select(callbacks).where(owned(callbacks, account_pk, app_pk))
    return tx.one_or_none(mine.with_for_update(key_share=True))


def owned(table: Any, account_pk: int | None, app_pk: int | None) -> ColumnElement[bool]:
    """The condition that a row is the account's or the app's; exactly one must be given."""
    if (account_pk is None) == (app_pk is None):
        raise ValueError("give either account_pk or app_pk")
    condition: ColumnElement[bool] = table.c.account_pk == account_pk if app_pk is None else table.c.app_pk == app_pk
    return condition
