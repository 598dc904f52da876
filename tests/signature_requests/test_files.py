"""The sealed file and the ways to fetch it."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pikepdf

from paraph.documents import DocumentWorkers, SealingIdentity, Strokes
from paraph.signature_requests import (
    CHAIN_FILE,
    PROPERTY_HEAD,
    AuditEvent,
    chain_fault,
    chain_of,
    is_intact,
    lock_for_signer,
    record_signed,
)
from paraph.signature_requests.queries import find_request
from tests.documents import samples
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import Sent, error_of, fill, mails_to, nda, post_send, sign, signing_token


def files(server: Server, person: Person, sent: Sent, **query: str | int) -> bytes:
    answer = server.api(person.api_key).get(f"/v3/signature_request/files/{sent.id}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.content


def text_of(pdf: bytes, folder: Path) -> str:
    (folder / "a.pdf").write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-layout", folder / "a.pdf", "-"], capture_output=True, check=True)
    return found.stdout.decode()


def test_the_sealed_file_holds_everything(shared_lite: Server, anna: Person, tmp_path: Path) -> None:
    server, jack, cc = shared_lite, fresh_address("jack"), fresh_address("lawyer")
    client = server.api(anna.api_key)
    sent = requests.send(
        server,
        client,
        signers=[{"name": "Жак 😀 李", "email_address": jack}],
        title="Vertrag über Äpfel",
        message="Bitte\nunterschreiben.",
        cc_email_addresses=[cc],
        field_options={"date_format": "DD - MM - YYYY"},
    )
    sign(server, signing_token(server, jack), fill(Strokes((((0.1, 0.2), (0.8, 0.9), (0.3, 0.3)),), aspect=3.0)))
    pdf = files(server, anna, sent)
    identity = server.kit.service(SealingIdentity)
    (tmp_path / "sealed.pdf").write_bytes(pdf)
    verdict = server.call(server.kit.service(DocumentWorkers).verify(tmp_path / "sealed.pdf", identity.roots))
    assert verdict.intact, verdict.reasons
    text = text_of(pdf, tmp_path)
    for words in (
        "TEST DOCUMENT",
        "Certificate of completion",
        "Vertrag über Äpfel",
        sent.id,
        f"{anna.email}",
        jack,
        "203.0.113.7",
        "Testzilla/5.0",
        "Europe/Berlin",
        "2026-11",
        "Agree and finish",
        identity.subject,
        "PAdES-B-B",
        "drawn",
    ):
        assert words in text, words
    (attachment,) = verdict.attachments
    assert chain_fault(attachment.data, verdict.properties[PROPERTY_HEAD]) is None
    assert attachment.name == CHAIN_FILE
    check_chain(server, sent, attachment.data, verdict.properties["AuditChainHead"], text)


def check_chain(server: Server, sent: Sent, data: bytes, head: str, text: str) -> None:
    """The embedded chain is intact by itself, and is the database's up to the last signature."""
    embedded = json.loads(data)
    chain = [
        AuditEvent(event["sequence"], json.loads(event["canonical"])["event"], 0, event["canonical"], event["hash"])
        for event in embedded["events"]
    ]
    assert is_intact(chain)
    assert chain[-1].kind == "all_signed"
    assert chain[-1].hash == embedded["head"] == head
    assert head in text.replace("\n", "").replace(" ", "")
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    kept = server.read(lambda tx: chain_of(tx, request.id))
    assert [event.hash for event in kept][: len(chain)] == [event.hash for event in chain]
    assert is_intact(kept)
    uploaded = next(event for event in chain if event.kind == "created").facts["files"][0]["sha256"]
    assert uploaded in text


def test_pdfsig_accepts_the_seal(lite: Server, tmp_path: Path) -> None:
    alice = make_person(lite, "Alice")
    sent = requests.complete(lite, lite.api(alice.api_key))
    (tmp_path / "sealed.pdf").write_bytes(files(lite, alice, sent))
    said = subprocess.run(["pdfsig", "-nocert", tmp_path / "sealed.pdf"], capture_output=True, check=True).stdout
    assert b"Signature is Valid" in said
    assert b"Total document signed" in said


