"""What one signer sees through the link in their mail, and nothing more (T1)."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from sqlalchemy import select

from paraph.accounts import load_account
from paraph.kit.errors import Conflict, Deleted, NotFound, ParaphError
from paraph.kit.i18n import N_
from paraph.kit.i18n import gettext as _

from .form import Given, form_of
from .lifecycle import RequestState
from .links import read_signing_token
from .marks import open_mark
from .models import signature_requests, signatures
from .queries import fields_of, load_whole

if TYPE_CHECKING:
    from pathlib import Path

    from paraph.fields import Form
    from paraph.kit import Kit
    from paraph.kit.crypto import Keyring
    from paraph.kit.db import ReadTx, WriteTx

    from .form import RequestField
    from .shapes import RequestDocument, Signature, SignatureRequest, SigningOptions, WholeRequest

Standing = Literal[
    "your_turn",
    "not_your_turn",
    "signed",
    "declined_by_you",
    "declined",
    "cancelled",
    "expired",
    "complete",
    "not_sent",
    "paused",
]

LINK_UNKNOWN = N_("This link does not lead to a document. Open the newest link in your mail.")
REFUSALS: dict[str, str] = {
    "not_your_turn": N_("This request cannot be signed yet. You get a mail when it is your turn."),
    "signed": N_("You have already signed this document."),
    "declined_by_you": N_("You declined to sign this document."),
    "declined": N_("Somebody declined to sign this document, so it can no longer be signed."),
    "expired": N_("This request has expired. Ask the sender for a new one."),
    "complete": N_("This document is complete."),
    "not_sent": N_("This request was not sent yet."),
    "paused": N_(
        "The people who run this server stopped the sender's account for now. Nothing can be signed until they "
        "decide."
    ),
}


@dataclass(frozen=True, slots=True)
class OtherSigner:
    """Another person on the same request, as the page may show them: no address, no link."""

    name: str
    has_signed: bool


@dataclass(frozen=True, slots=True)
class SignerView:
    """A request as one signer sees it. ``standing`` says what they may do; only ``your_turn`` lets them act.

    ``fields`` are this signer's own, and ``form`` says what they are and what binds them; ``others_fields`` are all
    the rest. ``documents`` are in order, a signature page last.
    """

    request: SignatureRequest
    signature: Signature
    documents: tuple[RequestDocument, ...]
    fields: tuple[RequestField, ...]
    form: Form
    others_fields: tuple[RequestField, ...] = field(repr=False)
    others: tuple[OtherSigner, ...]
    standing: Standing
    whole: WholeRequest
    keyring: Keyring = field(repr=False)

    @property
    def given(self) -> tuple[Given, ...]:
        """What the others have already put on the pages; opened anew each time."""
        return tuple(
            Given(one.document_pk, one.box, open_mark(self.keyring, one.mark), one.api_id)
            for one in self.others_fields
            if one.mark is not None
        )

    @property
    def links(self) -> tuple[RequestField, ...]:
        """Every hyperlink on the pages; its words are part of the document."""
        return tuple(one for one in (*self.fields, *self.others_fields) if one.kind == "hyperlink")

    @property
    def signing_options(self) -> SigningOptions:
        return self.request.signing_options

    @property
    def sender_name(self) -> str:
        return self.request.requester_name

    @property
    def sender_address(self) -> str:
        return self.request.requester_email

    @property
    def app_name(self) -> str | None:
        return self.request.app_name

    @property
    def client_id(self) -> str | None:
        return self.request.client_id

    @property
    def file_is_ready(self) -> bool:
        """True once the sealed file of a complete request can be fetched."""
        return self.request.is_sealed and self.request.files_deleted_at is None


def load_for_signer(tx: ReadTx, token: str, kit: Kit) -> SignerView:
    """What the holder of this link sees; NotFound for a link that is not, or no longer, one of ours (T3).

    A request that is over has a view too, so that the page can say so; acting on it is what is refused.
    """
    named = read_signing_token(kit, token)
    if named is None:
        raise NotFound(_(LINK_UNKNOWN))
    columns = signatures.c
    row = tx.one_or_none(
        select(columns.request_pk, columns.position).where(
            columns.signature_id == named[0], columns.link_epoch == named[1]
        )
    )
    if row is None:
        raise NotFound(_(LINK_UNKNOWN))
    return _view(tx, load_whole(tx, row.request_pk), row.position, kit)


def load_signer(tx: ReadTx, signature_pk: int, kit: Kit) -> SignerView:
    """As ``load_for_signer``, for who holds another proof that they act for this signature (a pad on their phone)."""
    columns = signatures.c
    row = tx.one_or_none(select(columns.request_pk, columns.position).where(columns.id == signature_pk))
    if row is None:
        raise NotFound(LINK_UNKNOWN)
    return _view(tx, load_whole(tx, row.request_pk), row.position, kit)


def lock_for_signer(tx: WriteTx, token: str, kit: Kit) -> SignerView:
    """As ``load_for_signer``, with the request's row locked until the transaction ends."""
    _lock(tx, load_for_signer(tx, token, kit))
    return load_for_signer(tx, token, kit)


