"""JSON in and out (SignatureRequestSendRequest, SignatureRequestResponse); no database.

Fields and parameters of later releases are declared too, so that asking for them is refused by name and never
silently dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .lifecycle import RequestState

if TYPE_CHECKING:
    from .shapes import Signature, WholeRequest


def request_json(whole: WholeRequest, public_url: str) -> dict[str, Any]:
    """SignatureRequestResponse. Never holds a signing link: ``signing_url`` leads to a page that says "look into
    your mail" (T1, T2)."""
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
        "custom_fields": [],
        "attachments": [],
        "response_data": [],
        "signatures": [_signature_json(whole, signature) for signature in whole.signatures],
        "bulk_send_job_id": None,
        **({"signer_experience": request.signer_experience} if request.signer_experience else {}),
    }


def _signature_json(whole: WholeRequest, signature: Signature) -> dict[str, Any]:
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
        "has_pin": False,
        "has_sms_auth": False,
        "has_sms_delivery": False,
        "sms_phone_number": None,
        "reassigned_by": None,
        "reassignment_reason": None,
        "reassigned_from": None,
        "error": signature.error,
    }
