"""What this room does about the facts of lower rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import AccountResumed, AccountSuspended, PasswordReset
from paraph.events import CallbackSwitchedOff, DeliveryGivenUp

from .decide import resume_apps_of, stop_apps_of
from .delete_app import delete_apps_of
from .letters import tell_delivery_given_up, tell_switched_off
from .queries import load_app

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts


def listen(facts: Facts) -> None:
    """Subscribe."""
    facts.subscribe(DeliveryGivenUp, _mail_owner)
    facts.subscribe(CallbackSwitchedOff, _mail_switched_off)
    facts.subscribe(PasswordReset, _drop_what_a_stranger_registered)
    facts.subscribe(AccountSuspended, _stop_apps)
    facts.subscribe(AccountResumed, _resume_apps)


def _mail_owner(tx: WriteTx, fact: DeliveryGivenUp, kit: Kit) -> None:
    if fact.app_pk is not None:
        app = load_app(tx, fact.app_pk)
        tell_delivery_given_up(tx, app, url=fact.url, event_type=fact.event_type, kit=kit)


def _mail_switched_off(tx: WriteTx, fact: CallbackSwitchedOff, kit: Kit) -> None:
    if fact.app_pk is not None:
        tell_switched_off(tx, load_app(tx, fact.app_pk), url=fact.url, failed=fact.failed_events, kit=kit)


def _drop_what_a_stranger_registered(tx: WriteTx, fact: PasswordReset, kit: Kit) -> None:
    """A stranger who had used this address would still know the secrets of the apps registered under it."""
    if fact.was_unconfirmed:
        delete_apps_of(tx, fact.account_pk, kit=kit)


def _stop_apps(tx: WriteTx, fact: AccountSuspended, kit: Kit) -> None:
    stop_apps_of(tx, fact.account_pk, kit=kit)


def _resume_apps(tx: WriteTx, fact: AccountResumed, kit: Kit) -> None:
    resume_apps_of(tx, fact.account_pk, kit=kit)
