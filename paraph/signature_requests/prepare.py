"""Take the files in, draw the signature page, and send: everything slow outside the transaction, everything at once.

Nothing is recorded until all of it is ready, so a crash leaves a request that is simply still to be prepared.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from paraph.accounts import hold_account
from paraph.documents import (
    DocumentWorkers,
    NormalisedDocument,
    PlacedPage,
    Rejected,
    SignaturePagePlan,
    SignatureRow,
)
from paraph.kit.outbound import OutboundFailed, OutboundRefused

from . import audit
from .announce import announce
from .assembly import SIGNATURE_PAGE_NAME, merged
from .letters import mail_failed
from .lifecycle import RequestState, SignatureStatus
from .models import request_documents, request_fields, signatures
from .moves import store_move
from .queries import load_whole, lock_whole
from .release import mark_sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.files import StoredFile

    from .shapes import RequestDocument, WholeRequest

DOWNLOAD_SECONDS = 60.0
DOWNLOAD_TRIES = 3
DOWNLOAD_PAUSE_SECONDS = 1.0
SMALLEST_SIDE, LARGEST_SIDE = 400.0, 1300.0
LETTER_SIZE = (612.0, 792.0)


class FileRefused(Exception):
    """A file of the request cannot be used; ``sentence`` tells the sender which, why and what to do."""

    def __init__(self, code: str, sentence: str, event_type: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.event_type = event_type


@dataclass(frozen=True, slots=True)
class TakenIn:
    """One document of the request, ready: what was uploaded and the PDF made of it, both stored."""

    document_pk: int
    upload: StoredFile | None
    pdf: StoredFile
    normalised: NormalisedDocument


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that ``_record_ready`` writes."""

    documents: tuple[TakenIn, ...]
    page: PlacedPage
    page_file: StoredFile
    current: StoredFile


async def prepare_request(request_pk: int, kit: Kit) -> None:
    """Bring a request from ``preparing`` to sent, on hold or failed; does nothing in any other state."""
    whole = await kit.db.read(lambda tx: load_whole(tx, request_pk))
    if whole.request.state is not RequestState.PREPARING:
        return
    try:
        prepared = await _prepare(whole, kit)
    except FileRefused as refused:
        await _fail(request_pk, refused, kit)
    else:
        await kit.db.write(lambda tx: _record_ready(tx, whole.request.account_pk, request_pk, prepared, kit))


def record_failed(tx: WriteTx, request_pk: int, refused: FileRefused, kit: Kit) -> None:
    """Record that the request cannot be sent: state, event with the reason, mail to the sender; nobody else hears."""
    before = lock_whole(tx, request_pk)
    if before.request.state is not RequestState.PREPARING:
        return
    is_ours = refused.event_type == "unknown_error"
    after = before.lifecycle.failed(SignatureStatus.ERROR_UNKNOWN if is_ours else SignatureStatus.ERROR_FILE)
    values = {"error_code": refused.code, "error_message": refused.sentence, "closed_at": kit.clock.now()}
    store_move(tx, before, after, request=values)
    tx.execute(update(signatures).where(signatures.c.request_pk == request_pk).values(error=refused.sentence))
    whole = load_whole(tx, request_pk)
    audit.record(tx, request_pk, "failed", {"reason": refused.code}, kit=kit)
    announce(tx, whole, refused.event_type, message=refused.sentence, kit=kit)
    mail_failed(tx, whole, kit=kit)


async def _fail(request_pk: int, refused: FileRefused, kit: Kit) -> None:
    await kit.db.write(lambda tx: record_failed(tx, request_pk, refused, kit))


async def _prepare(whole: WholeRequest, kit: Kit) -> Prepared:
    async with kit.files.workspace() as folder:
        taken = [await _take_in(document, folder, kit) for document in whole.documents]
        page, page_file = await _signature_page(whole, taken[-1].normalised, folder, kit)
        files = [(one.pdf.key, one.pdf.sha256) for one in taken] + [(page_file.key, page_file.sha256)]
        current = await kit.files.put(await merged(whole.request, files, (), folder, kit))
    return Prepared(tuple(taken), page, page_file, current)


async def _take_in(document: RequestDocument, folder: Path, kit: Kit) -> TakenIn:
    label = f"“{document.filename}” (file {document.position + 1})"
    async with AsyncExitStack() as stack:
        upload = None
        if document.source_url is not None:
            path = await _download(document.source_url, folder / f"download-{document.position}", label, kit)
            upload = await kit.files.put(path)
        else:
            path = await stack.enter_async_context(_unchanged_upload(document, kit))
        target = folder / f"document-{document.position}.pdf"
        try:
            normalised = await kit.service(DocumentWorkers).intake(path, target)
        except Rejected as rejected:
            raise FileRefused(rejected.reason, f"{label}: {rejected.sentence}", "file_error") from rejected
    return TakenIn(document.id, upload, await kit.files.put(target), normalised)


