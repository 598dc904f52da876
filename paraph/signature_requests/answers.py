"""The shapes of what the operations of this room answer, for our own OpenAPI document (paraph/web/openapi.py)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from paraph.kit.wire import ListInfo, Notice

from .lifecycle import SignatureStatus
from .verification import Outcome


class SignatureShape(TypedDict):
    """One person who is asked to sign."""

    signature_id: str
    signer_group_guid: str | None
    signer_email_address: str
    signer_name: str
    signer_role: str | None
    order: int | None
    status_code: SignatureStatus
    decline_reason: str | None
    signed_at: int | None
    last_viewed_at: int | None
    last_reminded_at: int | None
    has_pin: bool
    has_sms_auth: bool
    has_sms_delivery: bool
    sms_phone_number: str | None
    reassigned_by: str | None
    reassignment_reason: str | None
    reassigned_from: str | None
    error: str | None


class AttachmentShape(TypedDict):
    """A file that a signer is asked for; ``signer`` counts from 1."""

    id: str
    signer: int
    name: str
    required: bool
    instructions: str | None
    uploaded_at: int | None


class CustomFieldShape(TypedDict):
    """Data that the sender pre-filled."""

    name: str
    type: Literal["text", "checkbox"]
    value: str | bool | None
    api_id: str
    editor: str | None
    required: bool


class ResponseDataShape(TypedDict):
    """What a signer put into one field."""

    api_id: str
    signature_id: str
    name: str | None
    required: bool
    type: str
    value: str | bool | None
    is_signed: NotRequired[bool]
    masked: NotRequired[bool]


class SignatureRequestShape(TypedDict):
    """A signature request."""

    test_mode: bool
    signature_request_id: str
    client_id: str | None
    requester_email_address: str
    title: str
    original_title: str
    subject: str | None
    message: str | None
    metadata: dict[str, Any]
    created_at: int
    expires_at: int | None
    is_complete: bool
    is_declined: bool
    has_error: bool
    files_url: str
    signing_url: str
    details_url: str
    cc_email_addresses: list[str]
    signing_redirect_url: str | None
    final_copy_uri: str
    template_ids: list[str] | None
    custom_fields: list[CustomFieldShape]
    attachments: list[AttachmentShape]
    response_data: list[ResponseDataShape]
    signatures: list[SignatureShape]
    bulk_send_job_id: str | None
    signer_experience: NotRequired[dict[str, Any]]


class RequestAnswer(TypedDict):
    """One signature request."""

    signature_request: SignatureRequestShape
    warnings: NotRequired[list[Notice]]


class RequestListAnswer(TypedDict):
    """A page of the signature requests that the caller may see."""

    signature_requests: list[SignatureRequestShape]
    list_info: ListInfo


class FileUrlAnswer(TypedDict):
    """A link that needs no credentials, and when it ends."""

    file_url: str
    expires_at: int


class DataUriAnswer(TypedDict):
    """The file in base64."""

    data_uri: str


class FoundError(TypedDict):
    """What is wrong with a text tag."""

    error_msg: str
    error_name: Literal["error_text_tag"]


class FoundGroup(TypedDict):
    """Checkboxes or radio buttons that belong together."""

    group_id: str
    group_label: str
    requirement: str


class FoundField(TypedDict):
    """A field of the document; x and y in points, width and height in pixels of 80 an inch."""

    document_index: int
    api_id: str
    name: str | None
    type: str
    required: bool
    signer: int | str
    page: int | None
    x: int
    y: int
    width: int
    height: int
    is_checked: NotRequired[bool]
    group: NotRequired[str]
    options: NotRequired[list[str]]
    content: NotRequired[str]
    validation_type: NotRequired[str]
    auto_fill_type: NotRequired[str]


class Detection(TypedDict):
    """What was found in the document."""

    document_hash: str
    detection_mode: Literal["annotations", "text_tags"]
    page_count: int
    pages_analyzed: str
    detected_at: int
    form_fields_per_document: list[FoundField]
    form_field_groups: list[FoundGroup]
    warnings: list[Notice]
    errors: list[FoundError]
    suggestions: list[str]


class DetectionAnswer(TypedDict):
    """The fields of a document that is not sent yet."""

    detection_result: Detection


class Reason(TypedDict):
    """Why a file is not sound."""

    code: str
    message: str


class SealShape(TypedDict):
    """The seal in the file, as the file itself says; times are in ISO 8601."""

    level: str
    sealed_by: str
    issued_by: str
    certificate_sha256: str
    sealed_at: str
    timestamped_at: str | None
    timestamped_by: str | None


class ChainShape(TypedDict):
    """The audit chain in the file."""

    is_intact: bool
    fault: str | None
    events: int
    head: str | None


class CarriedSignerShape(TypedDict):
    """Somebody who was asked to sign."""

    name: str
    email_address: str
    signed_at: int | None
    kind: str | None
    authentication: list[str]


class CarriedRequestShape(TypedDict):
    """The request as the sealed file tells it."""

    signature_request_id: str
    title: str
    sender: str
    app_name: str | None
    signers: list[CarriedSignerShape]


class VerificationShape(TypedDict):
    """What is known of a file."""

    outcome: Outcome
    is_sealed_here: bool
    is_unchanged: bool
    is_archived: bool | None
    message: str
    reasons: list[Reason]
    notes: list[str]
    sha256: str
    byte_count: int
    page_count: int
    seal: SealShape | None
    chain: ChainShape | None
    signature_request: CarriedRequestShape | None


class VerificationAnswer(TypedDict):
    """The finding on a file."""

    verification: VerificationShape
