"""A signer hands in a file that the sender asked for, or takes it back, until they have signed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from paraph.kit.errors import Conflict, NotFound
from paraph.kit.i18n import gettext as _

from . import audit
from .access_models import request_attachments
from .signer_view import refusal_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

    from .shapes import RequestAttachment, WholeRequest
    from .signer_view import SignerView

NOTHING = {"filename": None, "file_key": None, "sha256": None, "bytes": None, "media_type": None, "uploaded_at": None}


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A stored file for one of the attachments asked for.

    ``filename`` is for display only, ``media_type`` what its first bytes show.
    """

    attachment_id: str
    filename: str
    file_key: str
    sha256: str
    bytes: int
    media_type: str


def attachments_of(view: SignerView) -> tuple[RequestAttachment, ...]:
    """The files that this signer is asked for, in order."""
    return tuple(one for one in view.whole.attachments if one.signature_pk == view.signature.id)


def handed_in(whole: WholeRequest) -> tuple[RequestAttachment, ...]:
    """What the sender may have: files come with the signature, and until it is given they are still the signer's."""
    signed = {one.id for one in whole.signatures if one.signed_at is not None}
    return tuple(one for one in whole.attachments if one.signature_pk in signed and one.file_key is not None)


def attachments_missing(view: SignerView) -> tuple[RequestAttachment, ...]:
    """Those without which this signer cannot finish."""
    return tuple(one for one in attachments_of(view) if one.is_required and one.file_key is None)


def attachment_of(view: SignerView, attachment_id: str) -> RequestAttachment:
    """One file that this signer is asked for; NotFound for anybody else's (T1)."""
    found = next((one for one in attachments_of(view) if one.attachment_id == attachment_id), None)
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


def record_attached(tx: WriteTx, view: SignerView, file: HandedIn, client: Client, kit: Kit) -> None:
    """Keep the file in place of an earlier one; ``view`` comes from ``lock_for_signer`` in this very transaction.

    Raises NotFound, and Conflict or Deleted when it is not this signer's turn or consent is missing.
    """
    wanted = _changeable(view, file.attachment_id)
    _keep(tx, wanted, {**asdict(file), "uploaded_at": kit.clock.now()})
    facts = {**_about(view, wanted), "file": file.filename, "sha256": file.sha256, "bytes": file.bytes}
    audit.record(tx, view.request.id, "attachment_uploaded", facts, kit=kit, client=client)


def record_detached(tx: WriteTx, view: SignerView, attachment_id: str, client: Client, kit: Kit) -> None:
    """Take the file back, if there is one; raises as ``record_attached``."""
    wanted = _changeable(view, attachment_id)
    if wanted.file_key is None:
        return
    _keep(tx, wanted, NOTHING)
    facts = {**_about(view, wanted), "sha256": wanted.sha256}
    audit.record(tx, view.request.id, "attachment_removed", facts, kit=kit, client=client)


def forget_attached(tx: WriteTx, signature_pk: int) -> None:
    """Drop what a signer handed in, who signs no longer; the sweep of orphans takes the files."""
    tx.execute(update(request_attachments).where(request_attachments.c.signature_pk == signature_pk).values(NOTHING))


def attached_facts(view: SignerView) -> list[dict[str, Any]]:
    """What the evidence of a signature says about the files handed in with it."""
    return [
        {"attachment": one.attachment_id, "name": one.name, "sha256": one.sha256}
        for one in attachments_of(view)
        if one.file_key is not None
    ]


def _changeable(view: SignerView, attachment_id: str) -> RequestAttachment:
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    if view.signature.consented_at is None:
        raise Conflict("Agree to sign electronically first.")
    return attachment_of(view, attachment_id)


def _keep(tx: WriteTx, wanted: RequestAttachment, values: dict[str, Any]) -> None:
    tx.execute(update(request_attachments).where(request_attachments.c.id == wanted.id).values(values))


def _about(view: SignerView, wanted: RequestAttachment) -> dict[str, Any]:
    return {
        "signature": view.signature.signature_id,
        "attachment": wanted.attachment_id,
        "name": wanted.name,
    }