@asynccontextmanager
async def _unchanged_upload(document: RequestDocument, kit: Kit) -> AsyncIterator[Path]:
    """The stored upload, which must still be the very bytes that were sent (T19)."""
    async with kit.files.local(document.upload_key or "") as path:
        if await asyncio.to_thread(_sha256, path) != document.upload_sha256:
            raise OSError(f"the stored upload of document {document.id} changed since it was sent")
        yield path


async def _download(url: str, target: Path, label: str, kit: Kit) -> Path:
    for tries_left in reversed(range(DOWNLOAD_TRIES)):
        try:
            await kit.outbound.download(url, target, max_bytes=kit.settings.max_file_bytes, seconds=DOWNLOAD_SECONDS)
        except OutboundRefused as refused:
            raise _unfetched(label, str(refused)) from refused
        except OutboundFailed as failed:
            if not tries_left:
                raise _unfetched(label, str(failed)) from failed
            await asyncio.sleep(DOWNLOAD_PAUSE_SECONDS)
        else:
            break
    return target


def _unfetched(label: str, reason: str) -> FileRefused:
    sentence = f"{label} could not be fetched: {reason}. Check the address in file_urls and send the request again."
    return FileRefused("file_url_failed", sentence, "signature_request_invalid")


async def _signature_page(
    whole: WholeRequest, last: NormalisedDocument, folder: Path, kit: Kit
) -> tuple[PlacedPage, StoredFile]:
    """With no fields placed, a page is appended that lists the signers, as large as the page before it."""
    sides = last.pages[-1]
    fits = all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in (sides.width, sides.height))
    # always upright: a list of people reads badly across a slide
    width, height = sorted((sides.width, sides.height)) if fits else LETTER_SIZE
    plan = SignaturePagePlan(
        title=SIGNATURE_PAGE_NAME,
        introduction=f"“{whole.request.title}”, sent by {whole.request.sender}",
        rows=tuple(SignatureRow(one.name, one.email_address) for one in whole.signatures),
        width=width,
        height=height,
    )
    target = folder / "signature-page.pdf"
    page = await kit.service(DocumentWorkers).build_signature_page(plan, target)
    return page, await kit.files.put(target)


def _record_ready(tx: WriteTx, account_pk: int, request_pk: int, prepared: Prepared, kit: Kit) -> None:
    # held first: a confirmation that runs at this moment has looked for what it releases already
    hold = not hold_account(tx, account_pk).is_confirmed
    before = lock_whole(tx, request_pk)
    if before.request.state is not RequestState.PREPARING:
        return  # cancelled meanwhile, or another worker was faster
    for taken in prepared.documents:
        tx.execute(_ready_document(taken))
    page_pk = _insert_page(tx, before, prepared)
    _insert_fields(tx, before, prepared.page, page_pk)
    values = {"file_key": prepared.current.key, "file_sha256": prepared.current.sha256}
    whole = store_move(tx, before, before.lifecycle.prepared(hold=hold), request=values)
    audit.record(tx, request_pk, "prepared", {"files": _file_facts(whole)}, kit=kit)
    if not hold:
        mark_sent(tx, whole, kit)


def _ready_document(taken: TakenIn) -> Any:
    normalised = taken.normalised
    values: dict[str, Any] = {
        "pdf_key": taken.pdf.key,
        "pdf_sha256": taken.pdf.sha256,
        "page_count": normalised.page_count,
        "pages": [asdict(page) for page in normalised.pages],
        "media_type": normalised.media_type,
        "warnings": list(normalised.warnings),
    }
    if taken.upload is not None:
        upload = taken.upload
        values |= {"upload_key": upload.key, "upload_sha256": upload.sha256, "upload_bytes": upload.size}
    return update(request_documents).where(request_documents.c.id == taken.document_pk).values(values)


def _insert_page(tx: WriteTx, before: WholeRequest, prepared: Prepared) -> int:
    page = prepared.page
    values = {
        "account_pk": before.request.account_pk,
        "request_pk": before.request.id,
        "position": len(before.documents),
        "kind": "signature_page",
        "filename": SIGNATURE_PAGE_NAME,
        "media_type": "application/pdf",
        "pdf_key": prepared.page_file.key,
        "pdf_sha256": prepared.page_file.sha256,
        "page_count": page.page_count,
        "pages": [asdict(one) for one in page.pages],
        "warnings": [],
    }
    return tx.insert(request_documents, values)


def _insert_fields(tx: WriteTx, before: WholeRequest, page: PlacedPage, page_pk: int) -> None:
    rows = [
        {
            "account_pk": before.request.account_pk,
            "request_pk": before.request.id,
            "signature_pk": signature.id,
            "document_pk": page_pk,
            "api_id": f"{kind}_{signature.position}",
            "kind": kind,
            **asdict(boxes[signature.position]),
        }
        for signature in before.signatures
        for kind, boxes in (("signature", page.boxes), ("date_signed", page.date_boxes))
    ]
    tx.execute(request_fields.insert(), rows)


def _file_facts(whole: WholeRequest) -> list[dict[str, Any]]:
    return [
        {
            "name": document.filename,
            "pages": document.page_count,
            "uploaded": document.upload_sha256,
            "shown": document.pdf_sha256,
        }
        for document in whole.documents
    ]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
