"""Requests under any sequence of acts, through the real verbs, against a model of a page (T7, T8, T9, T28).

Senders send, cancel, remind and remove; signers view, agree, sign, decline and pass on, each also when they may not;
hours and days go by; the worker runs, or fails half-way. What the model says may be done is done, all else is
refused, and after every step the server's books agree with the model. ``PARAPH_MACHINE_EXAMPLES`` asks for a longer
run.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from paraph.documents import DocumentFailure, DocumentWorkers
from paraph.kit.errors import ParaphError
from paraph.kit.queue import failed_jobs
from paraph.signature_requests import (
    Successor,
    chain_of,
    is_intact,
    lock_for_signer,
    record_consent,
    record_declined,
    record_reassigned,
    record_signed,
    record_viewed,
    signing_link,
)
from paraph.signature_requests.queries import find_request, load_whole
from tests.conftest import database_url
from tests.documents.samples import text_pdf_bytes
from tests.harness import Server, running_server
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.receiver import receiving
from tests.helpers.requests import BROWSER, CONSENT, accepted, fill, post_send
from tests.long import long

EXAMPLES = int(os.environ.get("PARAPH_MACHINE_EXAMPLES", "0"))
STEPS = 20
DAY = 86_400
OPEN = ("sent", "partly_signed")
UNFINISHED = ("preparing", *OPEN)
ONCE = ("created", "prepared", "sent", "all_signed", "sealed", "cancelled", "cancel_confirmed", "expired", "declined")
ONE_EACH = (
    "signature_request_all_signed",
    "signature_request_canceled",
    "signature_request_expired",
    "signature_request_declined",
    "signature_request_sent",
)
"""Events that may come once."""
PLACES = st.integers(0, 5)
SMALL = text_pdf_bytes()


@dataclass
class Signer:
    """What the model knows of one signature."""

    turn: int
    status: str = "awaiting_signature"
    agreed: bool = False
    viewed: bool = False
    epoch: int = 0


@dataclass
class Request:
    """What the model knows of one request."""

    id: str
    pk: int
    signers: list[Signer]
    expires_at: int | None
    may_decline: bool
    may_reassign: bool
    state: str = "preparing"
    removed: bool = False
    old_tokens: list[str] = field(default_factory=list)

    def may_act(self, place: int, now: int) -> bool:
        """It is this signer's turn, and time is left."""
        own = self.signers[place]
        waiting = [one.turn for one in self.signers if one.status == "awaiting_signature"]
        is_turn = own.status == "awaiting_signature" and own.turn == min(waiting)
        return self.state in OPEN and is_turn and not self.is_overdue(now)

    def is_overdue(self, now: int) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    @property
    def is_signed_by_all(self) -> bool:
        return all(one.status == "signed" for one in self.signers)


