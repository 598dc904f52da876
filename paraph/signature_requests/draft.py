"""The rows of a request that is about to be sent, as plain data: its keys are known before anything is written.

What the sender is answered is made of the same values that are inserted; nothing is read back.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec

from paraph.fields import as_json
from paraph.kit import ids

from .access_models import request_attachments
from .ask import asked_of_signer, attachment_rows
from .audit import GENESIS, Head
from .lifecycle import RequestState, begin
from .models import request_documents, signature_requests, signatures
from .response_data import custom_fields_of
from .shapes import WholeRequest, attachment_of, document_of, request_of, signature_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Table

    from paraph.accounts import Account
    from paraph.kit import Kit

    from .check import SendPlan
    from .uploads import Upload

Values = dict[str, Any]


@dataclass(slots=True)
class Draft:
    """Rows to be inserted, each with its key."""

    request: Values
    signatures: list[Values]
    documents: list[Values]
    attachments: list[Values]

    @property
    def head(self) -> Head:
        """Where the chain of evidence begins."""
        request = self.request
        return Head(request["id"], request["account_pk"], request["signature_request_id"])

    def rows(self) -> list[tuple[Table, Values]]:
        """All rows, those that others refer to first."""
        of_many = {
            signatures: self.signatures,
            request_documents: self.documents,
            request_attachments: self.attachments,
        }
        return [
            (signature_requests, self.request),
            *((table, values) for table, many in of_many.items() for values in many),
        ]

    def whole(self) -> WholeRequest:
        """The request as it will be read."""
        return WholeRequest(
            request_of(_row(signature_requests, self.request)),
            tuple(signature_of(_row(signatures, values)) for values in self.signatures),
            tuple(document_of(_row(request_documents, values)) for values in self.documents),
            tuple(attachment_of(_row(request_attachments, values)) for values in self.attachments),
            (),
        )


def _row(table: Table, values: Values) -> Any:
    """Values as a row shows itself; what is not given is NULL."""
    return SimpleNamespace(_mapping=dict.fromkeys(table.c.keys()) | values)


def draft_request(
    sender: Account, plan: SendPlan, uploads: Sequence[Upload], keys: Mapping[str, Sequence[int]], kit: Kit
) -> Draft:
    """Return the rows of this request; ``keys`` are theirs, by table."""
    names = _names(plan, uploads)
    # the vendor's default: the subject, else the name of the first file
    title = plan.title or plan.subject or names[0]
    own = {"id": keys["signature_requests"][0], "title": title, "original_title": plan.subject or title}
    belongs = {"account_pk": sender.pk, "request_pk": own["id"]}
    return Draft(
        own | _request(sender, plan, kit),
        [belongs | values for values in _signatures(plan, keys["signatures"], kit, hold=not sender.is_confirmed)],
        [belongs | values for values in _documents(plan, uploads, names, keys["request_documents"])],
        [belongs | values for values in attachment_rows(plan, keys["request_attachments"], keys["signatures"])],
    )


def _request(sender: Account, plan: SendPlan, kit: Kit) -> Values:
    return {
        "signature_request_id": ids.long_id(),
        "account_pk": sender.pk,
        "requester_name": sender.name,
        "requester_email": sender.email_address,
        "subject": plan.subject,
        "message": plan.message,
        "metadata": dict(plan.metadata),
        "cc_email_addresses": list(plan.cc_email_addresses),
        "signing_options": msgspec.to_builtins(plan.signing_options),
        "date_format": plan.date_format,
        "test_mode": plan.test_mode,
        "allow_decline": plan.allow_decline,
        "allow_reassign": plan.allow_reassign,
        "is_ordered": plan.is_ordered,
        "signing_redirect_url": plan.signing_redirect_url,
        "signer_experience": plan.signer_experience,
        "form_plan": as_json(plan.form),
        "custom_fields": custom_fields_of(plan.form.plan.form.fields),
        "expires_at": plan.expires_at,
        "state": RequestState.PREPARING.value,
        "created_at": kit.clock.now(),
        "file_signatures": 0,
        "is_sealed": False,
        "chain_length": 0,
        "chain_head": GENESIS,
    }


def _signatures(plan: SendPlan, keys: Sequence[int], kit: Kit, *, hold: bool) -> list[Values]:
    lifecycle = begin([signer.turn for signer in plan.signers], hold=hold)
    return [
        {
            "id": key,
            "signature_id": ids.short_id(),
            "position": position,
            "turn": signer.turn,
            "name": signer.name,
            "email_address": signer.email_address,
            "email_folded": signer.email_address.casefold(),
            "status": lifecycle.signers[position].status.value,
            "link_epoch": 0,
            **asked_of_signer(signer, key, kit),
        }
        for position, (key, signer) in enumerate(zip(keys, plan.signers, strict=True))
    ]


def _documents(plan: SendPlan, uploads: Sequence[Upload], names: Sequence[str], keys: Sequence[int]) -> list[Values]:
    uploaded: list[Values] = [
        {
            "upload_key": upload.key,
            "upload_sha256": upload.sha256,
            "upload_bytes": upload.size,
            "media_type": upload.media_type,
        }
        for upload in uploads
    ]
    sources = uploaded or [{"source_url": url} for url in plan.file_urls]
    return [
        {"id": key, "kind": "upload", "position": position, "filename": names[position], **source}
        for position, (key, source) in enumerate(zip(keys, sources, strict=True))
    ]


def _names(plan: SendPlan, uploads: Sequence[Upload]) -> list[str]:
    if uploads:
        return [upload.filename for upload in uploads]
    return [_last_segment(url) or f"Document {place}" for place, url in enumerate(plan.file_urls, 1)]


def _last_segment(url: str) -> str:
    """What a person would call the file at this address; display only."""
    path = url.partition("#")[0].partition("?")[0].partition("://")[2]
    name = path.rpartition("/")[2] if "/" in path else ""
    return "".join(character for character in name if character.isprintable())
