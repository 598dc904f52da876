"""The nouns of this room as frozen data, read from rows; no database, no HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from paraph.documents import Box, PlainText, Strokes, Tick, TypedText
from paraph.fields import FieldKind, Form, FormField, Value
from paraph.fields import from_json as field_from_json

from .lifecycle import Lifecycle, RequestState, SignatureStatus, Signer

if TYPE_CHECKING:
    from sqlalchemy import Row

    from .access_plan import PhoneUse

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


@dataclass(frozen=True, slots=True)
class RequestField:
    """A field in its place on a page. Without ``signature_pk`` the sender filled it in before anybody signed.

    ``field`` says what it is. ``value`` (what was put in) and ``mark`` (how it looks) are sealed; see ``marks``.
    """

    id: int
    signature_pk: int | None
    document_pk: int
    api_id: str
    kind: FieldKind
    page: int
    x: float
    y: float
    width: float
    height: float
    field: FormField
    value: bytes | None
    mark: bytes | None
    filled_at: int | None

    @property
    def box(self) -> Box:
        return Box(self.page, self.x, self.y, self.width, self.height)


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
    """A request with everything that belongs to it, in order."""

    request: SignatureRequest
    signatures: tuple[Signature, ...]
    documents: tuple[RequestDocument, ...]
    attachments: tuple[RequestAttachment, ...]

    @property
    def lifecycle(self) -> Lifecycle:
        signers = tuple(Signer(signature.turn, signature.status) for signature in self.signatures)
        return Lifecycle(self.request.state, signers)


@dataclass(frozen=True, slots=True)
class AdoptedPicture:
    """A signature picture that was re-encoded (``DocumentWorkers.take_picture``) and stored."""

    key: str
    sha256: str


Ink: TypeAlias = TypedText | Strokes | AdoptedPicture
"""A signature or initials, however they were made."""


def kind_of(made: Ink) -> SignatureKind:
    """How a signature was made."""
    if isinstance(made, TypedText):
        return "type"
    return "draw" if isinstance(made, Strokes) else "upload"


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody else has already put on a page. Masked values come as asterisks."""

    document_pk: int
    box: Box
    content: Ink | PlainText | Tick
    api_id: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Agreement to sign electronically: which words, in which language."""

    disclosure_version: str
    disclosure_sha256: str
    locale: str


@dataclass(frozen=True, slots=True)
class FilledSignature:
    """What a signer hands in: their signature and initials (None without such fields), the values of the other fields
    by api_id, and the words of the button that was pressed.

    ``time_zone`` is the browser's IANA zone, empty when unknown; ``by_phone``: drawn there, finished here.
    """

    content: Ink | None
    button_text: str
    locale: str
    time_zone: str = ""
    by_phone: bool = False
    initials: Ink | None = None
    values: Mapping[str, Value] = dataclass_field(default_factory=dict)

    @property
    def kind(self) -> SignatureKind | None:
        """How the signature was made, or else the initials."""
        if self.by_phone:
            return "phone"
        made = self.content or self.initials
        return None if made is None else kind_of(made)


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


def field_of(row: Row[Any]) -> RequestField:
    """The field that a row of ``request_fields`` holds."""
    held = row._mapping
    definition = held["definition"]
    field = field_from_json(definition, FormField) if definition else _field_of_first_release(row)
    return RequestField(**_values(RequestField, row, without="field"), field=field)


def form_of(request: SignatureRequest, placed: Sequence[RequestField]) -> Form:
    """The whole form of a request: these fields, and the groups and rules that were asked for."""
    bound = field_from_json(request.form, Form) if request.form else Form()
    return replace(bound, fields=tuple(one.field for one in placed))


def _field_of_first_release(row: Row[Any]) -> FormField:
    """Signature pages of the first release had a signature and a date for each signer, called ``signature_0``."""
    held = row._mapping
    position = int(str(held["api_id"]).rpartition("_")[2])
    return FormField(held["api_id"], held["kind"], position, required=held["kind"] == "signature")


def _values(kind: type[T], row: Row[Any], without: str = "") -> dict[str, Any]:
    held = row._mapping
    return {field.name: held[field.name] for field in fields(kind) if field.name != without}  # type: ignore[arg-type]
