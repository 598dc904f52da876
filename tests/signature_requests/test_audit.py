"""The audit chain: every link hashed with the one before it, and insert-only in the database itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from paraph.signature_requests import chain_fault, chain_of, is_intact
from paraph.signature_requests.audit import GENESIS, AuditEvent, canonical, link_hash
from paraph.signature_requests.queries import find_request
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import make_person

FACTS = st.dictionaries(st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=20), st.booleans(), st.none()))


def chain(facts: list[dict[str, object]]) -> list[AuditEvent]:
    events: list[AuditEvent] = []
    for sequence, one in enumerate(facts, 1):
        words = canonical({**one, "sequence": sequence})
        previous = events[-1].hash if events else GENESIS
        events.append(AuditEvent(sequence, "viewed", 0, words, link_hash(previous, words)))
    return events


def test_the_hash_is_the_published_formula() -> None:
    first = hashlib.sha256(bytes(32) + b'{"a":1}').hexdigest()
    assert link_hash(GENESIS, '{"a":1}') == first
    assert link_hash(first, "é") == hashlib.sha256(bytes.fromhex(first) + "é".encode()).hexdigest()
    assert canonical({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'


@given(st.lists(FACTS, min_size=2, max_size=6), st.data())
def test_any_change_is_seen(facts: list[dict[str, object]], data: st.DataObject) -> None:
    whole = chain(facts)
    assert is_intact(whole)
    place = data.draw(st.integers(0, len(whole) - 1))
    altered = replace(whole[place], canonical=canonical({**whole[place].facts, "new": 1}))
    assert not is_intact([*whole[:place], altered, *whole[place + 1 :]])
    if place < len(whole) - 1:
        assert not is_intact([*whole[:place], *whole[place + 1 :]])


def test_the_database_refuses_to_change_events(server: Server) -> None:
    alice = make_person(server, "Alice")
    sent = requests.accepted(requests.post_send(server.api(alice.api_key)))
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    for statement in ("UPDATE audit_events SET kind = 'x'", "DELETE FROM audit_events"):
        with pytest.raises(DBAPIError, match="insert-only"):
            server.write(lambda tx, words=statement: tx.execute(text(words)))  # type: ignore[misc]
    events = server.read(lambda tx: chain_of(tx, request.id))
    assert [event.kind for event in events] == ["created"]
    assert is_intact(events)


def embedded(events: list[AuditEvent], head: str) -> bytes:
    content = {
        "head": head,
        "events": [{"sequence": one.sequence, "canonical": one.canonical, "hash": one.hash} for one in events],
    }
    return json.dumps(content).encode()


def test_the_chain_in_a_file_is_checked_against_its_head() -> None:
    whole = chain([{"a": 1}, {"b": 2}, {"c": 3}])
    head = whole[-1].hash
    assert chain_fault(embedded(whole, head), head) is None
    assert "does not end" in str(chain_fault(embedded(whole[:-1], whole[-2].hash), head))
    assert "was changed" in str(chain_fault(embedded([whole[0], whole[2]], head), head))
    assert "was changed" in str(chain_fault(embedded([], head), head))
    for nonsense in (b"", b"[]", b"{}", b'{"events": 1}', b'{"events": [{}]}', b"\xff", b"[" * 100_000, b"null"):
        assert chain_fault(nonsense, head) is not None
    for odd in ("[]", '"x"', "not json", '{"sequence": [1]}'):
        broken = [AuditEvent(1, "", 0, odd, link_hash(GENESIS, odd))]
        assert chain_fault(embedded(broken, broken[0].hash), broken[0].hash) is not None