def test_too_early_is_409_and_then_each_way_works(shared_lite: Server, anna: Person) -> None:
    server, client, jack = shared_lite, shared_lite.api(anna.api_key), fresh_address("jack")
    sent = requests.accepted(post_send(client, signers=[{"name": "Jack", "email_address": jack}]))
    ways = ("files", "files_as_data_uri", "files_as_file_url", "final_copy")
    for way in ways:
        answer = client.get(f"/v3/signature_request/{way}/{sent.id}")
        assert (answer.status_code, error_of(answer)["error_name"]) == (409, "conflict")
    server.run_jobs()
    for way in ways:
        assert client.get(f"/v3/signature_request/{way}/{sent.id}").status_code == 200
    token = signing_token(server, jack)
    requests.agree(server, token)
    from paraph.signature_requests import lock_for_signer, record_signed

    server.write(
        lambda tx: record_signed(tx, lock_for_signer(tx, token, server.kit), fill(), requests.BROWSER, server.kit)
    )
    for way in ways:
        assert client.get(f"/v3/signature_request/{way}/{sent.id}").status_code == 409, "signed but not sealed yet"
    server.run_jobs()
    for way in ways:
        assert client.get(f"/v3/signature_request/{way}/{sent.id}").status_code == 200


def test_every_way_gives_the_same_bytes(shared_lite: Server, anna: Person) -> None:
    server, client = shared_lite, shared_lite.api(anna.api_key)
    sent = requests.complete(server, client, signers=[{"name": "Jack", "email_address": fresh_address("jack")}])
    answer = client.get(f"/v3/signature_request/files/{sent.id}", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/pdf"
    assert "NDA with Acme Co" in answer.headers["content-disposition"]
    pdf = answer.content
    uri = client.get(f"/v3/signature_request/files_as_data_uri/{sent.id}").json()["data_uri"]
    assert base64.b64decode(uri.removeprefix("data:application/pdf;base64,")) == pdf
    link = client.get(f"/v3/signature_request/files_as_file_url/{sent.id}").json()
    assert link["expires_at"] == server.clock.now() + 3 * 86_400
    stranger = server.client().get(link["file_url"])
    assert stranger.content == pdf
    assert stranger.headers["content-disposition"].startswith("attachment")
    inline = client.get(f"/v3/signature_request/files_as_file_url/{sent.id}?force_download=0").json()
    assert server.client().get(inline["file_url"]).headers["content-disposition"].startswith("inline")
    assert client.get(f"/v3/signature_request/final_copy/{sent.id}").content == pdf
    assert client.get(f"/v3/signature_request/files/{sent.id}?get_data_uri=1").json()["data_uri"] == uri
    assert "file_url" in client.get(f"/v3/signature_request/files/{sent.id}?get_url=1").json()
    bad = client.get(f"/v3/signature_request/files/{sent.id}?file_type=exe")
    assert (bad.status_code, error_of(bad)["error_path"]) == (400, "file_type")


def test_a_link_opens_one_thing_for_three_days(shared_lite: Server, anna: Person) -> None:
    """T4."""
    server, client = shared_lite, shared_lite.api(anna.api_key)
    one = requests.send(server, client, title="One", signers=[{"name": "J", "email_address": fresh_address("j")}])
    other = requests.send(server, client, title="Other", signers=[{"name": "J", "email_address": fresh_address("j")}])
    url = client.get(f"/v3/signature_request/files_as_file_url/{one.id}").json()["file_url"]
    body, _, mac = url.rpartition("/")[2].rpartition(".")
    decoded = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    forged = base64.urlsafe_b64encode(decoded.replace(one.id, other.id).encode()).rstrip(b"=").decode()
    longer = base64.urlsafe_b64encode(decoded.replace(".1", ".2", 1).encode()).rstrip(b"=").decode()
    browser = server.client()
    for wrong in (f"{forged}.{mac}", f"{longer}.{mac}", f"{body}.{mac}x", other.id, "x", "%ff"):
        assert browser.get(f"/files/{wrong}").status_code == 404, wrong
    assert browser.get(url).status_code == 200
    server.move(3 * 86_400)
    assert browser.get(url).status_code == 404


def test_several_files_are_one_pdf_or_a_zip(shared_lite: Server, anna: Person, tmp_path: Path) -> None:
    server, client, jack = shared_lite, shared_lite.api(anna.api_key), fresh_address("jack")
    picture = samples.picture()
    uploads = [("a.pdf", nda()), ("../a.pdf", samples.text_pdf_bytes(2)), ("scan.png", picture)]
    sent = requests.send(server, client, signers=[{"name": "Jack", "email_address": jack}], files=uploads)
    draft = zipfile.ZipFile(io.BytesIO(files(server, anna, sent, file_type="zip")))
    assert draft.namelist() == ["a.pdf", "a (2).pdf", "scan.pdf"]
    sign(server, signing_token(server, jack))
    with pikepdf.open(io.BytesIO(files(server, anna, sent))) as merged:
        pages = len(merged.pages)
    with pikepdf.open(io.BytesIO(nda())) as original:
        assert pages > len(original.pages) + 2 + 1 + 1
    content = files(server, anna, sent, file_type="zip")
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist() == ["a.pdf", "a (2).pdf", "scan.pdf"]
    workers, roots = server.kit.service(DocumentWorkers), server.kit.service(SealingIdentity).roots
    for name in archive.namelist():
        (tmp_path / "one.pdf").write_bytes(archive.read(name))
        assert server.call(workers.verify(tmp_path / "one.pdf", roots)).intact
    assert files(server, anna, sent, file_type="zip") == content


def test_a_zip_of_one_file_holds_the_final_file(shared_lite: Server, anna: Person) -> None:
    server, client = shared_lite, shared_lite.api(anna.api_key)
    sent = requests.complete(server, client, signers=[{"name": "J", "email_address": fresh_address("j")}])
    archive = zipfile.ZipFile(io.BytesIO(files(server, anna, sent, file_type="zip")))
    assert archive.read("nda.pdf") == files(server, anna, sent)


def test_the_file_shows_who_has_signed_so_far(shared_lite: Server, anna: Person, tmp_path: Path) -> None:
    server, client = shared_lite, shared_lite.api(anna.api_key)
    first, second = fresh_address("first"), fresh_address("second")
    people = [{"name": "First", "email_address": first}, {"name": "Second", "email_address": second}]
    sent = requests.send(server, client, signers=people, field_options={"date_format": "YYYY - MM - DD"})
    before = text_of(files(server, anna, sent), tmp_path)
    sign(server, signing_token(server, first))
    between = text_of(files(server, anna, sent), tmp_path)
    day = "2026 - "
    assert (before.count(day), between.count(day)) == (0, 1)
    assert "Certificate" not in between


def test_a_signature_just_before_somebody_declines_is_in_the_file(
    shared_lite: Server, anna: Person, tmp_path: Path
) -> None:
    server, client = shared_lite, shared_lite.api(anna.api_key)
    first, second = fresh_address("first"), fresh_address("second")
    people = [{"name": "First", "email_address": first}, {"name": "Second", "email_address": second}]
    fields = {"field_options": {"date_format": "YYYY - MM - DD"}, "allow_decline": True}
    sent = requests.send(server, client, signers=people, **fields)
    token = signing_token(server, first)
    requests.view(server, token)
    requests.agree(server, token)
    kit, browser = server.kit, requests.BROWSER
    server.write(lambda tx: record_signed(tx, lock_for_signer(tx, token, kit), fill(), browser, kit))
    requests.decline(server, signing_token(server, second))  # before the worker came round
    assert requests.get(client, sent)["is_declined"]
    assert text_of(files(server, anna, sent), tmp_path).count("2026 - ") == 1


def test_everybody_gets_one_mail_with_the_file(shared_lite: Server) -> None:
    server = shared_lite
    alice, jack, cc = make_person(server, "Alice"), fresh_address("jack"), fresh_address("cc")
    sent = requests.complete(
        server,
        server.api(alice.api_key),
        signers=[{"name": "Jack", "email_address": jack}],
        cc_email_addresses=[cc, jack.upper(), alice.email],
    )
    pdf = files(server, alice, sent)
    for address in (alice.email, jack, cc):
        copies = [mail for mail in mails_to(server, address) if mail.subject.startswith("Signed by everyone")]
        assert len(copies) == 1, address
        link = next(word for word in copies[0].text.split() if "/files/" in word)
        assert server.client().get(link.removeprefix(server.url)).content == pdf
    assert mails_to(server, jack.upper()) == []


def test_downloads_of_the_sealed_file_are_evidence(shared_lite: Server, anna: Person) -> None:
    server, client = shared_lite, shared_lite.api(anna.api_key)
    sent = requests.complete(server, client, signers=[{"name": "J", "email_address": fresh_address("j")}])
    for _ in range(3):
        files(server, anna, sent)
    assert requests.audit_kinds(server, sent).count("downloaded") == 1
    server.move(3600)
    files(server, anna, sent)
    assert requests.audit_kinds(server, sent).count("downloaded") == 2
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    last = server.read(lambda tx: chain_of(tx, request.id))[-1]
    assert (last.kind, last.facts["by"], last.facts["sha256"]) == ("downloaded", anna.email, request.file_sha256)
