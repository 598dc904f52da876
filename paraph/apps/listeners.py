"""What this room does about the facts of lower rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import PasswordReset
from paraph.events import DeliveryGivenUp

from .delete_app import delete_apps_of
from .letters import tell_delivery_given_up
from .queries import load_app

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts


def listen(facts: Facts) -> None:
    """Subscribe."""
    facts.subscribe(DeliveryGivenUp, _mail_owner)
    facts.subscribe(PasswordReset, _drop_what_a_stranger_registered)


def _mail_owner(tx: WriteTx, fact: DeliveryGivenUp, kit: Kit) -> None:
    if fact.app_pk is not None:
        app = load_app(tx, fact.app_pk)
        tell_delivery_given_up(tx, app, url=fact.url, event_type=fact.event_type, kit=kit)


def _drop_what_a_stranger_registered(tx: WriteTx, fact: PasswordReset, kit: Kit) -> None:
    """A stranger who had used this address would still know the secrets of the apps registered under it."""
    if fact.was_unconfirmed:
        delete_apps_of(tx, fact.account_pk, kit=kit)
