"""JSON in and out (SignatureRequestSendRequest, SignatureRequestResponse); no database.

Fields and parameters of later releases are declared too, so that asking for them is refused by name and never
silently dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from paraph.fields import CustomFieldBodies, FieldBodies, GroupBodies, RuleBodies
from paraph.kit.wire import Email, FilePart, Request, rule

from .lifecycle import RequestState
from .response_data import custom_fields, response_data

if TYPE_CHECKING:
    from paraph.kit import Kit

    from .shapes import RequestAttachment, Signature, WholeRequest

MAX_SIGNERS = 50
MAX_COPIES = 50
MAX_FILE_URLS = 50
MAX_ATTACHMENTS = 50
LONGEST_URL_CHARACTERS = 2048

Later = Any
"""A parameter of a later release: read only to be refused by name when it holds anything."""

DateFormat = Literal[
    "MM / DD / YYYY", "MM - DD - YYYY", "DD / MM / YYYY", "DD - MM - YYYY", "YYYY / MM / DD", "YYYY - MM - DD"
]


class SignerBody(Request):
    """SubSignatureRequestSigner."""

    email_address: Annotated[Email, rule(missing="Must specify an email_address for each signer")]
    name: Annotated[str, Meta(max_length=255), rule(missing="Must specify a name for each signer")]
    order: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    pin: Annotated[str, Meta(max_length=64)] | None = None
    sms_phone_number: Annotated[str, Meta(max_length=64)] | None = None
    sms_phone_number_type: Literal["authentication", "delivery"] | None = None


class SigningOptionsBody(Request):
    """SubSigningOptions."""

    default_type: Annotated[Literal["draw", "phone", "type", "upload"], rule(aliases=("default",))]
    draw: bool = False
    phone: bool = False
    type: bool = False
    upload: bool = False
    force_advanced_signature_details: Later = None


class AttachmentBody(Request):
    """SubAttachment."""

    name: Annotated[str, Meta(max_length=255), rule(missing="Must specify a name for each attachment")]
    signer_index: Annotated[int, Meta(ge=0)]
    instructions: Annotated[str, Meta(max_length=1000)] | None = None
    required: bool = False


class FieldOptionsBody(Request):
    """SubFieldOptions."""

    date_format: DateFormat


class SignerExperienceBody(Request):
    """SubSignerExperience."""

    form_view: Literal["disabled", "enabled", "enabled_by_default", "forced"] | None = None


class SendBody(Request):
    """SignatureRequestSendRequest."""

    files: Annotated[list[FilePart], rule(aliases=("file",))] = []
    file_urls: Annotated[
        list[Annotated[str, Meta(max_length=LONGEST_URL_CHARACTERS)]],
        Meta(max_length=MAX_FILE_URLS),
        rule(aliases=("file_url",)),
    ] = []
    signers: Annotated[list[SignerBody], Meta(max_length=MAX_SIGNERS)] = []
    title: Annotated[str, Meta(max_length=255)] | None = None
    subject: Annotated[str, Meta(max_length=255)] | None = None
    message: Annotated[str, Meta(max_length=5000)] | None = None
    cc_email_addresses: Annotated[list[Email], Meta(max_length=MAX_COPIES)] = []
    metadata: dict[str, Any] = {}
    client_id: Annotated[str, Meta(max_length=64)] | None = None
    signing_options: SigningOptionsBody | None = None
    field_options: FieldOptionsBody | None = None
    signer_experience: SignerExperienceBody | None = None
    signing_redirect_url: Annotated[str, Meta(max_length=LONGEST_URL_CHARACTERS)] | None = None
    expires_at: int | None = None
    test_mode: bool = False
    allow_decline: bool = False
    allow_reassign: bool = False
    attachments: Annotated[list[AttachmentBody], Meta(max_length=MAX_ATTACHMENTS)] = []

    form_fields_per_document: FieldBodies = []
    form_field_groups: GroupBodies = []
    form_field_rules: RuleBodies = []
    custom_fields: CustomFieldBodies = []
    use_text_tags: bool = False
    hide_text_tags: bool = False
    ignore_text_tags_extraction_errors: bool = False

    grouped_signers: Later = None
    is_eid: Later = None
    is_qualified_signature: Later = None


class RemindBody(Request):
    """SignatureRequestRemindRequest."""

    email_address: Email
    name: Annotated[str, Meta(max_length=255)] | None = None


class ListQuery(Request):
    """Query of GET /signature_request/list, beside page and page_size."""

    account_id: str | None = None
    query: Annotated[str, Meta(max_length=1000)] | None = None


class FilesQuery(Request):
    """Query of GET /signature_request/files; the last two are how SDKs from before the OpenAPI file ask."""

    file_type: Literal["pdf", "zip"] = "pdf"
    get_url: bool = False
    get_data_uri: bool = False


class FileUrlQuery(Request):
    """Query of GET /signature_request/files_as_file_url."""

    force_download: bool = True


def request_json(whole: WholeRequest, kit: Kit, *, is_unmasked: bool = False) -> dict[str, Any]:
    """SignatureRequestResponse. Never holds a signing link: ``signing_url`` leads to a page that says "look into
    your mail" (T1, T2). Masked values and phone numbers are told only with ``is_unmasked``, for the sender."""
    public_url = kit.settings.public_url
    request = whole.request
    own_id = request.signature_request_id
    return {
        "test_mode": request.test_mode,
        "signature_request_id": own_id,
        "client_id": request.client_id,
        "requester_email_address": request.requester_email,
        "title": request.title,
        "original_title": request.original_title,
        "subject": request.subject,
        "message": request.message,
        "metadata": request.metadata,
        "created_at": request.created_at,
        "expires_at": request.expires_at,
        "is_complete": request.state is RequestState.COMPLETE,
        "is_declined": request.state is RequestState.DECLINED,
        "has_error": request.state is RequestState.FAILED,
        "files_url": f"{public_url}/v3/signature_request/files/{own_id}",
        "signing_url": f"{public_url}/sign/{own_id}",
        "details_url": f"{public_url}/requests/{own_id}",
        "cc_email_addresses": request.cc_email_addresses,
        "signing_redirect_url": request.signing_redirect_url,
        "final_copy_uri": f"/v3/signature_request/final_copy/{own_id}",
        "template_ids": None,
        "custom_fields": custom_fields(whole, kit.keyring),
        "attachments": [_attachment_json(whole, attachment) for attachment in whole.attachments],
        "response_data": response_data(whole, kit.keyring, is_unmasked=is_unmasked),
        "signatures": [_signature_json(whole, signature, is_unmasked) for signature in whole.signatures],
        "bulk_send_job_id": None,
        **({"signer_experience": request.signer_experience} if request.signer_experience else {}),
    }


