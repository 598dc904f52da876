"""The certificate of completion: everything that trust.md lists, as text to print; pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from paraph.documents import Attachment, Certificate, CertificateSection, LogEntry

from .audit import AuditEvent
from .lettering import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paraph.documents import Level, MarkContent, SealingIdentity

    from .shapes import RequestDocument, Signature, WholeRequest

CHAIN_FILE = "audit-chain.json"
CHAIN_FORMAT = "paraph-audit-chain-1"
HASH_PREFIX_CHARACTERS = 16
KINDS = {"draw": "drawn", "type": "typed", "upload": "uploaded picture"}
NO_VALUE = "–"
HOW_TO_VERIFY = (
    "Open this file with any PDF reader that checks signatures, or run `paraph verify FILE`: the seal must be intact "
    f"and forbid changes. The attachment {CHAIN_FILE} holds every event below; each hash is the SHA-256 of the hash "
    "before it and the event's text, the first follows 32 zero bytes, and the last must equal the chain head."
)
EVENT_WORDS = {
    "created": "Request created",
    "prepared": "Files taken in",
    "sent": "Request sent",
    "invited": "Mail with the link sent",
    "viewed": "Document viewed",
    "consented": "Agreed to sign electronically",
    "consent_withdrawn": "Took the agreement back",
    "signed": "Signed",
    "reminded": "Reminder sent",
    "bounced": "Mail refused",
    "downloaded": "File downloaded",
    "all_signed": "Signed by everyone",
    "code_sent": "Code sent by text message",
    "authenticated": "Proved who they are",
    "authentication_failed": "Wrong code",
    "text_refused": "Text message refused",
    "reassigned": "Signature passed on",
    "attachment_uploaded": "File handed in",
    "attachment_removed": "File taken back",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the certificate is made from. ``pictures``: by signature_id, what the signature looks like."""

    whole: WholeRequest
    chain: Sequence[AuditEvent]
    pictures: Mapping[str, MarkContent]
    identity: SealingIdentity
    level: Level
    operator_contact: str
    server: str

    @property
    def head(self) -> str:
        return self.chain[-1].hash


def certificate_of(evidence: Evidence) -> Certificate:
    """The pages that end the sealed file."""
    whole = evidence.whole
    uploads = [document for document in whole.documents if document.kind == "upload"]
    return Certificate(
        title="Certificate of completion",
        subtitle=whole.request.title,
        sections=(
            _request(whole),
            *(_file(place, document) for place, document in enumerate(uploads, 1)),
            _sender(whole),
            *(_signer(evidence, signature) for signature in whole.signatures),
            _seal(evidence),
        ),
        log_heading="What happened, in order",
        log=tuple(_entry(whole, event) for event in evidence.chain),
        footer=f"Signature request {whole.request.signature_request_id}",
    )


def chain_attachment(evidence: Evidence) -> Attachment:
    """The whole chain as JSON, to be checked without this server."""
    content = {
        "format": CHAIN_FORMAT,
        "signature_request_id": evidence.whole.request.signature_request_id,
        "head": evidence.head,
        "events": [
            {"sequence": event.sequence, "canonical": event.canonical, "hash": event.hash} for event in evidence.chain
        ],
    }
    data = json.dumps(content, ensure_ascii=False, indent=1).encode()
    return Attachment(CHAIN_FILE, data, "application/json", "Audit chain of this signature request")


def _request(whole: WholeRequest) -> CertificateSection:
    request = whole.request
    rows = [
        ("Request", request.signature_request_id),
        ("Title", request.title),
        *([("Message", _plain(request.message))] if request.message else []),
        ("State", "Complete: signed by everyone"),
        ("Created", _utc(request.created_at)),
        ("Sent", _utc(request.sent_at)),
        ("Completed", _utc(request.completed_at)),
        *([("Copies to", ", ".join(request.cc_email_addresses))] if request.cc_email_addresses else []),
        *([("Test", "This is a test document. It is not legally binding.")] if request.test_mode else []),
    ]
    return CertificateSection("Request", tuple(rows))


def _file(place: int, document: RequestDocument) -> CertificateSection:
    rows = (
        ("Name", _plain(document.filename)),
        ("Pages", str(document.page_count)),
        ("SHA-256 as uploaded", document.upload_sha256 or NO_VALUE),
        ("SHA-256 as shown to the signers", document.pdf_sha256 or NO_VALUE),
        *((("Fetched from", _plain(document.source_url)),) if document.source_url else ()),
    )
    return CertificateSection(f"File {place}", rows)


