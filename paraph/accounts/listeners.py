"""What accounts do when something happens below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.events import CallbackSwitchedOff, DeliveryGivenUp

from .letters import callback_switched_off_letter, delivery_given_up_letter
from .queries import load_account

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts


def listen(facts: Facts) -> None:
    """Subscribe."""
    facts.subscribe(DeliveryGivenUp, tell_owner)
    facts.subscribe(CallbackSwitchedOff, tell_switched_off)


def tell_switched_off(tx: WriteTx, fact: CallbackSwitchedOff, kit: Kit) -> None:
    """Mail the owner of an account whose callback URL gets no events any more."""
    if fact.account_pk is not None:
        account = load_account(tx, fact.account_pk)
        callback_switched_off_letter(tx, account, fact.url, fact.failed_events, kit=kit)


def tell_owner(tx: WriteTx, fact: DeliveryGivenUp, kit: Kit) -> None:
    """Mail the owner of an account whose callback URL did not take an event (an app's owner is told by apps)."""
    if fact.account_pk is not None:
        account = load_account(tx, fact.account_pk)
        delivery_given_up_letter(tx, account, fact.url, fact.event_type, kit=kit)