def _signature_json(whole: WholeRequest, signature: Signature, is_unmasked: bool) -> dict[str, Any]:
    """SignatureRequestResponseSignatures."""
    return {
        "signature_id": signature.signature_id,
        "signer_group_guid": None,
        "signer_email_address": signature.email_address,
        "signer_name": signature.name,
        "signer_role": None,
        "order": signature.turn if whole.request.is_ordered else None,
        "status_code": signature.status.value,
        "decline_reason": signature.decline_reason,
        "signed_at": signature.signed_at,
        "last_viewed_at": signature.last_viewed_at,
        "last_reminded_at": signature.last_reminded_at,
        "has_pin": signature.has_pin,
        "has_sms_auth": signature.sms_phone_number_type == "authentication",
        "has_sms_delivery": signature.sms_phone_number_type == "delivery",
        "sms_phone_number": signature.sms_phone_number if is_unmasked else None,
        "reassigned_by": signature.reassigned_by,
        "reassignment_reason": signature.reassignment_reason,
        "reassigned_from": signature.reassigned_from,
        "error": signature.error,
    }


def _attachment_json(whole: WholeRequest, attachment: RequestAttachment) -> dict[str, Any]:
    """SignatureRequestResponseAttachment; ``signer`` counts from 1, as in the vendor's recorded answers."""
    owner = next(one.position for one in whole.signatures if one.id == attachment.signature_pk)
    return {
        "id": attachment.attachment_id,
        "signer": owner + 1,
        "name": attachment.name,
        "required": attachment.is_required,
        "instructions": attachment.instructions,
        "uploaded_at": attachment.uploaded_at,
    }
