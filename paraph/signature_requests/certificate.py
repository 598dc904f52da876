"""The certificate of completion: everything that trust.md lists, as text to print; pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paraph.documents import Attachment, Certificate, CertificateSection, LogEntry

from .audit import AuditEvent
from .certificate_signer import NO_VALUE, signer_rows, utc
from .lettering import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paraph.documents import Level, MarkContent, SealingIdentity

    from .shapes import RequestDocument, Signature, WholeRequest

CHAIN_FILE = "audit-chain.json"
CHAIN_FORMAT = "paraph-audit-chain-1"
HASH_PREFIX_CHARACTERS = 16
CREDENTIALS = {"api_key": "API key", "bearer": "access token", "session": "session"}
HASH_OF_THE_FILE = (
    "Cannot stand inside the file itself. It is in the mail that brings the file, on the request's page, and in the "
    "evidence bundle, which anybody can check without this server."
)
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
    "mailed": "Mail accepted by the mail server",
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
    names = _names(evidence.chain)
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
        log=tuple(_entry(names, event) for event in evidence.chain),
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
        *([("Message", visible(request.message))] if request.message else []),
        ("State", "Complete: signed by everyone"),
        ("Created", utc(request.created_at)),
        ("Sent", utc(request.sent_at)),
        ("Completed", utc(request.completed_at)),
        *([("Copies to", ", ".join(request.cc_email_addresses))] if request.cc_email_addresses else []),
        *([("Test", "This is a test document. It is not legally binding.")] if request.test_mode else []),
    ]
    return CertificateSection("Request", tuple(rows))


def _file(place: int, document: RequestDocument) -> CertificateSection:
    rows = (
        ("Name", visible(document.filename)),
        ("Pages", str(document.page_count)),
        ("SHA-256 as uploaded", document.upload_sha256 or NO_VALUE),
        ("SHA-256 as shown to the signers", document.pdf_sha256 or NO_VALUE),
        *((("Fetched from", visible(document.source)),) if document.source else ()),
    )
    return CertificateSection(f"File {place}", rows)


def _sender(whole: WholeRequest) -> CertificateSection:
    request = whole.request
    app: tuple[tuple[str, str], ...] = ()
    if request.client_id is not None:
        app = (
            ("Sent through the app", f"{visible(request.app_name or '')} (client_id {request.client_id})"),
            ("On behalf of", request.requester_email),
        )
    return CertificateSection(
        "Sender",
        (("Name", visible(request.requester_name)), ("Address", request.requester_email), *app),
    )


def _signer(evidence: Evidence, signature: Signature) -> CertificateSection:
    return CertificateSection(
        f"Signer {signature.position + 1}: {signature.name}",
        signer_rows(evidence.whole.request, signature, evidence.chain),
        picture=evidence.pictures.get(signature.signature_id),
        picture_label="Signature",
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
            ("SHA-256 of this file", HASH_OF_THE_FILE),
            ("How to verify", HOW_TO_VERIFY),
            ("Or bring it to", f"{evidence.server}/verify"),
            ("Questions", f"Write to {contact}."),
        ),
    )


def _entry(names: Mapping[str, str], event: AuditEvent) -> LogEntry:
    facts = event.facts
    words = [EVENT_WORDS.get(event.kind, event.kind)]
    if event.kind == "created":
        words.append(f"by {visible(facts['sender']['email_address'])}")
    if "signature" in facts:
        words.append(f"– {visible(names.get(facts['signature'], NO_VALUE))}")
    if "caller" in facts:
        words.append(_by_which_means(facts["caller"]))
    if "address" in facts:
        words.append(f"from {facts['address']}")
    return LogEntry(event.sequence, utc(event.happened_at), " ".join(words), event.hash[:HASH_PREFIX_CHARACTERS])


def _by_which_means(caller: Mapping[str, Any]) -> str:
    means = CREDENTIALS.get(str(caller.get("kind")), str(caller.get("kind")))
    through = f" of app {caller['client_id']}" if caller.get("client_id") else ""
    return f"({means} {caller.get('credential', '')}{through})"


def _names(chain: Sequence[AuditEvent]) -> dict[str, str]:
    """Whoever had a signature at some time, by its id."""
    found: dict[str, str] = {}
    for event in chain:
        facts = event.facts
        if event.kind == "created":
            found = {one["signature"]: one["name"] for one in facts["signers"]}
        elif event.kind == "reassigned":
            found[facts["signature"]] = facts["to"]["name"]
    return found
