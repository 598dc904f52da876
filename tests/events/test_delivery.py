"""Delivery: what goes out, when it is tried again, when it is given up, what is shown."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from itertools import pairwise

import pytest

from paraph import events
from paraph.events import posting
from paraph.events.deliver import AT_ONCE
from paraph.events.schedule import RETRY_WAITS_SECONDS
from paraph.kit.errors import BadRequest, NotFound
from paraph.kit.queue import Runner
from paraph.main import all_jobs
from tests.events.conftest import Subscriber
from tests.helpers.accounts import make_person
from tests.helpers.receiver import Receiver, drips, floods, hangs_up, receiving, replies, waits_for

MINUTE, HOUR = 60, 3600


def test_the_waits_are_the_documented_ones() -> None:
    assert RETRY_WAITS_SECONDS == (
        5 * MINUTE,
        15 * MINUTE,
        45 * MINUTE,
        2 * HOUR + 15 * MINUTE,
        6 * HOUR + 45 * MINUTE,
        20 * HOUR + 15 * MINUTE,
    )
    assert all(later == 3 * earlier for earlier, later in pairwise(RETRY_WAITS_SECONDS))
    assert posting.ANSWER_SECONDS == 30


def test_what_the_receiver_gets(subscriber: Subscriber) -> None:
    subscriber.record(related_signature_id="ab" * 16, message="a message")
    subscriber.server.run_jobs()
    (received,) = subscriber.receiver.received
    assert received.path == "/hook"
    assert set(received.fields) == {"json"}
    assert received.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert received.headers["user-agent"].startswith("Paraph/")
    assert received.headers["content-length"] == str(len(received.body))
    event = received.event
    assert event["event"]["event_time"] == str(subscriber.server.clock.now())
    assert event["event"]["event_metadata"] == {
        "related_signature_id": "ab" * 16,
        "reported_for_account_id": subscriber.person.account_id,
        "reported_for_app_id": None,
        "event_message": "a message",
    }
    assert event["account_guid"] == subscriber.person.account_id
    assert event["signature_request"] == {"title": "Vertrag – 契約"}
    key = subscriber.person.api_key
    assert event["event"]["event_hash"] == events.event_hash(
        key, event["event"]["event_time"], "signature_request_sent"
    )


def test_the_receiver_can_see_a_changed_body_and_a_replay(subscriber: Subscriber) -> None:
    subscriber.record()
    subscriber.server.run_jobs()
    (received,) = subscriber.receiver.received
    key, now = subscriber.person.api_key, subscriber.server.clock.now()
    assert received.is_signed_with(key, now=now)
    assert not received.is_signed_with("0" * 64, now=now)
    assert not received.is_signed_with(key, now=now + 301)
    changed = replace(received, body=received.body.replace(b"Vertrag", b"Vortrag"))
    assert not changed.is_signed_with(key, now=now)


def test_a_taken_event_is_not_sent_again(subscriber: Subscriber) -> None:
    subscriber.record()
    subscriber.server.run_jobs()
    subscriber.server.move(40 * HOUR)
    subscriber.server.run_jobs()
    assert len(subscriber.receiver.received) == 1
    (delivery,) = subscriber.deliveries()
    assert (delivery.state, delivery.tries, delivery.next_try_at) == ("delivered", 1, None)
    (attempt,) = delivery.attempts
    assert (attempt.status, attempt.answer, attempt.error) == (200, "Hello API Event Received", None)
    assert attempt.url == subscriber.receiver.url
    assert json.loads(delivery.request_body) == subscriber.receiver.received[0].event


def test_words_around_the_expected_ones_do_no_harm(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [replies(body=b"<p>Hello API Event Received</p>\n")]
    subscriber.record()
    subscriber.server.run_jobs()
    assert [one.state for one in subscriber.deliveries()] == ["delivered"]


def test_seven_tries_on_the_second_then_given_up(subscriber: Subscriber) -> None:
    server, receiver = subscriber.server, subscriber.receiver
    receiver.always = replies(503, b"down")
    told: list[events.DeliveryGivenUp] = []
    server.kit.facts.subscribe(events.DeliveryGivenUp, lambda tx, fact, kit: told.append(fact))
    start = server.clock.now()
    subscriber.record()
    server.run_jobs()
    for tries, wait in enumerate(RETRY_WAITS_SECONDS, start=1):
        assert len(receiver.received) == tries
        assert subscriber.deliveries()[0].next_try_at == server.clock.now() + wait
        server.move(wait - 1)
        server.run_jobs()
        assert len(receiver.received) == tries, "not a second early"
        assert told == []
        server.move(1)
        server.run_jobs()
    assert server.clock.now() - start == 30 * HOUR + 20 * MINUTE
    server.move(100 * HOUR)
    server.run_jobs()
    assert len(receiver.received) == 7
    assert len({one.body for one in receiver.received}) == 1, "the same bytes each time"
    assert len({one.delivery_id for one in receiver.received}) == 1
    (delivery,) = subscriber.deliveries()
    assert (delivery.state, delivery.tries, delivery.next_try_at) == ("given_up", 7, None)
    assert [attempt.error for attempt in delivery.attempts] == ["The receiver answered 503; only 200 counts."] * 7
    assert [attempt.answer for attempt in delivery.attempts] == ["down"] * 7
    mine = [fact for fact in told if fact.account_pk == subscriber.person.pk]
    assert mine == [events.DeliveryGivenUp(subscriber.person.pk, None, receiver.url, "signature_request_sent")]


def test_each_try_is_signed_for_its_own_moment(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [replies(500)]
    subscriber.record()
    subscriber.server.run_jobs()
    subscriber.server.move(5 * MINUTE)
    subscriber.server.run_jobs()
    key, now = subscriber.person.api_key, subscriber.server.clock.now()
    first, second = subscriber.receiver.received
    assert not first.is_signed_with(key, now=now, tolerance=60)
    assert second.is_signed_with(key, now=now, tolerance=60)
    assert [one.state for one in subscriber.deliveries()] == ["delivered"]


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (replies(404), 404, "The receiver answered 404; only 200 counts."),
        (replies(201), 201, "The receiver answered 201; only 200 counts."),
        (
            replies(302, headers=[("Location", "http://127.0.0.1:1/")]),
            302,
            "The receiver answered 302; redirects are not followed.",
        ),
        (replies(200, b"OK"), 200, 'The answer does not hold the words "Hello API Event Received".'),
        (replies(200, b""), 200, 'The answer does not hold the words "Hello API Event Received".'),
        (
            replies(200, b"\x00\xff\xfe nonsense"),
            200,
            'The answer does not hold the words "Hello API Event Received".',
        ),
        (floods, 200, 'The answer does not hold the words "Hello API Event Received".'),
        (hangs_up, None, "Server disconnected without sending a response."),
    ],
)
def test_a_wrong_answer_is_a_failure_with_its_words(
    subscriber: Subscriber, answer: object, status: int | None, words: str
) -> None:
    subscriber.receiver.answers = [answer]  # type: ignore[list-item]
    subscriber.record()
    subscriber.server.run_jobs()
    (delivery,) = subscriber.deliveries()
    (attempt,) = delivery.attempts
    assert (delivery.state, attempt.status, attempt.error) == ("waiting", status, words)
    assert len(attempt.answer or "") <= posting.ANSWER_CHARACTERS_KEPT


@pytest.mark.parametrize("slow", [waits_for(threading.Event()), drips(5)], ids=["silent", "dripping"])
def test_a_slow_answer_is_a_failure(subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch, slow: object) -> None:
    monkeypatch.setattr(posting, "ANSWER_SECONDS", 0.5)
    subscriber.receiver.answers = [slow]  # type: ignore[list-item]
    subscriber.record()
    subscriber.server.run_jobs()
    (delivery,) = subscriber.deliveries()
    assert [attempt.error for attempt in delivery.attempts] == ["No full answer within 0.5 seconds."]
    assert 400 <= delivery.attempts[0].milliseconds <= 3000


def test_nobody_listening(subscriber: Subscriber) -> None:
    with receiving() as gone:
        subscriber.set_url(gone.url)
    subscriber.record()
    subscriber.server.run_jobs()
    (delivery,) = subscriber.deliveries()
    assert delivery.state == "waiting"
    assert "connect" in (delivery.attempts[0].error or "").lower()


def test_a_corrected_url_mends_what_waits_and_none_drops_it(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [replies(500), replies(500)]
    subscriber.record("signature_request_sent")
    subscriber.server.run_jobs()
    with receiving() as corrected:
        subscriber.set_url(corrected.url)
        subscriber.server.move(5 * MINUTE)
        subscriber.server.run_jobs()
        assert corrected.types == ["signature_request_sent"]
    subscriber.set_url(subscriber.receiver.url)
    subscriber.record("signature_request_viewed")
    subscriber.server.run_jobs()
    subscriber.set_url(None)
    subscriber.server.move(5 * MINUTE)
    subscriber.server.run_jobs()
    assert subscriber.receiver.types == ["signature_request_sent", "signature_request_viewed"]
    assert [one.state for one in subscriber.deliveries()] == ["dropped", "delivered"]


def test_a_replay_is_a_new_delivery_of_the_same_bytes(subscriber: Subscriber) -> None:
    subscriber.record()
    subscriber.server.run_jobs()
    subscriber.server.move(HOUR)
    (original,) = subscriber.deliveries()
    replayed = subscriber.replay(original.delivery_id)
    subscriber.server.run_jobs()
    first, second = subscriber.receiver.received
    assert first.fields == second.fields
    assert (first.delivery_id, second.delivery_id) == (original.delivery_id, replayed)
    assert second.is_signed_with(subscriber.person.api_key, now=subscriber.server.clock.now())
    shown = subscriber.deliveries()
    assert [(one.delivery_id, one.is_replay) for one in shown] == [
        (replayed, True),
        (original.delivery_id, False),
    ]
    assert shown[0].payload_sha256 == shown[1].payload_sha256


def test_nobody_replays_or_sees_what_is_not_theirs(subscriber: Subscriber) -> None:
    subscriber.record()
    subscriber.server.run_jobs()
    (theirs,) = subscriber.deliveries()
    outsider = Subscriber(subscriber.server, make_person(subscriber.server, "Mallory"), subscriber.receiver)
    outsider.set_url(subscriber.receiver.url)
    assert outsider.deliveries() == []
    for delivery_id in (theirs.delivery_id, "0" * 32, "", "x" * 500):
        with pytest.raises(NotFound):
            outsider.replay(delivery_id)
    subscriber.set_url(None)
    with pytest.raises(BadRequest, match="no callback URL"):
        subscriber.replay(theirs.delivery_id)


def test_deliveries_come_in_pages_newest_first(subscriber: Subscriber) -> None:
    for _ in range(5):
        subscriber.record()
    read = subscriber.server.read
    pages = [
        read(lambda tx, page=page: events.deliveries_of(tx, account_pk=subscriber.person.pk, page=page, page_size=2))
        for page in (1, 2, 3, 4)
    ]
    assert [(len(page), page.has_more) for page in pages] == [(2, True), (2, True), (1, False), (0, False)]
    subscriber.server.run_jobs()


def test_slow_receivers_delay_nobody_else(subscriber: Subscriber, receiver: Receiver) -> None:
    """Twenty receivers that do not answer, each with ten events waiting, and one that is quick."""
    server, release = subscriber.server, threading.Event()
    with receiving() as slow:
        slow.always = waits_for(release)
        for _ in range(20):
            stuck = Subscriber(server, make_person(server), slow)
            stuck.set_url(slow.url)
            for _ in range(10):
                stuck.record()
        subscriber.record("signature_request_viewed")
        runner = Runner(server.kit, all_jobs())
        running = asyncio.run_coroutine_threadsafe(runner.run(), server.loop)
        receiver.wait_for(1, seconds=15)
        slow.wait_for(20 * AT_ONCE)
        assert len(slow.received) == 20 * AT_ONCE, "no receiver gets more at a time"
        subscriber.record("signature_request_signed")
        receiver.wait_for(2, seconds=15)
        release.set()
        slow.wait_for(200)
        runner.stop()
        running.result(20)