class Requests(RuleBasedStateMachine):
    """The machine; ``server`` and ``sender`` are set by the test."""

    server: Server
    sender: Person
    client: httpx.Client

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.failures = 0

    # --- the sender ------------------------------------------------------------------------------------------

    @initialize(turns=st.lists(st.integers(0, 2), min_size=1, max_size=3))
    def first(self, turns: list[int]) -> None:
        self.send(turns, None, True, True)

    @precondition(lambda self: len(self.requests) < 3)
    @rule(
        turns=st.lists(st.integers(0, 2), min_size=1, max_size=3),
        days=st.sampled_from((None, 4, 8)),
        decline=st.booleans(),
        reassign=st.booleans(),
    )
    def send(self, turns: list[int], days: int | None, decline: bool, reassign: bool) -> None:
        people = [
            {"name": f"S{place}", "email_address": fresh_address("s"), "order": t} for place, t in enumerate(turns)
        ]
        expires_at = None if days is None else self.now + days * DAY
        sent = accepted(
            post_send(
                self.client,
                files=[("a.pdf", SMALL)],
                signers=people,
                expires_at=expires_at,
                allow_decline=decline,
                allow_reassign=reassign,
            )
        )
        found = self.server.read(lambda tx: find_request(tx, sent.id))
        assert found is not None
        ordered = sorted(set(turns))
        signers = [Signer(ordered.index(turn)) for turn in turns]
        self.requests.append(Request(sent.id, found.id, signers, found.expires_at, decline, reassign))

    @rule(which=PLACES)
    def cancel(self, which: int) -> None:
        one = self.pick(which)
        status = self.client.post(f"/v3/signature_request/cancel/{one.id}").status_code
        if one.removed:
            assert status == 404
        elif one.state in UNFINISHED:
            assert status == 200
            one.state = "cancelled"
        else:
            assert status == (410 if one.state == "cancelled" else 400)

    @rule(which=PLACES, who=PLACES)
    def remind(self, which: int, who: int) -> None:
        """Only checked for what it must not do: an hour must have passed, too."""
        one, place = self.pick(which), who % len(self.pick(which).signers)
        address = self.server.read(lambda tx: load_whole(tx, one.pk)).signatures[place].email_address
        answer = self.client.post(f"/v3/signature_request/remind/{one.id}", json={"email_address": address})
        assert answer.status_code in (200, 400, 404, 410), answer.text
        if answer.status_code == 200:
            assert one.may_act(place, self.now), "somebody was reminded who cannot sign"

    @rule(which=PLACES)
    def remove(self, which: int) -> None:
        one = self.pick(which)
        status = self.client.post(f"/v3/signature_request/remove/{one.id}").status_code
        if one.removed:
            assert status == 404
        elif one.state in ("complete", "declined"):
            assert status == 200
            one.removed = True
        else:
            assert status in (400, 410)

    # --- the signers -----------------------------------------------------------------------------------------

    @rule(which=PLACES, who=PLACES)
    def view(self, which: int, who: int) -> None:
        one, place, may = self.asked(which, who)
        new = self.act(one, place, lambda tx, view, kit: record_viewed(tx, view, BROWSER, kit), refused_by=None)
        assert not (new and not may)
        one.signers[place].viewed |= may

    @rule(which=PLACES, who=PLACES)
    def agree(self, which: int, who: int) -> None:
        one, place, may = self.asked(which, who)
        self.act(
            one, place, lambda tx, view, kit: record_consent(tx, view, CONSENT, BROWSER, kit), refused_by=not may
        )
        one.signers[place].agreed |= may

    @rule(which=PLACES, who=PLACES)
    def sign(self, which: int, who: int) -> None:
        one, place, may = self.asked(which, who)
        may = may and one.signers[place].agreed
        self.act(one, place, lambda tx, view, kit: record_signed(tx, view, fill(), BROWSER, kit), refused_by=not may)
        if may:
            one.signers[place].status = "signed"
            one.state = "complete" if one.is_signed_by_all else "partly_signed"

    @rule(which=PLACES, who=PLACES)
    def agree_and_sign(self, which: int, who: int) -> None:
        """So that requests get to their end often enough."""
        self.agree(which, who)
        self.sign(which, who)

    @rule(which=PLACES, who=PLACES)
    def decline(self, which: int, who: int) -> None:
        one, place, may = self.asked(which, who)
        may = may and one.may_decline
        self.act(one, place, lambda tx, view, kit: record_declined(tx, view, "No.", BROWSER, kit), refused_by=not may)
        if may:
            one.signers[place].status, one.state = "declined", "declined"

    @rule(which=PLACES, who=PLACES)
    def pass_on(self, which: int, who: int) -> None:
        one, place, may = self.asked(which, who)
        may = may and one.may_reassign and one.signers[place].epoch < 5
        if one.signers[place].epoch >= 5:
            return
        old = self.token(one, place)
        next_one = Successor("Next", fresh_address("next"), "On holiday")
        self.act(
            one, place, lambda tx, view, kit: record_reassigned(tx, view, next_one, BROWSER, kit), refused_by=not may
        )
        if may:
            one.old_tokens.append(old)
            own = one.signers[place]
            own.epoch, own.agreed, own.viewed = own.epoch + 1, False, False

    @precondition(lambda self: any(one.old_tokens for one in self.requests))
    @rule(which=PLACES)
    def use_an_old_link(self, which: int) -> None:
        tokens = [token for one in self.requests for token in one.old_tokens]
        token, kit = tokens[which % len(tokens)], self.server.kit
        with pytest.raises(ParaphError):
            self.server.write(lambda tx: record_signed(tx, lock_for_signer(tx, token, kit), fill(), BROWSER, kit))

    # --- the world -------------------------------------------------------------------------------------------

    @rule()
    def work(self) -> None:
        self.server.run_jobs()
        self.settle()

    @rule(hours=st.sampled_from((1, 13, 49)))
    def time_passes(self, hours: int) -> None:
        self.server.move(hours * 3600)

    @precondition(lambda self: self.failures < 2)
    @rule()
    def documents_fail_for_a_while(self) -> None:
        """Every child dies; what was accepted is done later."""
        self.failures += 1
        workers = self.server.kit.service(DocumentWorkers)
        broken = ("measure", "intake", "current_state", "complete", "build_signature_page")

        async def dies(*_: object, **__: object) -> None:
            raise DocumentFailure("worker_died")

        for name in broken:
            setattr(workers, name, dies)
        try:
            self.server.run_jobs()
            for one in self.requests:
                if one.state == "preparing":
                    assert self.state_of(one) == "preparing", "sent without its documents"
        finally:
            for name in broken:
                delattr(workers, name)
        self.server.move(2 * 3600)
        self.work()

    # --- what always holds -----------------------------------------------------------------------------------

    @invariant()
    def the_books_agree(self) -> None:
        for one in self.requests:
            whole = self.server.read(lambda tx, pk=one.pk: load_whole(tx, pk))  # type: ignore[misc]
            assert whole.request.state.value == one.state
            found = [signature.status.value for signature in whole.signatures]
            assert found == [signer.status for signer in one.signers]
            assert (one.state == "complete") == one.is_signed_by_all
            assert not (whole.request.is_sealed and one.state != "complete")

    @invariant()
    def the_chain_is_whole_and_says_things_once(self) -> None:
        for one in self.requests:
            chain = self.server.read(lambda tx, pk=one.pk: chain_of(tx, pk))  # type: ignore[misc]
            assert is_intact(chain)
            assert [event.sequence for event in chain] == list(range(1, len(chain) + 1))
            counted = Counter(event.kind for event in chain)
            assert [kind for kind in ONCE if counted[kind] > 1] == []
            signed = Counter(event.facts["signature"] for event in chain if event.kind == "signed")
            assert set(signed.values()) <= {1}
            assert sum(signed.values()) == sum(signer.status == "signed" for signer in one.signers)
            over = [event.sequence for event in chain if event.kind in ("cancelled", "expired", "declined")]
            assert not over or not [e for e in chain if e.kind in ("signed", "consented") and e.sequence > over[0]]

    def teardown(self) -> None:
        """Everything comes to rest: nothing failed for good, what is complete is sealed, each event came once."""
        if not self.requests:
            return
        self.server.move(3 * 3600)
        self.work()
        assert self.server.read(lambda tx: failed_jobs(tx)) == []
        self.the_books_agree()
        self.the_chain_is_whole_and_says_things_once()
        for one in self.requests:
            kinds = Counter(event.kind for event in self.server.read(lambda tx, pk=one.pk: chain_of(tx, pk)))  # type: ignore[misc]
            assert kinds["sealed"] == (1 if one.state == "complete" else 0)
            if not one.removed:
                self._files_are_there_when_they_should(one)
        self.no_event_came_twice()

    # --- helpers ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return self.server.clock.now()

    def pick(self, which: int) -> Request:
        return self.requests[which % len(self.requests)]

    def asked(self, which: int, who: int) -> tuple[Request, int, bool]:
        one = self.pick(which)
        place = who % len(one.signers)
        return one, place, one.may_act(place, self.now)

    def token(self, one: Request, place: int) -> str:
        signature = self.server.read(lambda tx: load_whole(tx, one.pk)).signatures[place]
        return signing_link(self.server.kit, signature).rpartition("/")[2]

    def act(self, one: Request, place: int, verb: Callable[..., Any], *, refused_by: bool | None) -> Any:
        """Do it with the link of now; it must be refused exactly when the model says so (None: never raises)."""
        token, kit = self.token(one, place), self.server.kit
        try:
            done = self.server.write(lambda tx: verb(tx, lock_for_signer(tx, token, kit), kit))
        except ParaphError as refused:
            assert refused_by or refused_by is None, (refused.message, one)
            assert refused.status in (400, 404, 409, 410)
            return None
        assert not refused_by, ("done although it was not allowed", one)
        return done

    def state_of(self, one: Request) -> str:
        return self.server.read(lambda tx: load_whole(tx, one.pk)).request.state.value

    def settle(self) -> None:
        """What the worker does to the model."""
        for one in self.requests:
            if one.state == "preparing":
                one.state = self.state_of(one)
                assert one.state in ("preparing", "sent"), "the files are good"
            if one.state in OPEN and one.is_overdue(self.now):
                one.state = self.state_of(one)
                if one.state == "expired":
                    for signer in one.signers:
                        signer.status = "expired" if signer.status == "awaiting_signature" else signer.status

    def _files_are_there_when_they_should(self, one: Request) -> None:
        status = self.client.get(f"/v3/signature_request/files/{one.id}").status_code
        assert status == (410 if one.state == "cancelled" else status)
        if one.state == "complete":
            assert status == 200

    def no_event_came_twice(self) -> None:
        rows = self.server.read(lambda tx: tx.all(text("SELECT event_type, payload FROM events")))
        for one in self.requests:
            counted = Counter(row.event_type for row in rows if one.id.encode() in _bytes(row.payload))
            twice = {kind: counted[kind] for kind in ONE_EACH if counted[kind] > 1}
            assert not twice, twice
            signed = sum(signer.status == "signed" for signer in one.signers)
            assert counted["signature_request_signed"] == signed
            assert counted["signature_request_downloadable"] <= signed, "a new file each time"
            assert counted["signature_request_all_signed"] == (one.state == "complete")


def _bytes(payload: Any) -> bytes:
    return payload.encode() if isinstance(payload, str) else bytes(payload)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=long)])
def machine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Requests]]:
    folder = tmp_path_factory.mktemp("data")
    url = database_url(request.param, request)
    more = {"api_rate_limit": 10**7, "asks_per_hour": 10**6, "allow_private_callbacks": True}
    with receiving() as receiver, running_server(folder, url, **more) as server:
        sender = make_person(server, "Sender")
        client = server.api(sender.api_key)
        assert client.put("/v3/account", json={"callback_url": receiver.url}).status_code == 200
        known = {"server": server, "sender": sender, "client": client}
        yield type("Requests", (Requests,), known)


def test_any_sequence_of_acts_leaves_the_books_right(machine: type[Requests], request: pytest.FixtureRequest) -> None:
    is_sqlite = machine.server.kit.db.name == "sqlite"
    examples = EXAMPLES or (5 if is_sqlite else 3)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS if not EXAMPLES else 60,
            deadline=None,
            derandomize=not EXAMPLES,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
        ),
    )