def _sender(whole: WholeRequest) -> CertificateSection:
    request = whole.request
    app: tuple[tuple[str, str], ...] = ()
    if request.client_id is not None:
        app = (
            ("Sent through the app", f"{_plain(request.app_name or '')} (client_id {request.client_id})"),
            ("On behalf of", request.requester_email),
        )
    return CertificateSection(
        "Sender",
        (("Name", _plain(request.requester_name)), ("Address", request.requester_email), *app),
    )


def _signer(evidence: Evidence, signature: Signature) -> CertificateSection:
    rows = (
        ("Name", signature.name),
        ("Address", signature.email_address),
        ("Role", "Signer"),
        ("Order", str(signature.turn + 1) if evidence.whole.request.is_ordered else "None"),
        ("Authentication", f"Secret link, mailed to {signature.email_address} and opened from there"),
        ("Link mailed", _utc(signature.invited_at)),
        ("First viewed", _utc(signature.first_viewed_at)),
        ("Last viewed", _utc(signature.last_viewed_at)),
        *_consent(signature),
        *_signing(signature),
    )
    return CertificateSection(
        f"Signer {signature.position + 1}: {signature.name}",
        rows,
        picture=evidence.pictures.get(signature.signature_id),
        picture_label="Signature",
    )


def _consent(signature: Signature) -> tuple[tuple[str, str], ...]:
    consent = signature.consent or {}
    return (
        ("Agreed to sign electronically", _utc(signature.consented_at)),
        (
            "Disclosure",
            f"version {consent.get('disclosure_version', NO_VALUE)}, language {consent.get('locale', NO_VALUE)}",
        ),
        ("SHA-256 of the disclosure", str(consent.get("disclosure_sha256", NO_VALUE))),
    )


def _signing(signature: Signature) -> tuple[tuple[str, str], ...]:
    made: Mapping[str, Any] = signature.signing or {}
    local = _local(signature.signed_at, str(made.get("time_zone", "")))
    return (
        ("Kind of signature", KINDS.get(str(made.get("kind")), NO_VALUE)),
        ("Button pressed", f"“{_plain(str(made.get('button', '')))}” ({_plain(str(made.get('locale', '')))})"),
        ("Signed", _utc(signature.signed_at)),
        *((("Signed, signer's time", local),) if local else ()),
        ("IP address", str(made.get("address", NO_VALUE))),
        ("Browser", _plain(str(made.get("user_agent", ""))) or NO_VALUE),
    )


def _seal(evidence: Evidence) -> CertificateSection:
    identity = evidence.identity
    contact = evidence.operator_contact or f"the operator of {evidence.server}"
    return CertificateSection(
        "Seal and chain",
        (
            ("Sealed by", identity.subject),
            ("Issued by", identity.issuer),
            ("Level", evidence.level),
            ("Server", evidence.server),
            ("Chain head", evidence.head),
            ("Events", str(len(evidence.chain))),
            ("How to verify", HOW_TO_VERIFY),
            ("Questions", f"Write to {contact}."),
        ),
    )


def _entry(whole: WholeRequest, event: AuditEvent) -> LogEntry:
    facts = event.facts
    names = {one.signature_id: one.name for one in whole.signatures}
    words = [EVENT_WORDS.get(event.kind, event.kind)]
    if event.kind == "created":
        words.append(f"by {_plain(facts['sender']['email_address'])}")
    if "signature" in facts:
        words.append(f"– {names.get(facts['signature'], NO_VALUE)}")
    if "address" in facts:
        words.append(f"from {facts['address']}")
    return LogEntry(event.sequence, _utc(event.happened_at), " ".join(words), event.hash[:HASH_PREFIX_CHARACTERS])


def _utc(seconds: int | None) -> str:
    if seconds is None:
        return NO_VALUE
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _local(seconds: int | None, zone: str) -> str:
    """The moment in the signer's own zone; empty when the browser named none that exists."""
    if seconds is None or not zone:
        return ""
    try:
        local = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        return ""
    return f"{local.strftime('%Y-%m-%d %H:%M:%S %z')} ({zone})"


def _plain(text: str) -> str:
    return visible(text)
