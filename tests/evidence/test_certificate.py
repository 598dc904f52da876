"""The certificate of completion says everything that trust.md lists: read from the text of the sealed PDF."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from paraph.documents import SealingIdentity
from paraph.signature_requests import Attempt, Successor, chain_of, lock_for_signer, record_reassigned, record_try
from paraph.signature_requests.audit import canonical
from paraph.signature_requests.queries import find_request
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import fresh_address
from tests.helpers.oauth import make_world
from tests.helpers.requests import BROWSER, CONSENT, agree, signing_token, view

PIN = "Ross-7531"


def text_of(pdf: bytes, folder: Path) -> str:
    (folder / "sealed.pdf").write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-layout", folder / "sealed.pdf", "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", found.stdout.decode())


def attempt(server: Server, token: str, code: str) -> str:
    def verb(tx: Any) -> str:
        own = lock_for_signer(tx, token, server.kit)
        return str(record_try(tx, Attempt(own, "access_code", code, BROWSER), server.kit))

    return server.write(verb)


def pass_on(server: Server, token: str, to: str) -> None:
    successor = Successor("Nora Nachfolger", to, "She runs the shop now.")
    server.write(
        lambda tx: record_reassigned(tx, lock_for_signer(tx, token, server.kit), successor, BROWSER, server.kit)
    )
    server.run_jobs()


def test_the_certificate_says_everything(place: Server, tmp_path: Path) -> None:
    world, jack, nora = make_world(place), fresh_address("jack"), fresh_address("nora")
    token = world.connect().access_token
    client = place.api(token=token)
    signers = [{"name": "Jack Erst", "email_address": jack, "pin": PIN, "order": 0}]
    signers.append({"name": "Zoë Zweit", "email_address": (second := fresh_address("zoe")), "order": 1})
    sent = requests.send(
        place, client, signers=signers, title="Lease", message="Sign here.", allow_reassign=True, test_mode=False
    )
    place.move(60)
    pass_on(place, signing_token(place, jack), nora)
    own = signing_token(place, nora)
    assert [attempt(place, own, code) for code in ("wrong", PIN)] == ["wrong", "right"]
    place.move(60)
    for mine in (own, None):
        mine = mine or signing_token(place, second)
        view(place, mine)
        agree(place, mine)
        requests.sign(place, mine)
    pdf = client.get(f"/v3/signature_request/files/{sent.id}").content
    text = text_of(pdf, tmp_path)
    for words in (*of_the_request(sent.id, world), *of_the_signer(jack, nora), *of_the_seal(place)):
        assert words in text, words
    check_log(place, sent.id, text, token)


def of_the_request(request_id: str, world: Any) -> tuple[str, ...]:
    return (
        "Certificate of completion",
        f"Request {request_id}",
        "Title Lease",
        "Message Sign here.",
        "State Complete: signed by everyone",
        "Name nda.pdf",
        "Pages ",
        "SHA-256 as uploaded",
        "SHA-256 as shown to the signers",
        f"Address {world.user.email}",
        f"{world.app.name} (client_id {world.app.client_id})",
        f"On behalf of {world.user.email}",
    )


def of_the_signer(jack: str, nora: str) -> tuple[str, ...]:
    return (
        "Signer 1: Nora Nachfolger",
        f"Address {nora}",
        "Role Signer",
        "Order 1",
        f"Passed on by Jack Erst ({jack}), 2026-09-21 14:14:20 UTC: She runs the shop now.",
        f"Authentication Secret link, sent to {nora}: opened 2026-09-21 14:15:20 UTC",
        "Authentication Access code: refused (wrong), 2026-09-21 14:14:20 UTC",
        "Authentication Access code: right, 2026-09-21 14:14:20 UTC",
        "Link mailed 2026-09-21 14:14:20 UTC",
        "First viewed 2026-09-21 14:15:20 UTC",
        "Last viewed 2026-09-21 14:15:20 UTC",
        "Agreed to sign electronically 2026-09-21 14:15:20 UTC",
        f"version {CONSENT.disclosure_version}, language en",
        CONSENT.disclosure_sha256,
        "Kind of signature typed",
        "“Agree and finish” (en)",
        "Signed 2026-09-21 14:15:20 UTC",
        "2026-09-21 16:15:20 +0200 (Europe/Berlin)",
        "IP address 203.0.113.7",
        "Browser Testzilla/5.0",
        "Signer 2: Zoë Zweit",
        "Order 2",
    )


def of_the_seal(server: Server) -> tuple[str, ...]:
    identity = server.kit.service(SealingIdentity)
    return (
        f"Sealed by {identity.subject}",
        f"Issued by {identity.issuer}",
        "Level PAdES-B-B",
        "Chain head",
        "How to verify",
        f"{server.kit.settings.public_url}/verify",
        "Write to help@example.com.",
    )


def check_log(server: Server, request_id: str, text: str, token: str) -> None:
    """Every event up to the last signature stands there in order, with its number and hash; and no secret."""
    request = server.read(lambda tx: find_request(tx, request_id))
    assert request is not None
    chain = server.read(lambda tx: chain_of(tx, request.id))
    last = next(event.sequence for event in chain if event.kind == "all_signed")
    log = text[text.index("What happened, in order") :]
    places = [log.index(event.hash[:16]) for event in chain[:last]]
    assert places == sorted(places)
    assert chain[last - 1].hash in text
    created = chain[0].facts
    assert created["caller"]["kind"] == "bearer"
    assert re.fullmatch(r"[0-9a-f]{16}", created["caller"]["credential"])
    for words in ("(access token", created["caller"]["credential"], f"of app {created['caller']['client_id']})"):
        assert words in log, words
    everything = json.dumps([event.canonical for event in chain])
    for secret in (token, PIN, signing_token(server, created["signers"][1]["email_address"])):
        assert secret not in everything
        assert secret not in text
    assert all(event.canonical == canonical(event.facts) for event in chain)
