"""What this room does about the facts of lower rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.events import DeliveryGivenUp

from .letters import tell_delivery_given_up
from .queries import load_app

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts


def listen(facts: Facts) -> None:
    """Subscribe."""
    facts.subscribe(DeliveryGivenUp, _mail_owner)


def _mail_owner(tx: WriteTx, fact: DeliveryGivenUp, kit: Kit) -> None:
    if fact.app_pk is not None:
        app = load_app(tx, fact.app_pk)
        tell_delivery_given_up(tx, app, url=fact.url, event_type=fact.event_type, kit=kit)
