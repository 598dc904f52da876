"""Preparing: nasty files, file_urls, crashes; and what mail servers and clocks bring afterwards."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select

from paraph.documents import DocumentFailure, DocumentWorkers
from paraph.kit.queue import failed_jobs, retry_job
from paraph.signature_requests import take_in
from paraph.signature_requests.complete import complete_request
from paraph.signature_requests.models import request_documents, signature_requests
from paraph.signature_requests.prepare import prepare_request
from paraph.signature_requests.queries import find_request
from tests.documents import nasty
from tests.harness import Server, free_port, running_server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import accepted, agree, error_of, mails_to, nda, post_send, sign, signing_token

REFUSED: list[Callable[[], bytes]] = [
    nasty.header_only,
    nasty.header_and_random_bytes,
    nasty.password_to_open,
    nasty.page_tree_loops,
    nasty.five_hundred_and_one_pages,
    nasty.zero_pages,
    nasty.form_of_xfa_alone,
]
ACCEPTED: list[Callable[[], bytes]] = [nasty.script_on_open, nasty.owner_password_only, nasty.truncated]


def test_nasty_files_stop_their_own_requests_only(lite: Server) -> None:
    alice, address, healthy = make_person(lite, "Alice"), fresh_address("jack"), fresh_address("jill")
    client = lite.api(alice.api_key)
    people = [{"name": "Jack", "email_address": address}]
    doomed = []
    for make in REFUSED:
        files = [("good.pdf", nda()), (f"{make.__name__}.pdf", make())]
        doomed.append((make.__name__, accepted(post_send(client, files=files, signers=people))))
    other = accepted(post_send(client, signers=[{"name": "Jill", "email_address": healthy}]))
    lite.run_jobs()
    for name, sent in doomed:
        found = requests.get(client, sent)
        assert (found["has_error"], found["signatures"][0]["status_code"]) == (True, "error_file"), name
        assert f"{name}.pdf" in found["signatures"][0]["error"]
        for path in ("files", "files_as_data_uri", "files_as_file_url"):
            answer = client.get(f"/v3/signature_request/{path}/{sent.id}")
            assert (answer.status_code, error_of(answer)["error_name"]) == (422, "unprocessable_entity")
        cancelled = client.post(f"/v3/signature_request/cancel/{sent.id}")
        assert error_of(cancelled)["error_name"] == "signature_request_cancel_failed"
    assert mails_to(lite, address) == []
    assert len(mails_to(lite, alice.email)) == len(REFUSED)
    assert requests.get(client, other)["has_error"] is False
    assert len(mails_to(lite, healthy)) == 1


def test_mendable_files_are_mended_and_signed(lite: Server) -> None:
    alice, address = make_person(lite, "Alice"), fresh_address("jack")
    client = lite.api(alice.api_key)
    people = [{"name": "Jack", "email_address": address}]
    files = [(f"{make.__name__}.pdf", make()) for make in ACCEPTED]
    sent = requests.send(lite, client, files=files, signers=people)
    sign(lite, signing_token(lite, address))
    assert requests.get(client, sent)["is_complete"] is True
    assert client.get(f"/v3/signature_request/files/{sent.id}").content.startswith(b"%PDF-")


def test_two_workers_prepare_and_seal_once(server: Server) -> None:
    """T29."""
    alice, address = make_person(server, "Alice"), fresh_address("jack")
    sent = accepted(post_send(server.api(alice.api_key), signers=[{"name": "Jack", "email_address": address}]))
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None

    async def twice(work: Callable[[int, Any], Any]) -> None:
        await asyncio.gather(*(work(request.id, server.kit) for _ in range(3)))

    server.call(twice(prepare_request))
    server.run_jobs()
    assert len(mails_to(server, address)) == 1
    counted = select(func.count()).select_from(request_documents).where(request_documents.c.request_pk == request.id)
    assert server.read(lambda tx: tx.scalar(counted)) == 2
    token = signing_token(server, address)
    agree(server, token)
    from paraph.signature_requests import lock_for_signer, record_signed

    server.write(
        lambda tx: record_signed(
            tx, lock_for_signer(tx, token, server.kit), requests.fill(), requests.BROWSER, server.kit
        )
    )
    server.call(twice(complete_request))
    server.run_jobs()
    copies = [mail for mail in mails_to(server, address) if mail.subject.startswith("Signed by everyone")]
    assert len(copies) == 1


def test_a_failure_of_ours_is_tried_again_and_heals(lite: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """T27: stuck, visible with its reason, and well again once the cause is gone."""
    alice, address = make_person(lite, "Alice"), fresh_address("jack")
    client = lite.api(alice.api_key)
    sent = requests.send(lite, client, signers=[{"name": "Jack", "email_address": address}])
    workers = lite.kit.service(DocumentWorkers)

    async def broken(*_: object) -> None:
        raise DocumentFailure("sealing_failed", "the key is gone")

    with monkeypatch.context() as patched:
        patched.setattr(workers, "complete", broken)
        sign(lite, signing_token(lite, address))
        for _ in range(45):
            lite.move(3601)
            lite.run_jobs()
        (stuck,) = lite.read(failed_jobs)
        assert (stuck.name, "sealing_failed" in stuck.error) == ("signature_requests.complete", True)
    assert client.get(f"/v3/signature_request/files/{sent.id}").status_code == 409
    assert lite.write(lambda tx: retry_job(tx, stuck.id, lite.clock.now()))
    lite.run_jobs()
    assert client.get(f"/v3/signature_request/files/{sent.id}").status_code == 200


def test_preparing_given_up_is_told(lite: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_person(lite, "Alice")
    client = lite.api(alice.api_key)
    sent = accepted(post_send(client))

    async def broken(*_: object) -> None:
        raise DocumentFailure("worker_failed")

    monkeypatch.setattr(lite.kit.service(DocumentWorkers), "intake", broken)
    for _ in range(14):
        lite.run_jobs()
        lite.move(3601)
    found = requests.get(client, sent)
    assert (found["has_error"], found["signatures"][0]["status_code"]) == (True, "error_unknown")
    assert len(mails_to(lite, alice.email)) == 1


# --- file_urls ---------------------------------------------------------------------------------------------


@contextmanager
def https_server(folder: Path, answers: dict[str, tuple[int, bytes]]) -> Iterator[tuple[str, ssl.SSLContext]]:
    """The far side of the network: an https server with a certificate of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, b"nothing here"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    key, certificate = self_signed()
    (folder / "far.pem").write_bytes(key + certificate)
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "far.pem")
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    trusting = ssl.create_default_context(cadata=certificate.decode())
    try:
        yield f"https://127.0.0.1:{listener.server_port}", trusting
    finally:
        listener.shutdown()
        thread.join(5)
        listener.server_close()


