"""Sign up: an account, a session at once, and a mail to confirm the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .account import Account, NewAccount
from .activity import record
from .addresses import MailAddress, read_address
from .confirm import ADDRESS, new_confirmation
from .create import AccountExists, add_account
from .letters import confirmation_letter
from .sessions import start_session
from .throttle import count_sign_up, may_mail

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx


def sign_up(tx: WriteTx, wanted: NewAccount, client: Client, *, kit: Kit, replaces: str | None = None) -> str:
    """Return the token of the new account's first session; raises AccountExists, BadRequest, TooManyRequests.

    An address that has an account counts too: otherwise the page would tell of any number of addresses.
    """
    count_sign_up(tx, client, kit)
    try:
        account = add_account(tx, wanted, kit=kit)
    except AccountExists as error:
        error.keeps_writes = True
        raise
    record(tx, account.pk, "signed_up", client, kit=kit)
    ask_to_confirm(tx, account, read_address(account.email_address), kit=kit)
    return start_session(tx, account.pk, client, kit=kit, replaces=replaces)


def ask_to_confirm(tx: WriteTx, account: Account, address: MailAddress, *, kit: Kit) -> bool:
    """Mail a (new) confirmation link; False when too many were sent there within the hour."""
    if not may_mail(tx, address, kit):
        return False
    confirmation_letter(tx, account, new_confirmation(tx, account, ADDRESS, kit=kit), kit=kit)
    return True
