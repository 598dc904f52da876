"""Which events are recorded, for whom, and what they show: the state at that moment (T34)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from paraph.apps import find_app
from paraph.events import event_hash, set_callback
from paraph.events.models import events
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.oauth import make_world
from tests.helpers.requests import accepted, decline, post_send, sign, signing_token

CALLBACK = "https://events.example.com/hook"


def listen(server: Server, person: Person) -> None:
    server.write(lambda tx: set_callback(tx, account_pk=person.pk, url=CALLBACK, kit=server.kit))


def listen_as_app(server: Server, client_id: str) -> int:
    app = server.read(lambda tx: find_app(tx, client_id))
    assert app is not None
    server.write(lambda tx: set_callback(tx, app_pk=app.pk, url=CALLBACK, kit=server.kit))
    return app.pk


def heard(server: Server, *, person: Person | None = None, app_pk: int | None = None) -> list[dict[str, Any]]:
    own = events.c.app_pk == app_pk if person is None else events.c.account_pk == person.pk
    rows = server.read(lambda tx: tx.all(select(events.c.payload).where(own).order_by(events.c.id)))
    return [json.loads(row.payload) for row in rows]


def types(payloads: list[dict[str, Any]]) -> list[str]:
    return [one["event"]["event_type"].removeprefix("signature_request_") for one in payloads]


def test_the_whole_way_is_announced(server: Server) -> None:
    alice, first, second = make_person(server, "Alice"), fresh_address("first"), fresh_address("second")
    listen(server, alice)
    people = [
        {"name": "First", "email_address": first, "order": 0},
        {"name": "Second", "email_address": second, "order": 1},
    ]
    sent = requests.send(server, server.api(alice.api_key), signers=people, metadata={"custom_id": 7})
    sign(server, signing_token(server, first))
    sign(server, signing_token(server, second))
    told = heard(server, person=alice)
    assert types(told) == [
        "sent",
        "viewed",
        "signed",
        "downloadable",
        "viewed",
        "signed",
        "all_signed",
        "downloadable",
    ]
    states = [[one["status_code"] for one in payload["signature_request"]["signatures"]] for payload in told]
    waits, done = "awaiting_signature", "signed"
    assert states == [[waits, waits]] * 2 + [[done, waits]] * 3 + [[done, done]] * 3
    assert [payload["signature_request"]["is_complete"] for payload in told] == [False] * 5 + [True] * 3
    assert {payload["signature_request"]["signature_request_id"] for payload in told} == {sent.id}
    assert told[0]["signature_request"]["metadata"] == {"custom_id": 7}
    related = [payload["event"]["event_metadata"]["related_signature_id"] for payload in told]
    one, two = sent.signature_id(0), sent.signature_id(1)
    assert related == [None, one, one, None, two, two, None, None]


def test_app_sender_and_signer_are_told_each_as_themselves(server: Server) -> None:
    world = make_world(server)
    bob, eve = make_person(server, "Bob"), make_person(server, "Eve", confirmed=False)
    app_pk = listen_as_app(server, world.app.client_id)
    for person in (world.user, bob, eve):
        listen(server, person)
    people = [{"name": "Bob", "email_address": bob.email}, {"name": "Eve", "email_address": eve.email}]
    requests.send(server, server.api(token=world.connect().access_token), signers=people)
    expected = {
        "app": (heard(server, app_pk=app_pk), world.user.account_id, world.app.client_id, world.owner.api_key),
        "sender": (heard(server, person=world.user), world.user.account_id, None, world.user.api_key),
        "signer": (heard(server, person=bob), bob.account_id, None, bob.api_key),
    }
    for who, (told, account_id, client_id, key) in expected.items():
        (payload,) = [one for one in told if one["event"]["event_type"] == "signature_request_sent"]
        event = payload["event"]
        assert event["event_metadata"]["reported_for_account_id"] == account_id, who
        assert event["event_metadata"]["reported_for_app_id"] == client_id, who
        assert event["event_hash"] == event_hash(key, event["event_time"], event["event_type"]), who
        assert payload["signature_request"]["client_id"] == world.app.client_id
    assert heard(server, person=eve) == [], "anybody can sign up with a foreign address"


def test_requests_without_an_app_do_not_reach_apps(shared_server: Server) -> None:
    world = make_world(shared_server)
    app_pk = listen_as_app(shared_server, world.app.client_id)
    requests.send(shared_server, shared_server.api(world.user.api_key))
    assert heard(shared_server, app_pk=app_pk) == []


def test_declined_cancelled_reminded_and_expired(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    listen(server, alice)
    jack = {"name": "Jack", "email_address": fresh_address("jack")}
    requests.send(server, client, signers=[jack], allow_decline=True)
    decline(server, signing_token(server, jack["email_address"]), "Too expensive")
    declined = heard(server, person=alice)[-1]
    assert declined["event"]["event_type"] == "signature_request_declined"
    assert declined["event"]["event_metadata"]["event_message"] == "Too expensive"
    assert declined["signature_request"]["is_declined"] is True

    second = requests.send(server, client, signers=[jack], title="Second")
    client.post(f"/v3/signature_request/remind/{second.id}", json={"email_address": jack["email_address"]})
    client.post(f"/v3/signature_request/cancel/{second.id}")
    assert types(heard(server, person=alice))[-1] == "remind", "the cancellation is confirmed by the worker"
    server.run_jobs()
    assert types(heard(server, person=alice))[-1] == "canceled"

    in_two_days = server.clock.now() + 2 * 86_400
    third = requests.send(server, client, signers=[jack], title="Third", expires_at=in_two_days)
    server.move(in_two_days - server.clock.now())
    server.run_jobs()
    server.run_jobs()
    told = heard(server, person=alice)
    assert types(told)[-1] == "expired"
    assert types(told).count("expired") == 1
    assert told[-1]["signature_request"]["signatures"][0]["status_code"] == "expired"
    assert requests.get(client, third)["signatures"][0]["status_code"] == "expired"


def test_an_unusable_file_is_announced_with_its_reason(shared_server: Server, alice: Person) -> None:
    server, client, address = shared_server, shared_server.api(alice.api_key), fresh_address("jack")
    listen(server, alice)
    people = [{"name": "Jack", "email_address": address}]
    accepted(post_send(client, files=[("broken.pdf", b"%PDF-1.7\nnot really\n%%EOF")], signers=people))
    server.run_jobs()
    (payload,) = heard(server, person=alice)
    assert payload["event"]["event_type"] == "file_error"
    assert "broken.pdf" in payload["event"]["event_metadata"]["event_message"]
    shown = payload["signature_request"]
    assert (shown["has_error"], shown["signatures"][0]["status_code"]) == (True, "error_file")


def test_no_callback_no_event(shared_server: Server, alice: Person) -> None:
    requests.send(shared_server, shared_server.api(alice.api_key))
    assert heard(shared_server, person=alice) == []