def lock_signer(tx: WriteTx, signature_pk: int, kit: Kit) -> SignerView:
    """As ``load_signer``, with the request's row locked until the transaction ends."""
    _lock(tx, load_signer(tx, signature_pk, kit))
    return load_signer(tx, signature_pk, kit)


def refusal_of(standing: str) -> ParaphError:
    """The failure that tells a signer why they cannot act now."""
    if standing == "cancelled":
        return Deleted(_("The sender cancelled this request. It can no longer be signed."))
    return Conflict(_(REFUSALS[standing]))


async def check_documents(view: SignerView, kit: Kit) -> None:
    """Make sure that what is shown or signed is what was sent (T19); raises ParaphError 500 when a byte differs.

    Slow (reads every file): for async edges, before they record a view or a signature.
    """
    for document in view.documents:
        async with kit.files.local(document.pdf_key or "") as path:
            if await asyncio.to_thread(_sha256, path) != document.pdf_sha256:
                raise ParaphError(
                    _("The stored document is not the one that was sent. Nothing was recorded; tell the sender."),
                    name="unknown",
                    status=500,
                    detail=f"document {document.id} of request {view.request.signature_request_id} changed",
                )


def _lock(tx: WriteTx, view: SignerView) -> None:
    columns = signature_requests.c
    tx.all(select(columns.id).where(columns.id == view.request.id).with_for_update(key_share=True))


def _view(tx: ReadTx, whole: WholeRequest, position: int, kit: Kit) -> SignerView:
    own = whole.signatures[position]
    placed = fields_of(tx, whole.request.id)
    return SignerView(
        request=whole.request,
        signature=own,
        documents=whole.documents,
        fields=tuple(one for one in placed if one.signature_pk == own.id),
        form=form_of(whole.request, placed).of(position),
        others_fields=tuple(one for one in placed if one.signature_pk != own.id),
        others=tuple(
            OtherSigner(other.name, other.signed_at is not None)
            for other in whole.signatures
            if other.position != position
        ),
        standing=_standing(tx, whole, position, kit.clock.now()),
        whole=whole,
        keyring=kit.keyring,
    )


def _standing(tx: ReadTx, whole: WholeRequest, position: int, now: int) -> Standing:
    if whole.request.state is RequestState.CANCELLED:
        return "cancelled"
    found = whole.lifecycle.refusal(position) or "your_turn"
    expires_at = whole.request.expires_at
    if found in ("your_turn", "not_your_turn") and expires_at is not None and expires_at <= now:
        return "expired"  # the hour counts, not when the job that records it comes round
    if found in ("your_turn", "not_your_turn") and load_account(tx, whole.request.account_pk).is_suspended:
        return "paused"
    return cast("Standing", found)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
