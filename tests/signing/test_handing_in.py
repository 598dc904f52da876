"""Files that a sender asks signers for: handed in, replaced, taken back; required ones before the signature."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from paraph.documents import sniff
from paraph.signature_requests import chain_of, load_for_signer
from paraph.signing.hand_in import MOST_BYTES, is_accepted
from tests.harness import Server, running_server
from tests.helpers.accounts import log_in, make_person
from tests.helpers.signing import EXAMPLE, Sent, Signer, send, signature_picture

PASSPORT = {"name": "Passport", "signer_index": 0, "instructions": "Both sides", "required": True}
PAYSLIP = {"name": "Payslip", "signer_index": 1}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for what does not touch the database engine."""
    with running_server(tmp_path_factory.mktemp("site")) as running:
        yield running


def fresh(server: Server, *asked: dict[str, Any]) -> Sent:
    sent = send(server, make_person(server, "Jack"), "Jill Signer", "Joe Signer", attachments=list(asked))
    for signer in sent.signers:
        assert signer.view().status_code == 204
        assert signer.agree().status_code == 303
    return sent


def ids(sent: Sent) -> list[str]:
    return [one["id"] for one in sent.json()["attachments"]]


def hand_in(signer: Signer, attachment: str, data: bytes, name: str = "scan.pdf") -> httpx.Response:
    return signer.post(f"/attachments/{attachment}", files={"file": (name, data)})


def events(sent: Sent, kind: str) -> list[dict[str, Any]]:
    token = sent.signer.base.removeprefix("/sign/")
    server = sent.server
    chain = server.read(lambda tx: chain_of(tx, load_for_signer(tx, token, server.kit).request.id))
    return [event.facts for event in chain if event.kind == kind]