def self_signed() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "far side")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def test_files_are_fetched_from_https(lite: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statement 15; which addresses are refused, and the caps: tests/kit/test_outbound.py."""
    alice, address = make_person(lite, "Alice"), fresh_address("jack")
    client = lite.api(alice.api_key)
    people = [{"name": "Jack", "email_address": address}]
    answers = {"/docs/nda%20v2.pdf?x=1": (200, nda()), "/moved": (302, b""), "/empty.pdf": (200, b"")}
    with https_server(tmp_path, answers) as (far, trusting):
        monkeypatch.setattr(lite.kit.outbound._pool, "_ssl_context", trusting)
        monkeypatch.setattr(take_in, "DOWNLOAD_PAUSE_SECONDS", 0.0)
        sent = requests.send(
            lite, client, files=[], title=None, file_urls=[f"{far}/docs/nda%20v2.pdf?x=1"], signers=people
        )
        assert sent.json["title"] == "nda%20v2.pdf"
        assert len(mails_to(lite, address)) == 1
        sign(lite, signing_token(lite, address))
        assert requests.get(client, sent)["is_complete"] is True
        for path, words in (("/gone.pdf", "404"), ("/moved", "302"), ("/empty.pdf", "empty")):
            failed = accepted(post_send(client, files=[], file_urls=[f"{far}{path}"], signers=people))
            lite.run_jobs()
            found = requests.get(client, failed)
            assert found["has_error"] is True
            assert words in found["signatures"][0]["error"]
    assert len([mail for mail in mails_to(lite, address) if "asks you" in mail.subject]) == 1


def test_old_and_new_names_of_file_urls(shared_server: Server, alice: Person) -> None:
    client = shared_server.api(alice.api_key)
    data = {
        "file_url[0]": "https://files.example.com/a.pdf",
        "signers[0][name]": "Jack",
        "signers[0][email_address]": "jack@example.com",
    }
    assert client.post("/v3/signature_request/send", data=data).status_code == 200


# --- afterwards --------------------------------------------------------------------------------------------


def test_a_refused_mail_is_told_once(shared_server: Server, alice: Person) -> None:
    server, client, address = shared_server, shared_server.api(alice.api_key), fresh_address("jack")
    sent = requests.send(server, client, signers=[{"name": "Jack", "email_address": address}])
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    payload = {"request_pk": request.id, "signature_id": sent.signature_id(0), "reason": "550 no such user\r\n"}
    for _ in range(2):
        server.write(lambda tx: server.kit.queue.enqueue(tx, "signature_requests.bounced", **payload))
        server.run_jobs()
    found = requests.get(client, sent)["signatures"][0]
    assert (found["status_code"], "550 no such user" in found["error"]) == ("awaiting_signature", True)
    assert len([mail for mail in mails_to(server, alice.email) if "No mail reaches" in mail.subject]) == 1


class Refusing:
    """A mail server that knows some people not."""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address.startswith("unknown"):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return "250 OK"


def test_a_mail_server_that_refuses_the_signer_is_a_bounce(tmp_path: Path) -> None:
    post_office = Controller(Refusing(), hostname="127.0.0.1", port=free_port())
    post_office.start()
    try:
        with running_server(
            tmp_path / "data", smtp_host="127.0.0.1", smtp_port=post_office.port, smtp_security="none"
        ) as server:
            alice = make_person(server, "Alice")
            client = server.api(alice.api_key)
            people = [{"name": "Jack", "email_address": "unknown@example.com"}]
            sent = requests.send(server, client, signers=people)
            found = requests.get(client, sent)["signatures"][0]
            assert "550" in found["error"]
            assert requests.audit_kinds(server, sent)[-1] == "bounced"
    finally:
        post_office.stop()


def test_rows_of_a_request_name_its_account(shared_server: Server, alice: Person) -> None:
    requests.complete(
        shared_server,
        shared_server.api(alice.api_key),
        signers=[{"name": "J", "email_address": fresh_address("jack")}],
    )
    owners = select(signature_requests.c.account_pk).where(signature_requests.c.account_pk == alice.pk)
    assert len(shared_server.read(lambda tx: tx.all(owners))) == 1
