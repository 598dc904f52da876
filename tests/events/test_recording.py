"""Events stand and fall with their fact, and survive a crash of whoever delivers them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from paraph import events
from paraph.apps import find_app
from paraph.events.models import deliveries, delivery_attempts
from paraph.events.models import events as events_table
from paraph.events.sweep import KEPT_SECONDS
from paraph.kit.db import WriteTx
from paraph.kit.errors import BadRequest
from tests.events.conftest import Subscriber
from tests.helpers.apps import make_app
from tests.helpers.receiver import Receiver, replies


def test_a_fact_that_is_rolled_back_was_never_an_event(subscriber: Subscriber) -> None:
    def verb(tx: WriteTx) -> None:
        events.record_event(
            tx, event_type="file_error", body={}, audience=[subscriber.audience], kit=subscriber.server.kit
        )
        raise BadRequest("no")

    with pytest.raises(BadRequest):
        subscriber.server.write(verb)
    subscriber.server.run_jobs()
    assert subscriber.receiver.received == []
    assert subscriber.deliveries() == []


def test_without_a_callback_nothing_is_kept(subscriber: Subscriber) -> None:
    subscriber.set_url(None)
    subscriber.record()
    assert subscriber.deliveries() == []


@pytest.mark.parametrize("event_type", ["fax_received", "signature_request_delegated", "test", ""])
def test_types_that_sdks_refuse_cannot_be_emitted(subscriber: Subscriber, event_type: str) -> None:
    with pytest.raises(ValueError, match="not an event type"):
        subscriber.record(event_type)


def test_the_payload_is_the_state_at_the_time_of_the_event(subscriber: Subscriber) -> None:
    state = {"signature_request": {"title": "before"}}
    subscriber.record(body=state)
    state["signature_request"]["title"] = "after"
    at = subscriber.server.clock.now()
    subscriber.server.move(1000)
    subscriber.server.run_jobs()
    (received,) = subscriber.receiver.received
    assert received.event["signature_request"]["title"] == "before"
    assert received.event["event"]["event_time"] == str(at)


def test_app_and_account_each_get_their_own(subscriber: Subscriber) -> None:
    server, person, receiver = subscriber.server, subscriber.person, subscriber.receiver
    made = make_app(server.api(person.api_key), callback_url="https://app.example.com/cb")
    app = server.read(lambda tx: find_app(tx, made.client_id))
    assert app is not None
    server.write(lambda tx: events.set_callback(tx, app_pk=app.pk, url=receiver.url + "/app", kit=server.kit))
    of_app = events.Audience(
        app_pk=app.pk, account_id=person.account_id, client_id=app.client_id, hash_key=person.api_key
    )
    server.write(
        lambda tx: events.record_event(
            tx,
            event_type="signature_request_sent",
            body={"client_id": app.client_id, "signature_request": {}},
            audience=[of_app, subscriber.audience],
            kit=server.kit,
        )
    )
    server.run_jobs()
    by_path = {one.path: one.event for one in receiver.received}
    metadata = {path: event["event"]["event_metadata"] for path, event in by_path.items()}
    assert metadata["/hook/app"]["reported_for_app_id"] == app.client_id
    assert metadata["/hook"]["reported_for_app_id"] is None
    assert metadata["/hook"]["reported_for_account_id"] == person.account_id
    assert all(event["client_id"] == app.client_id for event in by_path.values())
    assert len(subscriber.deliveries()) == 1
    assert len(server.read(lambda tx: events.deliveries_of(tx, app_pk=app.pk))) == 1


def test_the_test_event(subscriber: Subscriber) -> None:
    person, kit = subscriber.person, subscriber.server.kit

    def send(tx: WriteTx) -> None:
        events.send_test(tx, account_pk=person.pk, account_id=person.account_id, hash_key=person.api_key, kit=kit)

    subscriber.server.write(send)
    subscriber.server.run_jobs()
    (received,) = subscriber.receiver.received
    assert set(received.event) == {"event", "account_guid"}
    assert received.event_type == "callback_test"
    subscriber.set_url(None)
    with pytest.raises(BadRequest):
        subscriber.server.write(send)


def test_the_owner_of_a_dead_url_is_told_once_a_day(subscriber: Subscriber) -> None:
    server, told = subscriber.server, []
    server.kit.facts.subscribe(
        events.DeliveryGivenUp, lambda tx, fact, kit: told.append(fact.account_pk == subscriber.person.pk)
    )
    subscriber.receiver.always = replies(500)
    for _ in range(4):
        subscriber.record()
    for _ in range(7):
        server.run_jobs()
        server.move(72_900)
    assert sum(told) == 1
    subscriber.record()
    for _ in range(7):
        server.run_jobs()
        server.move(72_900)
    assert sum(told) == 2


def test_the_owner_gets_a_mail(subscriber: Subscriber) -> None:
    subscriber.receiver.always = replies(500)
    subscriber.record()
    for _ in range(7):
        subscriber.server.run_jobs()
        subscriber.server.move(72_900)
    mine = [mail for mail in subscriber.server.mails() if mail["to"] == subscriber.person.email]
    assert len(mine) == 1
    assert subscriber.receiver.url in mine[0]["text"]


def test_events_are_kept_for_90_days_and_as_long_as_they_wait(subscriber: Subscriber) -> None:
    server = subscriber.server
    subscriber.record()
    server.run_jobs()
    server.move(KEPT_SECONDS - 3600)
    server.run_jobs()
    assert len(subscriber.deliveries()) == 1
    server.move(3600 * 3)
    server.run_jobs()
    assert subscriber.deliveries() == []

    def rows(tx: WriteTx) -> list[int]:
        tables = (events_table, deliveries, delivery_attempts)
        return [tx.scalar(select(func.count()).where(table.c.account_pk == subscriber.person.pk)) for table in tables]

    assert server.read(rows) == [0, 0, 0]


def test_a_dump_shows_no_key(subscriber: Subscriber, receiver: Receiver) -> None:
    subscriber.record()
    rows = subscriber.server.read(lambda tx: tx.all(select(events_table)))
    assert subscriber.person.api_key not in repr(rows)
    subscriber.server.run_jobs()
