"""A stuck thing is visible within a minute, and goes on by itself when its cause is gone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update

from paraph.documents import DocumentWorkers
from paraph.events import set_callback
from paraph.kit.files import FilesUnavailable
from paraph.kit.mail import mails
from paraph.kit.queue import enqueue, jobs
from paraph.operating import stuck_now
from paraph.operating.models import stuck_things
from paraph.signature_requests.models import signature_requests
from tests.harness import Server, free_port, running_server
from tests.helpers import requests
from tests.helpers.accounts import Person, log_in, make_person
from tests.helpers.receiver import receiving, replies
from tests.kit.test_mail import postbox

MINUTE = 60
JACK = requests.JACK


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("stuck")) as server:
        yield server


@pytest.fixture(scope="module")
def operator(place: Server) -> Person:
    return make_person(place, "Olga", operator=True)


@pytest.fixture
def olga(place: Server, operator: Person) -> httpx.Client:
    """Days pass in these tests, and sessions end."""
    return log_in(place, operator)


@pytest.fixture(scope="module")
def alice(place: Server) -> Person:
    return make_person(place, "Alice")


def a_minute(server: Server) -> None:
    """Let a worker work for a minute: it looks for jobs all the time, here every fifteen seconds."""
    for _ in range(MINUTE // 15):
        server.move(15)
        server.run_jobs()


def seen(server: Server, kind: str, name: str) -> Any:
    found = server.read(stuck_now)
    return next((one for one in found if (one.kind, one.name) == (kind, name)), None)


def assert_visible(server: Server, olga: httpx.Client, kind: str, name: str, why: str) -> None:
    """On the operator's page, in the numbers and in what readiness tells, with the reason."""
    one = seen(server, kind, name)
    assert one is not None, server.read(stuck_now)
    assert why in one.reason
    assert f"{kind.capitalize()}: {name}" in olga.get("/operator").text
    server.kit.service(_figures_kept()).forget()
    numbers = httpx.get(f"{server.url}/metrics").text
    assert re.search(rf'paraph_stuck{{kind="{kind}",name="{name}"}} [1-9]', numbers), numbers
    told = httpx.get(f"{server.url}/readyz").json()["stuck"]
    assert (kind, name) in [(row["kind"], row["name"]) for row in told]


def _figures_kept() -> type[Any]:
    from paraph.operating import FiguresKept

    return FiguresKept


@contextmanager
def key_gone(server: Server) -> Iterator[None]:
    """The sealing key is out of reach, as a token that was pulled out."""
    key: Path = server.kit.settings.data_dir / "keys/seal/seal.key.pem"
    away = key.with_suffix(".away")
    key.rename(away)
    try:
        yield
    finally:
        away.rename(key)


@contextmanager
def files_gone(server: Server) -> Iterator[None]:
    """The file store does not answer, as S3 that is down."""
    original = server.kit.files.put

    async def put(_source: object) -> Any:
        raise FilesUnavailable("connection refused")

    server.kit.files.put = put  # type: ignore[method-assign]
    try:
        yield
    finally:
        server.kit.files.put = original  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("gone", "why"),
    [(key_gone, "Waits for the seal"), (files_gone, "Waits for the files: files does not answer")],
)
def test_what_is_signed_is_sealed_when_the_seal_or_the_store_is_back(
    place: Server, olga: httpx.Client, alice: Person, gone: Callable[[Server], Any], why: str
) -> None:
    api = place.api(alice.api_key)
    sent = requests.send(place, api)
    with gone(place):
        requests.sign(place, requests.signing_token(place, JACK["email_address"]))
        a_minute(place)
        assert_visible(place, olga, "request", "sealing", why)
        shown = olga.get("/operator/requests").text
        assert why in shown
        assert sent.id in shown
        assert not _is_sealed(place, sent.id)
        for _ in range(16):  # two days
            place.move(3 * 3600)
            place.run_jobs()
        assert place.read(lambda tx: tx.scalar(select(jobs.c.id).where(jobs.c.failed_at.is_not(None)))) is None
    for _ in range(6):
        a_minute(place)
    assert _is_sealed(place, sent.id)
    assert seen(place, "request", "sealing") is None
    assert "Nothing is stuck" in olga.get("/operator").text


def _is_sealed(server: Server, request_id: str) -> bool:
    t = signature_requests.c
    return bool(server.read(lambda tx: tx.scalar(select(t.is_sealed).where(t.signature_request_id == request_id))))


def test_a_request_waits_for_libreoffice_and_is_sent_when_it_is_there_again(
    place: Server, olga: httpx.Client, alice: Person, tmp_path: Path
) -> None:
    office = place.kit.service(DocumentWorkers).office
    programs = office.programs
    assert programs is not None
    rtf = b"{\\rtf1\\ansi Sign this.}"
    office.programs = replace(programs, bubblewrap=tmp_path / "no-such-bwrap")
    try:
        sent = requests.accepted(requests.post_send(place.api(alice.api_key), files=[("contract.rtf", rtf)]))
        a_minute(place)
        assert_visible(place, olga, "request", "preparing", "Waits for the office")
    finally:
        office.programs = programs
    for _ in range(6):
        a_minute(place)
    t = signature_requests.c
    state = place.read(lambda tx: tx.scalar(select(t.state).where(t.signature_request_id == sent.id)))
    assert state == "sent"


