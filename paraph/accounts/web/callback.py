"""The callback URL of an account: set, test, see what was delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts.api_keys import primary_api_key
from paraph.events import (
    callback_url,
    deliveries_of,
    replay_delivery,
    send_test,
    set_callback,
    switch_on,
    switched_off_at,
)
from paraph.kit.errors import BadRequest
from paraph.kit.http import Page, Redirect, Visit, form, page

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

PATH = "/settings/callback"


@page(PATH)
def show_callback(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The URL, the test button, the latest deliveries."""
    return _page(tx, visit, {})


@form(PATH)
def save_callback(tx: WriteTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """Save or clear the URL."""
    url = visit.text("callback_url") or None
    try:
        set_callback(tx, account_pk=visit.signed_in.account_pk, url=url, kit=kit)
    except BadRequest as error:
        return _page(tx, visit, {"callback_url": error.message})
    return Redirect(PATH, notice="Saved." if url else "The callback URL is cleared; events go nowhere.")


@form(PATH + "/test")
def send_test_event(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Send the vendor's callback_test event."""
    caller = visit.signed_in
    if callback_url(tx, account_pk=caller.account_pk) is None:
        return Redirect(PATH, notice="Save a callback URL first.")
    key = primary_api_key(tx, caller.account_pk, kit)
    send_test(tx, account_pk=caller.account_pk, account_id=caller.account_id, hash_key=key, kit=kit)
    return Redirect(PATH, notice="A test event is on its way. Reload this page to see the answer.")


@form(PATH + "/switch-on")
def switch_callback_on(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Send events again after they had been switched off, first those that were kept."""
    switch_on(tx, account_pk=visit.signed_in.account_pk, kit=kit)
    return Redirect(PATH, notice="Switched on. What was kept is on its way.")


@form(PATH + "/deliveries/{delivery_id}/replay")
def replay(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Send the same event again."""
    replay_delivery(tx, visit.path["delivery_id"], account_pk=visit.signed_in.account_pk, kit=kit)
    return Redirect(PATH, notice="The event is on its way again. Reload this page to see the answer.")


def _page(tx: ReadTx, visit: Visit, errors: dict[str, str]) -> Page:
    account_pk = visit.signed_in.account_pk
    context = {
        "errors": errors,
        "saved_url": callback_url(tx, account_pk=account_pk),
        "switched_off_at": switched_off_at(tx, account_pk=account_pk),
        "values": {"callback_url": visit.text("callback_url") if errors else callback_url(tx, account_pk=account_pk)},
        "deliveries": deliveries_of(tx, account_pk=account_pk),
    }
    return Page("accounts/callback.html", context, status=400 if errors else 200)
