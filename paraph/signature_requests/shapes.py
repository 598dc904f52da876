"""The nouns of this room as frozen data, read from rows; no database, no HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit, urlunsplit

from .lifecycle import Lifecycle, RequestState, SignatureStatus, Signer

if TYPE_CHECKING:
    from sqlalchemy import Row

    from .access_plan import PhoneUse
    from .form import RequestField

T = TypeVar("T")

DocumentKind = Literal["upload", "signature_page"]
SignatureKind = Literal["draw", "type", "upload", "phone"]


@dataclass(frozen=True, slots=True)
class SigningOptions:
    """How a signature may be made; ``default`` is the one shown first, and is always allowed."""

    draw: bool
    type: bool
    upload: bool
    default: SignatureKind
    phone: bool = False

    @property
    def allowed(self) -> tuple[SignatureKind, ...]:
        kinds: tuple[SignatureKind, ...] = ("draw", "type", "upload", "phone")
        return tuple(kind for kind in kinds if getattr(self, kind))


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """A request. Times are seconds, UTC. ``file_key`` is what can be downloaded now, if anything."""

    id: int
    signature_request_id: str
    account_pk: int
    app_pk: int | None
    client_id: str | None
    app_name: str | None
    requester_name: str
    requester_email: str
    title: str
    original_title: str
    subject: str | None
    message: str | None
    metadata: Mapping[str, Any]
    cc_email_addresses: Sequence[str]
    signing_options: SigningOptions
    date_format: str
    test_mode: bool
    allow_decline: bool
    allow_reassign: bool
    is_ordered: bool
    signing_redirect_url: str | None
    signer_experience: Mapping[str, Any] | None
    form: Mapping[str, Any] | None
    custom_fields: Sequence[Mapping[str, Any]] | None
    expires_at: int | None
    state: RequestState
    error_code: str | None
    error_message: str | None
    created_at: int
    sent_at: int | None
    completed_at: int | None
    closed_at: int | None
    file_key: str | None
    file_sha256: str | None
    file_signatures: int
    is_sealed: bool
    zip_key: str | None
    downloadable_at: int | None
    files_deleted_at: int | None
    chain_length: int
    chain_head: str

    @property
    def sender(self) -> str:
        """The sender as people are told: ``Ann Lee (ann@example.com)``, or the address alone."""
        return f"{self.requester_name} ({self.requester_email})" if self.requester_name else self.requester_email


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's signature on one request."""

    id: int
    signature_id: str
    account_pk: int
    request_pk: int
    position: int
    turn: int
    name: str
    email_address: str
    status: SignatureStatus
    link_epoch: int
    invited_at: int | None
    first_viewed_at: int | None
    last_viewed_at: int | None
    last_reminded_at: int | None
    next_reminder_at: int | None
    consented_at: int | None
    consent: Mapping[str, Any] | None
    signed_at: int | None
    signing: Mapping[str, Any] | None
    declined_at: int | None
    decline_reason: str | None
    bounced_at: int | None
    error: str | None
    pin_hash: bytes | None = dataclass_field(repr=False)
    sms_phone_number: str | None
    sms_phone_number_type: PhoneUse | None
    reassigned_by: str | None
    reassigned_from: str | None
    reassignment_reason: str | None

    @property
    def has_pin(self) -> bool:
        """True when an access code opens the document."""
        return self.pin_hash is not None


@dataclass(frozen=True, slots=True)
class RequestDocument:
    """One document of a request: what was uploaded, and the PDF that everybody sees.

    ``pages`` has one mapping a page: ``width``, ``height`` (points as shown) and ``rotation``.
    """

    id: int
    request_pk: int
    position: int
    kind: DocumentKind
    filename: str
    source_url: str | None
    upload_key: str | None
    upload_sha256: str | None
    upload_bytes: int | None
    media_type: str | None
    pdf_key: str | None
    pdf_sha256: str | None
    page_count: int | None
    pages: Sequence[Mapping[str, Any]] | None
    warnings: Sequence[str] | None

    @property
    def source(self) -> str | None:
        """Where it was fetched from, as everybody may read it: what follows the path may be a secret of the sender's
        (presigned addresses carry one), and so may a name and password before the host."""
        if self.source_url is None:
            return None
        parts = urlsplit(self.source_url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@dataclass(frozen=True, slots=True)
class RequestAttachment:
    """A file that one signer is asked for, and what they uploaded, if they did. ``filename`` is for display only."""

    id: int
    attachment_id: str
    request_pk: int
    signature_pk: int
    position: int
    name: str
    instructions: str | None
    is_required: bool
    filename: str | None
    file_key: str | None
    sha256: str | None
    bytes: int | None
    media_type: str | None
    uploaded_at: int | None


@dataclass(frozen=True, slots=True)
class WholeRequest:
    """A request with everything that belongs to it, in order; ``answered`` are the fields of those who signed."""

    request: SignatureRequest
    signatures: tuple[Signature, ...]
    documents: tuple[RequestDocument, ...]
    attachments: tuple[RequestAttachment, ...]
    answered: tuple[RequestField, ...]

    @property
    def lifecycle(self) -> Lifecycle:
        signers = tuple(Signer(signature.turn, signature.status) for signature in self.signatures)
        return Lifecycle(self.request.state, signers)


@dataclass(frozen=True, slots=True)
class Consent:
    """Agreement to sign electronically: which words, in which language."""

    disclosure_version: str
    disclosure_sha256: str
    locale: str


def request_of(row: Row[Any]) -> SignatureRequest:
    """The request that a row of ``signature_requests`` holds."""
    values = _values(SignatureRequest, row)
    values["state"] = RequestState(values["state"])
    values["signing_options"] = SigningOptions(**values["signing_options"])
    return SignatureRequest(**values)


def signature_of(row: Row[Any]) -> Signature:
    """The signature that a row of ``signatures`` holds."""
    values = _values(Signature, row)
    values["status"] = SignatureStatus(values["status"])
    return Signature(**values)


def document_of(row: Row[Any]) -> RequestDocument:
    """The document that a row of ``request_documents`` holds."""
    return RequestDocument(**_values(RequestDocument, row))


def attachment_of(row: Row[Any]) -> RequestAttachment:
    """The attachment that a row of ``request_attachments`` holds."""
    return RequestAttachment(**_values(RequestAttachment, row))


def _values(kind: type[T], row: Row[Any]) -> dict[str, Any]:
    held = row._mapping
    return {field.name: held[field.name] for field in fields(kind)}  # type: ignore[arg-type]
