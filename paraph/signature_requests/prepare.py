"""Take the files in, put the fields on them, and send: everything slow outside the transaction, everything at once.

Nothing is recorded until all of it is ready, so a crash leaves a request that is simply still to be prepared.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from paraph.accounts import hold_account
from paraph.documents import DocumentFailure
from paraph.fields import as_json, from_json
from paraph.kit.faults import fault_point

from . import audit
from .assembly import SIGNATURE_PAGE_NAME, merged
from .file_notes import flattened_files
from .form_order import FormOrder
from .lay_out import lay_out
from .letters import mail_flattened
from .lifecycle import RequestState
from .models import request_documents, request_fields, signature_requests
from .moves import store_move
from .queries import load_whole, lock_whole
from .refuse import FileRefused, record_failed
from .release import mark_sent
from .response_data import custom_fields_of
from .surroundings import unless_of_the_machine
from .take_in import take_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.fields import PlacedField
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.files import StoredFile

    from .lay_out import LaidOut
    from .shapes import WholeRequest
    from .signature_page import SignaturePage
    from .take_in import TakenIn


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that ``_record_ready`` writes: what was laid out, and the stored files of it."""

    laid: LaidOut
    pdfs: tuple[StoredFile, ...]
    page_file: StoredFile | None
    current: StoredFile


async def prepare_request(request_pk: int, kit: Kit) -> None:
    """Bring a request from ``preparing`` to sent, on hold or failed; does nothing in any other state."""
    whole, order = await kit.db.read(lambda tx: (load_whole(tx, request_pk), _order(tx, request_pk)))
    if whole.request.state is not RequestState.PREPARING:
        return
    try:
        prepared = await _prepare(whole, order, kit)
    except DocumentFailure as failure:
        raise unless_of_the_machine(failure) from failure
    except FileRefused as failure:
        refused = failure  # the name of an ``except`` ends with its block
        await kit.db.write(lambda tx: record_failed(tx, request_pk, refused, kit))
    else:
        await kit.db.write(lambda tx: _record_ready(tx, whole.request.account_pk, request_pk, prepared, kit))


def _order(tx: ReadTx, request_pk: int) -> FormOrder:
    columns = signature_requests.c
    kept = tx.scalar(select(columns.form_plan).where(columns.id == request_pk))
    return from_json(kept, FormOrder) if kept else FormOrder()


async def _prepare(whole: WholeRequest, order: FormOrder, kit: Kit) -> Prepared:
    async with kit.files.workspace() as folder:
        taken = [await take_in(document, folder, kit) for document in whole.documents]
        laid = await lay_out(whole, order, taken, folder, kit)
        fault_point("prepare.taken_in")
        pdfs = [await kit.files.put(one.path) for one in laid.documents]
        page_file = None if laid.page is None else await kit.files.put(laid.page.path)
        files = [(one.key, one.sha256) for one in (*pdfs, *([page_file] if page_file else []))]
        current = await kit.files.put(await merged(whole.request, files, (), folder, kit))
    fault_point("prepare.files_stored")
    return Prepared(laid, tuple(pdfs), page_file, current)


def _record_ready(tx: WriteTx, account_pk: int, request_pk: int, prepared: Prepared, kit: Kit) -> None:
    # held first: a confirmation that runs at this moment has looked for what it releases already
    sender = hold_account(tx, account_pk)
    hold = sender.is_suspended or not sender.is_confirmed
    before = lock_whole(tx, request_pk)
    if before.request.state is not RequestState.PREPARING:
        return  # cancelled meanwhile, or another worker was faster
    laid = prepared.laid
    for taken, pdf in zip(laid.documents, prepared.pdfs, strict=True):
        tx.execute(_ready_document(taken, pdf))
    keys = [document.id for document in before.documents]
    if laid.page is not None and prepared.page_file is not None:
        keys.append(_insert_page(tx, before, laid.page, prepared.page_file))
    _insert_fields(tx, before, laid.fields, keys, kit.clock.now())
    values = {
        "file_key": prepared.current.key,
        "file_sha256": prepared.current.sha256,
        "form_plan": None,
        "form": as_json(replace(laid.form, fields=())),
        "custom_fields": custom_fields_of(laid.form.fields),
    }
    whole = store_move(tx, before, before.lifecycle.prepared(hold=hold), request=values)
    audit.record(tx, request_pk, "prepared", {"files": _file_facts(whole, laid.documents)}, kit=kit)
    if flattened_files(whole):
        mail_flattened(tx, whole, flattened_files(whole), kit=kit)
    if not hold:
        mark_sent(tx, whole, kit)
    fault_point("prepare.recorded")


def _ready_document(taken: TakenIn, pdf: StoredFile) -> Any:
    normalised = taken.normalised
    values: dict[str, Any] = {
        "pdf_key": pdf.key,
        "pdf_sha256": pdf.sha256,
        "page_count": normalised.page_count,
        "pages": [asdict(page) for page in normalised.pages],
        "media_type": normalised.media_type,
        "warnings": list(normalised.warnings),
    }
    if taken.upload is not None:
        upload = taken.upload
        values |= {"upload_key": upload.key, "upload_sha256": upload.sha256, "upload_bytes": upload.size}
    return update(request_documents).where(request_documents.c.id == taken.document_pk).values(values)


def _insert_page(tx: WriteTx, before: WholeRequest, drawn: SignaturePage, file: StoredFile) -> int:
    page = drawn.page
    values = {
        "account_pk": before.request.account_pk,
        "request_pk": before.request.id,
        "position": len(before.documents),
        "kind": "signature_page",
        "filename": SIGNATURE_PAGE_NAME,
        "media_type": "application/pdf",
        "pdf_key": file.key,
        "pdf_sha256": file.sha256,
        "page_count": page.page_count,
        "pages": [asdict(one) for one in page.pages],
        "warnings": [],
    }
    return tx.insert(request_documents, values)


def _insert_fields(
    tx: WriteTx, before: WholeRequest, placed: Sequence[PlacedField], document_keys: Sequence[int], now: int
) -> None:
    """``document_keys`` lead from the place of a document to its row; what the sender gave is filled in already."""
    signers = {signature.position: signature.id for signature in before.signatures}
    fixed = {"account_pk": before.request.account_pk, "request_pk": before.request.id}
    rows = [
        {
            **fixed,
            "signature_pk": None if one.field.signer is None else signers[one.field.signer],
            "document_pk": document_keys[one.place.document_index],
            "api_id": one.field.api_id,
            "kind": one.field.kind,
            "page": one.place.page,
            "x": one.place.x,
            "y": one.place.y,
            "width": one.place.width,
            "height": one.place.height,
            "definition": as_json(one.field),
            "filled_at": now if one.field.is_given_by_sender else None,
        }
        for one in placed
    ]
    tx.execute(request_fields.insert(), rows)


def _file_facts(whole: WholeRequest, taken: Sequence[TakenIn]) -> list[dict[str, Any]]:
    signed = {one.document_pk: one.normalised.had_signatures for one in taken}
    return [
        {
            "name": document.filename,
            "pages": document.page_count,
            "uploaded": document.upload_sha256,
            "shown": document.pdf_sha256,
            **({"flattened_signatures": count} if (count := signed.get(document.id)) else {}),
        }
        for document in whole.documents
    ]
