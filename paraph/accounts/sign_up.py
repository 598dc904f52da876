"""Sign up: an account, a session at once, and a mail to confirm the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .account import Account, NewAccount
from .activity import record
from .addresses import MailAddress, read_address
from .confirm import ADDRESS, new_confirmation
from .create import add_account
from .letters import confirmation_letter
from .sessions import start_session
from .throttle import may_mail

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx


def sign_up(tx: WriteTx, wanted: NewAccount, client: Client, *, kit: Kit, replaces: str | None = None) -> str:
    """Return the token of the new account's first session; raises AccountExists, BadRequest.

    The edge counts the try first (``count_sign_up``), in a transaction of its own: an address that has an account
    counts too, for otherwise the page would tell of any number of addresses.
    """
    account = add_account(tx, wanted, kit=kit)
    record(tx, account.pk, "signed_up", client, kit=kit)
    ask_to_confirm(tx, account, read_address(account.email_address), kit=kit)
    return start_session(tx, account.pk, client, kit=kit, replaces=replaces)


def ask_to_confirm(tx: WriteTx, account: Account, address: MailAddress, *, kit: Kit) -> bool:
    """Mail a (new) confirmation link; False when too many were sent there within the hour."""
    if not may_mail(tx, address, kit):
        return False
    confirmation_letter(tx, account, new_confirmation(tx, account, ADDRESS, kit=kit), kit=kit)
    return True
