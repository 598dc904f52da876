"""Somebody with a callback, and the far side that it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from paraph import events
from tests.harness import Server
from tests.helpers.accounts import Person, make_person
from tests.helpers.receiver import Receiver, receiving


@dataclass
class Subscriber:
    """An account whose callback leads to ``receiver``."""

    server: Server
    person: Person
    receiver: Receiver

    @property
    def audience(self) -> events.Audience:
        return events.Audience(
            account_pk=self.person.pk, account_id=self.person.account_id, hash_key=self.person.api_key
        )

    def record(self, event_type: str = "signature_request_sent", **more: Any) -> None:
        body = more.pop("body", {"signature_request": {"title": "Vertrag – 契約"}})
        self.server.write(
            lambda tx: events.record_event(
                tx, event_type=event_type, body=body, audience=[self.audience], kit=self.server.kit, **more
            )
        )

    def set_url(self, url: str | None) -> None:
        self.server.write(lambda tx: events.set_callback(tx, account_pk=self.person.pk, url=url, kit=self.server.kit))

    def deliveries(self, **more: Any) -> list[events.Delivery]:
        return list(self.server.read(lambda tx: events.deliveries_of(tx, account_pk=self.person.pk, **more)))

    def replay(self, delivery_id: str) -> str:
        return self.server.write(
            lambda tx: events.replay_delivery(tx, delivery_id, account_pk=self.person.pk, kit=self.server.kit)
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A far side that takes every event unless told otherwise."""
    with receiving() as running:
        yield running


@pytest.fixture
def subscriber(shared_server: Server, receiver: Receiver) -> Subscriber:
    """A new account whose callback is the receiver; on both engines."""
    made = Subscriber(shared_server, make_person(shared_server), receiver)
    made.set_url(receiver.url)
    return made