def test_mails_wait_for_the_mail_server_and_all_go_when_one_gets_through(tmp_path: Path) -> None:
    port = free_port()
    settings = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    with running_server(tmp_path / "data", **settings) as server:
        olga = log_in(server, make_person(server, "Olga", operator=True))
        alice = make_person(server, "Alice")
        api = server.api(alice.api_key)
        for _ in range(3):
            assert requests.post_send(api).status_code == 200
        a_minute(server)
        assert_visible(server, olga, "mail", "waiting", "Waits for the mail server")
        with postbox(port=port) as (box, _):
            for _ in range(6):
                a_minute(server)
            assert len(box.taken) == 3
        assert seen(server, "mail", "waiting") is None
        assert server.read(lambda tx: tx.scalar(select(mails.c.id).where(mails.c.sent_at.is_(None)))) is None


def test_a_receiver_that_fails_is_visible_and_events_go_again_by_a_button(place: Server, olga: httpx.Client) -> None:
    bob = make_person(place, "Bob")
    with receiving() as receiver:
        place.write(lambda tx: set_callback(tx, account_pk=bob.pk, url=receiver.url, kit=place.kit))
        receiver.always = replies(503)
        requests.send(place, place.api(bob.api_key))
        a_minute(place)
        assert_visible(place, olga, "delivery", "retrying", "Receivers do not answer")
        shown = olga.get("/operator/deliveries").text
        assert receiver.url in shown
        assert "The receiver answered 503" in shown
        receiver.always = None
        tried = len(receiver.received)
        _press(olga, "/operator/deliveries", r"/operator/callbacks/\d+/replay")
        place.run_jobs()
        assert len(receiver.received) > tried
        a_minute(place)
        assert seen(place, "delivery", "retrying") is None
        assert "Every receiver takes its events" in olga.get("/operator/deliveries").text


def test_given_up_deliveries_are_replayed_once(place: Server, operator: Person) -> None:
    bob = make_person(place, "Bob")
    with receiving() as receiver:
        place.write(lambda tx: set_callback(tx, account_pk=bob.pk, url=receiver.url, kit=place.kit))
        receiver.always = replies(500)
        requests.send(place, place.api(bob.api_key))
        for _ in range(7):
            place.move(80_000)
            place.run_jobs()
        olga = log_in(place, operator)
        assert "given up" in olga.get("/operator/deliveries").text
        receiver.always = None
        tried = len(receiver.received)
        path = _press(olga, "/operator/deliveries", r"/operator/deliveries/\w+/replay")
        place.run_jobs()
        assert len(receiver.received) == tried + 1
        assert path not in olga.get("/operator/deliveries").text


def test_a_lost_job_is_made_anew(place: Server, alice: Person) -> None:
    """Jobs and requests are written together; this is for what somebody deleted by hand."""
    api = place.api(alice.api_key)
    sent = requests.accepted(requests.post_send(api))
    place.write(lambda tx: tx.execute(delete(jobs).where(jobs.c.name == "signature_requests.prepare")))
    for _ in range(3):
        a_minute(place)
    assert requests.get(api, sent)["signatures"][0]["status_code"] == "awaiting_signature"
    assert place.read(lambda tx: tx.scalar(select(signature_requests.c.state).where(_of(sent.id)))) == "sent"


def _of(request_id: str) -> Any:
    return signature_requests.c.signature_request_id == request_id


def test_jobs_that_nobody_takes_up_show_without_a_worker(place: Server, olga: httpx.Client) -> None:
    place.run_jobs()
    now = place.clock.now()
    place.write(lambda tx: enqueue(tx, "signing.forget_pages", {"sha256": []}, now=now))
    place.move(400)  # and no worker runs
    shown = olga.get("/operator").text
    assert "Background work is behind." in shown
    assert "No worker takes them up" in shown
    answer = httpx.get(f"{place.url}/readyz")
    assert answer.status_code == 503
    assert answer.json()["queue"]["oldest_wait_seconds"] >= 400
    place.run_jobs()
    assert httpx.get(f"{place.url}/readyz").status_code == 200


def test_the_check_forgets_what_is_over(place: Server) -> None:
    row = {"kind": "job", "name": "gone", "total": 1, "oldest_at": 1, "reason": "", "found_at": 1, "checked_at": 1}
    place.write(lambda tx: tx.insert(stuck_things, row))
    place.move(16)
    place.run_jobs()
    assert seen(place, "job", "gone") is None


def test_a_job_that_kills_its_worker_is_left_alone_but_one_that_waits_is_not(place: Server) -> None:
    now = place.clock.now()
    many = {"attempts": 500, "error": "x", "created_at": now, "due_at": now, "lane": "work"}
    place.write(lambda tx: tx.insert(jobs, many | {"name": "kit.no_such", "payload": {}}))
    waiting = {"name": "signature_requests.delete_files", "payload": {"keys": []}, "waits_for": "files"}
    place.write(lambda tx: tx.insert(jobs, many | waiting))
    place.run_jobs()
    left = place.read(lambda tx: tx.all(select(jobs.c.name, jobs.c.failed_at).where(jobs.c.attempts > 100)))
    assert ("signature_requests.delete_files",) not in [(row.name,) for row in left]
    place.write(lambda tx: tx.execute(update(jobs).where(jobs.c.name == "kit.no_such").values(failed_at=now)))
    place.write(lambda tx: tx.execute(delete(jobs).where(jobs.c.name == "kit.no_such")))


def _press(client: httpx.Client, page: str, action: str) -> str:
    """Press the first button of the page that leads to such an address; return the address."""
    text = client.get(page).text
    found = re.search(rf'action="({action})"', text)
    assert found is not None, text
    token = text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post(found[1], data={"csrf_token": token}).status_code == 303
    return found[1]
