"""Facts: how a lower room tells the rooms above it that something happened, without knowing them.

A fact is a frozen dataclass defined in the face of the room that publishes it. ``main`` subscribes the rooms
above. Subscribers run inside the publisher's transaction, so what they record stands or falls with the fact.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from . import Kit
    from .db import WriteTx

F = TypeVar("F")


class Facts:
    """The list of who listens to what."""

    def __init__(self) -> None:
        self._listeners: dict[type[Any], list[Callable[[WriteTx, Any, Kit], None]]] = defaultdict(list)

    def subscribe(self, fact_type: type[F], listener: Callable[[WriteTx, F, Kit], None]) -> None:
        """Call ``listener(tx, fact, kit)`` for each published fact of exactly this type."""
        self._listeners[fact_type].append(listener)

    def publish(self, tx: WriteTx, fact: object, kit: Kit) -> None:
        """Run every listener of the fact's type, in the order of subscription, inside ``tx``."""
        for listener in self._listeners[type(fact)]:
            listener(tx, fact, kit)
