"""Look accounts up for a caller: one's own, and, by address, whether one exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import NotFound

from .activity import record
from .addresses import find_key
from .queries import find_account, load_account
from .throttle import count_look_up

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx, WriteTx

    from .account import Account


def visible_account(
    tx: ReadTx, caller: Caller, *, account_id: str | None = None, email_address: str | None = None
) -> Account:
    """Return the caller's own account if it is the one asked for (or none is named); raises NotFound; the id wins."""
    own = load_account(tx, caller.account_pk)
    if account_id is not None:
        asked_for_own = account_id == own.account_id
    else:
        asked_for_own = email_address is None or find_key(email_address) == find_key(own.email_address)
    if not asked_for_own:
        raise account_not_found()
    return own


def verify_address(tx: WriteTx, caller: Caller, email_address: str, *, kit: Kit) -> Account | None:
    """Return the account with that address, or None; counted per account and app, and audited (C10, M16)."""
    count_look_up(tx, caller.account_pk, caller.app_pk, kit)
    found = find_account(tx, email_address=email_address)
    detail = {"address": kit.keyring.keyed_hash("audited-address", find_key(email_address) or "").hex()}
    record(
        tx,
        caller.account_pk,
        "address_verified",
        caller.client,
        kit=kit,
        client_id=caller.client_id,
        detail=detail | {"found": found is not None},
    )
    return found


def account_not_found() -> NotFound:
    """The walkthrough's words."""
    return NotFound("Account not found")
