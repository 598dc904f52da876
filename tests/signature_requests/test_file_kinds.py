"""What may be sent, over HTTP: every kind of file, hostile ones, the limits, and files signed before."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from sqlalchemy import select

from paraph.documents import DocumentWorkers, OfficeConverter
from paraph.events import set_callback
from paraph.events.models import events
from paraph.signature_requests import chain_of
from paraph.signature_requests.models import request_documents
from paraph.signature_requests.queries import find_request
from tests.documents import nasty, office
from tests.documents.samples import picture, text_pdf_bytes
from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, log_in, make_person
from tests.helpers.requests import Sent, accepted, error_of, mails_to, nda, post_send, sign, signing_token
from tests.signature_requests.test_preparing import https_server

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def documents_of(server: Server, sent: Sent) -> list[Any]:
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    columns = request_documents.c
    mine = select(request_documents).where(columns.request_pk == request.id).order_by(columns.position)
    return server.read(lambda tx: list(tx.all(mine)))


def prepared_facts(server: Server, sent: Sent) -> list[dict[str, Any]]:
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    chain = server.read(lambda tx: chain_of(tx, request.id))
    found: list[dict[str, Any]] = next(event for event in chain if event.kind == "prepared").facts["files"]
    return found


def listen(server: Server, person: Person) -> None:
    url = "https://events.example.com/hook"
    server.write(lambda tx: set_callback(tx, account_pk=person.pk, url=url, kit=server.kit))


def heard(server: Server, person: Person) -> list[dict[str, Any]]:
    own = select(events.c.payload).where(events.c.account_pk == person.pk).order_by(events.c.id)
    return [json.loads(row.payload) for row in server.read(lambda tx: tx.all(own))]


@office.needs_sandbox
def test_every_kind_of_file_is_sent_signed_and_sealed(shared_lite: Server, anna: Person) -> None:
    """By content alone (the names lie), and T19: what was fixed is shown, audited and delivered."""
    client, address = shared_lite.api(anna.api_key), fresh_address("jack")
    files = [
        ("a.pdf", office.docx()),
        ("b.docx", "Vertrag, § 1: größer als 3\nעברית".encode()),
        ("c.exe", f"<html><body><h1>{office.WORDS}</h1></body></html>".encode()),
        ("d.txt", nda()),
        ("e.doc", picture()),
    ]
    people = [{"name": "Jack", "email_address": address}]
    sent = requests.send(shared_lite, client, files=files, signers=people)
    rows = [row for row in documents_of(shared_lite, sent) if row.kind == "upload"]
    kinds = [DOCX, "text/plain", "text/html", "application/pdf", "image/png"]
    assert [row.media_type for row in rows] == kinds
    assert [row.filename for row in rows] == [name for name, _ in files]
    page = log_in(shared_lite, anna).get(f"/requests/{sent.id}").text
    for row, facts, (_, data) in zip(rows, prepared_facts(shared_lite, sent), files, strict=False):
        uploaded = hashlib.sha256(data).hexdigest()
        stored = shared_lite.kit.files._path(row.pdf_key).read_bytes()  # type: ignore[attr-defined]
        assert (row.upload_sha256, row.pdf_sha256) == (uploaded, hashlib.sha256(stored).hexdigest())
        assert (facts["uploaded"], facts["shown"]) == (row.upload_sha256, row.pdf_sha256)
        assert row.upload_sha256 in page
        assert row.pdf_sha256 in page
    sign(shared_lite, signing_token(shared_lite, address))
    sealed = client.get(f"/v3/signature_request/files/{sent.id}").content
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        assert len(pdf.pages) > sum(row.page_count for row in rows)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "macros.docx": (
        lambda: office.zipped(office.docx_members() | {"word/vbaProject.bin": b"\xd0\xcf"}),
        "holds macros",
    ),
    "linked.docx": (lambda: office.linked_picture("http://169.254.169.254/latest/meta-data"), "from elsewhere"),
    "local.docx": (lambda: office.linked_picture("file:///etc/passwd"), "from elsewhere"),
    "cut.docx": (lambda: office.docx()[:900], "damaged"),
    "old.doc": (nasty.old_doc_of_zeros, "Save it again"),
    "locked.pdf": (nasty.password_to_open, "protected by a password"),
    "bomb.pdf": (nasty.content_of_a_gibibyte, "far more data"),
    "loop.pdf": (nasty.page_tree_loops, "damaged"),
    "laughs.pdf": (nasty.forms_that_draw_forms, "too much time or memory"),
}


@office.needs_sandbox
def test_hostile_files_are_named_and_harm_nobody(shared_lite: Server, anna: Person) -> None:
    """T24: event, status and mail carry the reason; the web process answers all the while, and others are served."""
    server, client = shared_lite, shared_lite.api(anna.api_key)
    listen(server, anna)
    address, healthy = fresh_address("jack"), fresh_address("jill")
    people = [{"name": "Jack", "email_address": address}]
    doomed = {
        name: accepted(post_send(client, files=[("good.pdf", nda()), (name, make())], signers=people))
        for name, (make, _) in HOSTILE.items()
    }
    other = accepted(
        post_send(client, files=[("x", office.docx())], signers=[{"name": "J", "email_address": healthy}])
    )
    slowest = slowest_answer_during(server, server.run_jobs)
    assert slowest < 3.0
    told = {
        one["signature_request"]["signature_request_id"]: one
        for one in heard(server, anna)
        if one["event"]["event_type"] == "file_error"
    }
    mails = "\n".join(mail.text for mail in mails_to(server, anna.email))
    for name, (_, words) in HOSTILE.items():
        found = requests.get(client, doomed[name])
        assert (found["has_error"], found["signatures"][0]["status_code"]) == (True, "error_file"), name
        message = told[doomed[name].id]["event"]["event_metadata"]["event_message"]
        assert f"“{name}” (file 2)" in message
        assert words in message, name
        assert message in mails
    assert mails_to(server, address) == []
    assert requests.get(client, other)["has_error"] is False
    assert len(mails_to(server, healthy)) == 1


def slowest_answer_during(server: Server, work: Callable[[], object]) -> float:
    """Seconds of the slowest answer of the web process while this work is done in it."""
    thread = threading.Thread(target=work)
    thread.start()
    client, slowest = server.client(), 0.0
    while thread.is_alive():
        started = time.monotonic()
        assert client.get("/").status_code < 500
        slowest = max(slowest, time.monotonic() - started)
        time.sleep(0.02)
    thread.join()
    return slowest


@office.needs_sandbox
def test_names_never_become_paths(shared_lite: Server, anna: Person) -> None:
    """T25."""
    client, address = shared_lite.api(anna.api_key), fresh_address("jack")
    names = ["../../../../tmp/paraph-was-here.pdf", "/etc/passwd", "..", "a" * 250 + ".docx", "con.docx\u202etxt"]
    people = [{"name": "Jack", "email_address": address}]
    sent = requests.send(shared_lite, client, files=[(name, office.docx()) for name in names], signers=people)
    assert requests.get(client, sent)["has_error"] is False
    assert not Path("/tmp/paraph-was-here.pdf").exists()
    root = shared_lite.kit.settings.data_dir / "files"
    for row in documents_of(shared_lite, sent):
        for key in (row.upload_key, row.pdf_key):
            assert key is None or (root / key[:2] / key[2:4] / key).is_file()
    assert not list((root / "incoming").iterdir())


# --- where Office files cannot be converted ---


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Server]:
    """A server whose operator switched conversion off."""
    with running_server(tmp_path / "data", office="off") as running:
        yield running


def test_office_files_are_refused_at_once_where_they_cannot_be_converted(
    plain: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = make_person(plain, "Alice")
    client = plain.api(alice.api_key)
    for data in (office.docx(), office.odt(), b"<html><body>x</body></html>", nasty.old_doc_of_zeros()):
        refused = post_send(client, files=[("good.pdf", nda()), ("x.docx", data)])
        assert (refused.status_code, error_of(refused)["error_path"]) == (400, "files[1]")
        assert "cannot convert Office documents" in error_of(refused)["error_msg"]
    assert accepted(post_send(client, files=[("a.txt", b"plain text")]))
    with https_server(tmp_path, {"/a.docx": (200, office.docx())}) as (far, trusting):
        monkeypatch.setattr(plain.kit.outbound._pool, "_ssl_context", trusting)
        sent = requests.send(plain, client, files=[], file_urls=[f"{far}/a.docx"])
    found = requests.get(client, sent)["signatures"][0]
    assert (found["status_code"], "cannot convert" in found["error"]) == ("error_file", True)


@office.needs_sandbox
def test_a_worker_elsewhere_may_be_able_to(tmp_path: Path) -> None:
    """A process without background work cannot know; the worker that takes the file in says no by name."""
    with running_server(tmp_path / "data", office="off", embedded_worker=False) as server:
        alice = make_person(server, "Alice")
        client = server.api(alice.api_key)
        sent = accepted(post_send(client, files=[("x.docx", office.docx())]))
        workers = server.kit.service(DocumentWorkers)
        workers.office = OfficeConverter.found()  # as on the worker's machine
        server.run_jobs()
        assert requests.get(client, sent)["has_error"] is False


# --- limits ---


@office.needs_sandbox
def test_limits_are_settings_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: dict[str, Any] = {"max_file_bytes": 3 << 20, "max_pages": 3, "max_files": 2}
    large = picture() + b"\0" * (3 << 20)
    with running_server(tmp_path / "data", **limits) as server:
        client = server.api(make_person(server, "Alice").api_key)
        refused = post_send(client, files=[("a.pdf", nda()), ("b.png", large)])
        assert "files[1] is larger than 3 MB" in error_of(refused)["error_msg"]
        refused = post_send(client, files=[("a.pdf", nda())] * 3)
        assert "at most 2 files" in error_of(refused)["error_msg"]
        refused = post_send(client, files=[], file_urls=["https://example.com/a.pdf"] * 3)
        assert "at most 2 files" in error_of(refused)["error_msg"]
        for data in (text_pdf_bytes(4), office.docx_of_pages(4), b"line\n" * 500):
            sent = requests.send(server, client, files=[("a", data)])
            assert "more than 3 pages" in requests.get(client, sent)["signatures"][0]["error"]
        asked: list[str] = []
        with https_server(tmp_path, Noting(asked, large)) as (far, trusting):
            monkeypatch.setattr(server.kit.outbound._pool, "_ssl_context", trusting)
            sent = requests.send(server, client, files=[], file_urls=[f"{far}/large.png"])
        found = requests.get(client, sent)["signatures"][0]
        assert (found["status_code"], "larger than 3 MB" in found["error"]) == ("error_file", True)
        assert asked == ["/large.png"], "what is too large stays so: it is asked for once"


class Noting(dict[str, tuple[int, bytes]]):
    """The same answer for every path, and which were asked for."""

    def __init__(self, asked: list[str], body: bytes) -> None:
        super().__init__()
        self._asked, self._body = asked, body

    def get(self, path: str, _default: Any = None) -> tuple[int, bytes]:  # type: ignore[override]
        self._asked.append(path)
        return 200, self._body


# --- files that had been signed before ---


def test_the_sender_is_told_that_a_file_had_been_signed(shared_lite: Server, anna: Person) -> None:
    """T20: recorded, flattened, never silently."""
    server, client, address = shared_lite, shared_lite.api(anna.api_key), fresh_address("jack")
    listen(server, anna)
    people = [{"name": "Jack", "email_address": address}]
    files = [("plain.pdf", nda()), ("signed.pdf", nasty.signed_field())]
    sent = requests.send(server, client, files=files, signers=people)
    assert [facts.get("flattened_signatures") for facts in prepared_facts(server, sent)][:2] == [None, 1]
    (mail,) = [mail for mail in mails_to(server, anna.email) if "signed before" in mail.subject]
    assert "signed.pdf" in mail.text
    assert "plain.pdf" not in mail.text
    event = next(one for one in heard(server, anna) if one["signature_request"]["signature_request_id"] == sent.id)
    assert event["event"]["event_type"] == "signature_request_sent"
    assert "“signed.pdf” carried digital signatures" in event["event"]["event_metadata"]["event_message"]
    page = log_in(server, anna).get(f"/requests/{sent.id}").text
    assert page.count("It carried digital signatures") == 1
    pdf = server.kit.files._path(documents_of(server, sent)[1].pdf_key)  # type: ignore[attr-defined]
    with pikepdf.open(pdf) as shown:
        assert "/AcroForm" not in shown.Root
    unsigned = requests.send(server, client, signers=people)
    event = next(
        one for one in heard(server, anna) if one["signature_request"]["signature_request_id"] == unsigned.id
    )
    assert event["event"]["event_metadata"]["event_message"] is None


def test_an_owner_password_is_taken_off_and_noted(shared_lite: Server, anna: Person) -> None:
    """T24, statement 2."""
    client = shared_lite.api(anna.api_key)
    sent = requests.send(shared_lite, client, files=[("locked.pdf", nasty.owner_password_only())])
    assert requests.get(client, sent)["has_error"] is False
    page = log_in(shared_lite, anna).get(f"/requests/{sent.id}").text
    assert "locked against changes with a password" in page
