"""API keys: each is shown once, on the page that answers its making."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts.api_keys import (
    MOST_KEYS,
    create_api_key,
    delete_api_key,
    keys_of,
    make_primary,
    regenerate_api_key,
)
from paraph.kit.errors import Conflict, NotFound
from paraph.kit.http import Page, Redirect, Visit, form, page

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

PATH = "/settings/keys"
LONGEST_PK_DIGITS = 18


@page(PATH)
def show_keys(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The account's keys, by their last characters."""
    return _page(tx, visit)


@form(PATH)
def create_key(tx: WriteTx, visit: Visit, kit: Kit) -> Page:
    """Make a key and show it."""
    try:
        key = create_api_key(tx, visit.signed_in.account_pk, visit.client, kit=kit)
    except Conflict as error:
        return _page(tx, visit, problem=error.message)
    return _page(tx, visit, new_key=key)


@form(PATH + "/{key}/regenerate")
def regenerate_key(tx: WriteTx, visit: Visit, kit: Kit) -> Page:
    """Replace a key and show the new one."""
    key = regenerate_api_key(tx, visit.signed_in.account_pk, _key_pk(visit), visit.client, kit=kit)
    return _page(tx, visit, new_key=key)


@form(PATH + "/{key}/primary")
def make_key_primary(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Sign events with this key from now on."""
    make_primary(tx, visit.signed_in.account_pk, _key_pk(visit), visit.client, kit=kit)
    return Redirect(PATH, notice="Your events are signed with this key from now on.")


@form(PATH + "/{key}/delete")
def delete_key(tx: WriteTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """Delete a key."""
    try:
        delete_api_key(tx, visit.signed_in.account_pk, _key_pk(visit), visit.client, kit=kit)
    except Conflict as error:
        return _page(tx, visit, problem=error.message)
    return Redirect(PATH, notice="The key is deleted; calls with it are refused from now on.")


def _page(tx: ReadTx, visit: Visit, *, new_key: str | None = None, problem: str | None = None) -> Page:
    context = {
        "keys": keys_of(tx, visit.signed_in.account_pk),
        "most_keys": MOST_KEYS,
        "new_key": new_key,
        "problem": problem,
    }
    return Page("accounts/keys.html", context, status=409 if problem else 200)


def _key_pk(visit: Visit) -> int:
    text = visit.path["key"]
    if not (text.isascii() and text.isdecimal()) or len(text) > LONGEST_PK_DIGITS:
        raise NotFound("There is no such API key in your account.")
    return int(text)
