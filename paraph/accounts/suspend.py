"""Stop an account, and let it go on: a fact with who, when and why (``operator_acts``).

While it is suspended nobody can log in to it, its keys and tokens open nothing, its apps work for nobody, and what it
sent rests: nobody can sign it and nobody is reminded. Nothing is lost by it, so that a mistake can be undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from paraph.kit.errors import BadRequest, Conflict, NotFound

from .facts import AccountResumed, AccountSuspended
from .letters import resumed_letter, suspended_letter
from .models import accounts
from .operator_acts import record_act
from .queries import find_account, load_account
from .sessions import end_sessions

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

    from .account import Account

LONGEST_REASON = 1000


def suspend_account(tx: WriteTx, account_id: str, reason: str, *, by: Caller | None = None, kit: Kit) -> Account:
    """Stop everything the account does, at once. Raises NotFound, BadRequest (no reason, oneself) or Conflict."""
    account, reason = _found(tx, account_id), _reason(reason)
    if by is not None and by.account_pk == account.pk:
        raise BadRequest("You cannot suspend your own account.")
    running = update(accounts).where(accounts.c.id == account.pk, accounts.c.suspended_at.is_(None))
    if tx.changed(running.values(suspended_at=kit.clock.now())) != 1:
        raise Conflict("This account is suspended already.")
    end_sessions(tx, account.pk)
    kit.facts.publish(tx, AccountSuspended(account.pk), kit)
    record_act(tx, by, "account_suspended", account.account_id, account_pk=account.pk, note=reason, kit=kit)
    suspended_letter(tx, account, reason, kit=kit)
    return load_account(tx, account.pk)


def resume_account(tx: WriteTx, account_id: str, *, by: Caller | None = None, kit: Kit) -> Account:
    """End a suspension: the account, its apps and its requests go on where they were. Raises NotFound or Conflict."""
    account = _found(tx, account_id)
    stopped = update(accounts).where(accounts.c.id == account.pk, accounts.c.suspended_at.is_not(None))
    if tx.changed(stopped.values(suspended_at=None)) != 1:
        raise Conflict("This account is not suspended.")
    kit.facts.publish(tx, AccountResumed(account.pk), kit)
    record_act(tx, by, "account_resumed", account.account_id, account_pk=account.pk, kit=kit)
    resumed_letter(tx, account, kit=kit)
    return load_account(tx, account.pk)


def _found(tx: WriteTx, account_id: str) -> Account:
    account = find_account(tx, account_id=account_id)
    if account is None:
        raise NotFound("There is no such account.")
    return account


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise BadRequest("Give a reason: it is mailed to the account's owner.", path="reason")
    if len(reason) > LONGEST_REASON:
        raise BadRequest(f"The reason must be at most {LONGEST_REASON} characters long.", path="reason")
    return reason
