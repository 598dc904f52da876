"""Signature requests for the tests of every room: sent over HTTP, signed through the face of their room."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from paraph.documents import Strokes, TypedText
from paraph.kit.caller import Client
from paraph.kit.mail import KeptMail, kept_mails
from paraph.signature_requests import (
    AdoptedPicture,
    Consent,
    FilledSignature,
    SignerView,
    chain_of,
    load_for_signer,
    lock_for_signer,
    record_consent,
    record_declined,
    record_signed,
    record_viewed,
)
from paraph.signature_requests.queries import find_request
from tests.harness import Server
from tests.helpers.accounts import fresh_address

NDA = Path(__file__).parents[2] / "examples" / "nda.pdf"
JACK = {"name": "Jack", "email_address": "jack@example.com"}
JILL = {"name": "Jill", "email_address": "jill@example.com"}
BROWSER = Client("203.0.113.7", "Testzilla/5.0")
CONSENT = Consent("2026-11", "ab" * 32, "en")
_SIGNING = re.compile(r"/sign/(\S+)")


@dataclass(frozen=True)
class Sent:
    """A request as its sender got it back."""

    id: str
    json: dict[str, Any]

    def signature_id(self, place: int) -> str:
        return str(self.json["signatures"][place]["signature_id"])


@cache
def nda() -> bytes:
    """A real document of a few pages."""
    return NDA.read_bytes()


def post_send(
    client: httpx.Client,
    *,
    files: Sequence[tuple[str, bytes]] | None = None,
    signers: Sequence[dict[str, Any]] = (JACK,),
    **more: Any,
) -> httpx.Response:
    """POST /signature_request/send as the modern SDKs do: files as parts, everything else as JSON in parts."""
    uploads = [("nda.pdf", nda())] if files is None else files
    fields = {"title": "NDA with Acme Co.", "signers": list(signers), "test_mode": True} | more
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
        if value is not None
    }
    if not uploads:
        return client.post("/v3/signature_request/send", json={k: v for k, v in fields.items() if v is not None})
    parts = [(f"files[{place}]", (name, content)) for place, (name, content) in enumerate(uploads)]
    return client.post("/v3/signature_request/send", data=texts, files=parts)


def accepted(answer: httpx.Response) -> Sent:
    """The request of a successful answer."""
    assert answer.status_code == 200, answer.text
    json = answer.json()["signature_request"]
    return Sent(json["signature_request_id"], json)


def send(server: Server, client: httpx.Client, **how: Any) -> Sent:
    """Send, and let the worker prepare it: signers whose turn it is have their mail."""
    sent = accepted(post_send(client, **how))
    server.run_jobs()
    return sent


def get(client: httpx.Client, sent: Sent) -> dict[str, Any]:
    """The request as the API shows it now."""
    answer = client.get(f"/v3/signature_request/{sent.id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["signature_request"]
    return found


def mails_to(server: Server, address: str) -> list[KeptMail]:
    """The mails that this address got, oldest first."""
    kept = server.read(lambda tx: kept_mails(tx, kit=server.kit))
    return [mail for mail in kept if mail.to == address]


def signing_token(server: Server, address: str) -> str:
    """The token of the newest signing link that was mailed to this address."""
    for mail in reversed(mails_to(server, address)):
        found = _SIGNING.search(mail.text)
        if found:
            return found[1]
    raise AssertionError(f"nobody asked {address} to sign")


def two_signers(order: tuple[int | None, int | None] = (0, 1)) -> list[dict[str, Any]]:
    """Two people with fresh addresses, in this order."""
    people: list[dict[str, Any]] = [
        {"name": "First", "email_address": fresh_address("first")},
        {"name": "Second", "email_address": fresh_address("second")},
    ]
    return [person | ({} if turn is None else {"order": turn}) for person, turn in zip(people, order, strict=True)]


def load_signer(server: Server, token: str) -> SignerView:
    """What the holder of this signing link sees."""
    return server.read(lambda tx: load_for_signer(tx, token, server.kit))


def audit_kinds(server: Server, sent: Sent) -> list[str]:
    """The kinds of the request's audit events, in order."""
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    return [event.kind for event in server.read(lambda tx: chain_of(tx, request.id))]


def fill(content: TypedText | Strokes | AdoptedPicture | None = None) -> FilledSignature:
    """A signature as the signing page hands it in."""
    shown = content or TypedText("Jack Example", "caveat")
    return FilledSignature(shown, "Agree and finish", "en", "Europe/Berlin")


def view(server: Server, token: str) -> bool:
    """Open the document as its signer."""
    return server.write(lambda tx: record_viewed(tx, lock_for_signer(tx, token, server.kit), BROWSER, server.kit))


def agree(server: Server, token: str) -> None:
    """Agree to sign electronically."""
    server.write(lambda tx: record_consent(tx, lock_for_signer(tx, token, server.kit), CONSENT, BROWSER, server.kit))


def sign(server: Server, token: str, filled: FilledSignature | None = None) -> None:
    """View, agree and sign; the worker then does what follows from it."""
    view(server, token)
    agree(server, token)
    server.write(
        lambda tx: record_signed(tx, lock_for_signer(tx, token, server.kit), filled or fill(), BROWSER, server.kit)
    )
    server.run_jobs()


def decline(server: Server, token: str, reason: str = "The price is wrong.") -> None:
    """Decline with a reason."""
    server.write(lambda tx: record_declined(tx, lock_for_signer(tx, token, server.kit), reason, BROWSER, server.kit))
    server.run_jobs()


def complete(server: Server, client: httpx.Client, **how: Any) -> Sent:
    """Send, and let every signer sign, in order."""
    sent = send(server, client, **how)
    for signature in sent.json["signatures"]:
        sign(server, signing_token(server, signature["signer_email_address"]))
    return sent


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error of the vendor's envelope."""
    found: dict[str, Any] = answer.json()["error"]
    return found
