"""Change what a person may change about the account: name, language, password, address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from .activity import record
from .addresses import read_address
from .confirm import CHANGE, drop_confirmations, new_confirmation
from .facts import AppsDisconnected
from .letters import address_taken_letter, change_letters, password_changed_letter
from .locales import read_locale
from .log_in import Candidate, accept_try
from .models import accounts, confirmations
from .queries import load_account
from .reset import drop_resets
from .sessions import end_sessions
from .throttle import may_mail

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller, Client
    from paraph.kit.db import ReadTx, WriteTx


def rename(tx: WriteTx, account_pk: int, name: str) -> None:
    """Set the person's name, as ``read_name`` returned it."""
    tx.execute(update(accounts).where(accounts.c.id == account_pk).values(name=name))


def set_locale(tx: WriteTx, account_pk: int, locale: str) -> None:
    """Set the language; raises BadRequest for an unknown one."""
    tx.execute(update(accounts).where(accounts.c.id == account_pk).values(locale=read_locale(locale)))


def change_password(
    tx: WriteTx, candidate: Candidate, new_hash: str, caller: Caller, *, kit: Kit, revoke_grants: bool
) -> None:
    """Set a new password for someone who gave the old one; other sessions and pending links end."""
    account_pk = accept_try(tx, candidate, caller.client, kit=kit)
    tx.execute(update(accounts).where(accounts.c.id == account_pk).values(password_hash=new_hash))
    end_sessions(tx, account_pk, except_pk=caller.credential_pk)
    drop_resets(tx, account_pk)
    drop_confirmations(tx, account_pk, CHANGE)
    record(tx, account_pk, "password_changed", caller.client, kit=kit)
    if revoke_grants:
        kit.facts.publish(tx, AppsDisconnected(account_pk), kit)
    password_changed_letter(tx, load_account(tx, account_pk), kit=kit)


def ask_new_address(tx: WriteTx, candidate: Candidate, new_address: str, client: Client, *, kit: Kit) -> str:
    """Mail a link to the new address, and a notice to the old one; return the new address.

    Raises BadRequest for text that is no address. Whether another account has it is told to its mailbox only.
    """
    address = read_address(new_address)
    account_pk = accept_try(tx, candidate, client, kit=kit)
    account = load_account(tx, account_pk)
    record(tx, account_pk, "email_change_asked", client, kit=kit, detail={"to": address.shown})
    if not may_mail(tx, address, kit):
        return address.shown
    if tx.scalar(select(accounts.c.id).where(accounts.c.email_key == address.key, accounts.c.id != account_pk)):
        address_taken_letter(tx, address.shown, kit=kit)
    else:
        token = new_confirmation(tx, account, CHANGE, kit=kit, address=address)
        change_letters(tx, account, address.shown, token, kit=kit)
    return address.shown


def pending_address(tx: ReadTx, account_pk: int, now: int) -> str | None:
    """The new address that waits for its confirmation, or None."""
    link = confirmations.c
    waiting = (link.account_pk == account_pk) & (link.purpose == CHANGE) & link.used_at.is_(None)
    found: str | None = tx.scalar(select(link.email_address).where(waiting, link.expires_at > now))
    return found


def log_out_everywhere(tx: WriteTx, account_pk: int, client: Client, *, kit: Kit, revoke_grants: bool) -> int:
    """End every session of the account, this one too; return how many."""
    record(tx, account_pk, "logged_out_everywhere", client, kit=kit)
    if revoke_grants:
        kit.facts.publish(tx, AppsDisconnected(account_pk), kit)
    return end_sessions(tx, account_pk)
