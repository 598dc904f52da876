"""What this room does when lower rooms tell it something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import AccountConfirmed, AccountResumed, PasswordReset
from paraph.apps import AppSuspended

from .cancel import stop_unsent, withdraw_unsent
from .release import release_held

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts


def listen(facts: Facts) -> None:
    """Subscribe this room."""
    facts.subscribe(PasswordReset, _drop_what_a_stranger_sent)
    facts.subscribe(AccountConfirmed, _send_what_waited)
    facts.subscribe(AccountResumed, _send_what_waited)
    facts.subscribe(AppSuspended, _stop_what_the_app_sends)


def _drop_what_a_stranger_sent(tx: WriteTx, fact: PasswordReset, kit: Kit) -> None:
    """Who resets the password of an unconfirmed account owns the mailbox, but perhaps sent none of what waits."""
    if fact.was_unconfirmed:
        withdraw_unsent(tx, fact.account_pk, kit)


def _stop_what_the_app_sends(tx: WriteTx, fact: AppSuspended, kit: Kit) -> None:
    stop_unsent(tx, fact.app_pk, kit)


def _send_what_waited(tx: WriteTx, fact: AccountConfirmed | AccountResumed, kit: Kit) -> None:
    release_held(tx, fact.account_pk, kit)