def test_from_the_request_to_the_zip(shared_server: Server) -> None:
    sent = fresh(shared_server, PASSPORT, PAYSLIP)
    jill, joe = sent.signers
    first, second = sent.json()["attachments"]
    assert first == {
        "id": first["id"],
        "signer": 1,
        "name": "Passport",
        "required": True,
        "instructions": "Both sides",
        "uploaded_at": None,
    }
    assert (second["signer"], second["required"], second["instructions"]) == (2, False, None)
    assert "Passport" in jill.get().text
    page = jill.get("/attachments").text
    assert "Both sides" in page
    assert "Payslip" not in page, "what others are asked for is theirs"
    answer = hand_in(jill, first["id"], EXAMPLE.read_bytes(), "../../etc/päss\u202e.pdf")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{jill.base}/attachments")
    assert "päss.pdf" in jill.get("/attachments").text
    assert sent.json()["attachments"][0]["uploaded_at"] == shared_server.clock.now()
    jill.sign_now()
    joe.sign_now()
    shared_server.run_jobs()
    assert sent.json()["is_complete"] is True
    (handed,), signed = events(sent, "attachment_uploaded"), events(sent, "signed")
    sha256 = hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert (handed["attachment"], handed["file"], handed["sha256"]) == (first["id"], "päss.pdf", sha256)
    assert signed[0]["attachments"] == [{"attachment": first["id"], "name": "Passport", "sha256": sha256}]
    assert "attachments" not in signed[1]
    answer = sent.sender.get(f"/v3/signature_request/files/{sent.request_id}?file_type=zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["lease.pdf", "attachments/01 päss.pdf"]
        assert archive.read("attachments/01 päss.pdf") == EXAMPLE.read_bytes()


def test_a_required_file_comes_before_the_signature(site: Server) -> None:
    sent = fresh(site, PASSPORT)
    jill = sent.signer
    early = jill.post("/fill", {"action": "review"})
    assert (early.status_code, 'href="#attachments"' in early.text) == (400, True)
    assert jill.adopt_typed().status_code == 303
    refused = jill.finish()
    assert refused.status_code == 400
    assert "Hand in the files that the sender needs first." in refused.text
    assert sent.status() == "awaiting_signature"
    hand_in(jill, ids(sent)[0], EXAMPLE.read_bytes())
    assert jill.finish().status_code == 303
    assert sent.status() == "signed"


def test_replace_and_take_back_until_signed(site: Server) -> None:
    sent = fresh(site, PASSPORT, PASSPORT | {"name": "Other", "required": False})
    jill, (one, other) = sent.signer, ids(sent)
    hand_in(jill, one, EXAMPLE.read_bytes(), "first.pdf")
    hand_in(jill, one, signature_picture(), "second.png")
    mine = jill.get(f"/attachments/{one}/file")
    assert mine.content == signature_picture()
    for name, value in {
        "content-type": "application/octet-stream",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
    }.items():
        assert mine.headers[name] == value
    assert mine.headers["content-disposition"].startswith("attachment;")
    hand_in(jill, other, EXAMPLE.read_bytes())
    assert jill.post(f"/attachments/{other}/remove").status_code == 303
    assert jill.post(f"/attachments/{other}/remove").status_code == 303
    assert len(events(sent, "attachment_removed")) == 1
    assert jill.get(f"/attachments/{other}/file").status_code == 404
    assert [bool(each["uploaded_at"]) for each in sent.json()["attachments"]] == [True, False]
    jill.sign_now()
    for answer in (hand_in(jill, one, EXAMPLE.read_bytes()), jill.post(f"/attachments/{one}/remove")):
        assert (answer.status_code, answer.headers["location"]) == (303, jill.base)
    assert jill.get(f"/attachments/{one}/file").content == signature_picture()


def test_who_takes_the_agreement_back_takes_the_files_back(site: Server) -> None:
    sent = fresh(site, PASSPORT)
    jill, own = sent.signer, ids(sent)[0]
    hand_in(jill, own, EXAMPLE.read_bytes())
    assert sent.json()["attachments"][0]["uploaded_at"] is not None
    jill.post("/withdraw")
    assert sent.json()["attachments"][0]["uploaded_at"] is None
    archive = sent.sender.get(f"/v3/signature_request/files/{sent.request_id}", params={"file_type": "zip"}).content
    assert not any("attachments" in name for name in zipfile.ZipFile(io.BytesIO(archive)).namelist())
    jill.agree()
    assert "Handed in" not in jill.get("/attachments").text


def test_what_is_not_taken(site: Server) -> None:
    sent = fresh(site, PASSPORT)
    jill, (one,) = sent.signer, ids(sent)
    wrong = {
        "page.pdf": b"<html><script>alert(1)</script></html>",
        "tool.exe": b"MZ\x90\x00" + b"\x00" * 200,
        "plain.txt": b"Hello",
        "bundle.zip": b"PK\x03\x04" + b"\x00" * 200,
        "empty.pdf": b"",
    }
    for name, data in wrong.items():
        answer = hand_in(jill, one, data, name)
        assert answer.status_code == 400, name
        assert 'aria-invalid="true"' in answer.text
    assert jill.post(f"/attachments/{one}").status_code == 400
    assert jill.post(f"/attachments/{one}", {"file": "text"}).status_code == 400
    too_large = hand_in(jill, one, b"%PDF-1.7\n" + b"\x00" * MOST_BYTES)
    assert (too_large.status_code, "larger than 25 MB" in too_large.text) == (400, True)
    assert sent.json()["attachments"][0]["uploaded_at"] is None


def test_only_the_signer_hands_in_and_only_the_sender_looks(site: Server) -> None:
    sent = fresh(site, PASSPORT)
    jill, joe = sent.signers
    (one,) = ids(sent)
    for answer in (
        hand_in(joe, one, EXAMPLE.read_bytes()),
        joe.post(f"/attachments/{one}/remove"),
        joe.get(f"/attachments/{one}/file"),
    ):
        assert answer.status_code == 404
    hand_in(jill, one, EXAMPLE.read_bytes())
    jack = make_person(site, "Jack")
    mine = send(site, jack, attachments=[PASSPORT])
    mine.signer.view()
    mine.signer.agree()
    path = f"/requests/{mine.request_id}/attachments/{ids(mine)[0]}"
    browser = log_in(site, jack)
    assert browser.get(path).status_code == 404, "nothing is there yet"
    hand_in(mine.signer, ids(mine)[0], EXAMPLE.read_bytes(), "scan.pdf")
    assert browser.get(path).status_code == 404, "files come with the signature"
    assert "not handed in yet" in browser.get(f"/requests/{mine.request_id}").text
    mine.signer.sign_now()
    page = browser.get(f"/requests/{mine.request_id}").text
    assert "Handed in by signers" in page
    assert path in page
    fetched = browser.get(path)
    assert (fetched.content, fetched.headers["x-content-type-options"]) == (EXAMPLE.read_bytes(), "nosniff")
    eve = log_in(site, make_person(site, "Eve"))
    assert eve.get(path).status_code == 404
    assert browser.get(f"/requests/{mine.request_id}/attachments/{one}").status_code == 404


def test_who_declines_takes_the_files_back(site: Server) -> None:
    sent = send(site, make_person(site, "Jack"), attachments=[PASSPORT], allow_decline="1")
    jill = sent.signer
    jill.view()
    jill.agree()
    hand_in(jill, ids(sent)[0], EXAMPLE.read_bytes())
    assert jill.post("/decline", {"reason": "Not my passport"}).status_code == 303
    assert sent.json()["is_declined"] is True
    assert sent.json()["attachments"][0]["uploaded_at"] is None


def test_nothing_before_the_agreement(site: Server) -> None:
    sent = send(site, make_person(site, "Jack"), attachments=[PASSPORT])
    jill, (one,) = sent.signer, ids(sent)
    jill.view()
    assert "once you have agreed" in jill.get().text
    assert jill.get("/attachments").headers["location"] == jill.base
    assert hand_in(jill, one, EXAMPLE.read_bytes()).headers["location"] == jill.base
    assert sent.json()["attachments"][0]["uploaded_at"] is None


@pytest.mark.parametrize(
    ("head", "taken"),
    [
        (b"%PDF-1.4\n", True),
        (b"\xff\xd8\xff\xe0", True),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", True),
        (b"PK\x03\x04" + b"\x00" * 26 + b"word/document.xml", True),
        (b"PK\x03\x04" + b"\x00" * 26 + b"evil.js", False),
        (b"#!/bin/sh", False),
        (b"<svg xmlns=", False),
    ],
)
def test_kinds_of_files(head: bytes, taken: bool) -> None:
    assert is_accepted(sniff(head)) is taken
