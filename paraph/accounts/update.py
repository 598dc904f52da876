"""Change an account through the API: callback URL and language (spec: accountUpdate)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from paraph.events import set_callback

from .find import visible_account
from .profile import set_locale
from .queries import load_account

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

    from .account import Account
    from .wire import AccountUpdate


def update_account(tx: WriteTx, caller: Caller, command: AccountUpdate, *, kit: Kit) -> Account:
    """Return the account as it is now; raises NotFound for another's, BadRequest for a bad URL or locale."""
    account = visible_account(tx, caller, account_id=command.account_id)
    if command.locale is not None:
        set_locale(tx, account.pk, command.locale)
    if command.callback_url is not UNSET:
        set_callback(tx, account_pk=account.pk, url=command.callback_url or None, kit=kit)
    return load_account(tx, account.pk)
