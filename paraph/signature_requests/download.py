"""What can be fetched of a request now: its PDF, or a ZIP with one sealed PDF for each document."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import zipfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select, update

from paraph.documents import DocumentFailure, DocumentWorkers, Rejected
from paraph.kit.errors import Conflict, Deleted, ParaphError
from paraph.kit.templates import moment

from . import audit
from .assembly import marks_of, merged, stored_pdfs
from .complete import load_signed, seal_documents
from .lifecycle import RequestState
from .models import audit_events, signature_requests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paraph.kit import Kit
    from paraph.kit.caller import Caller, Client
    from paraph.kit.db import WriteTx
    from paraph.kit.files import StoredFile

    from .complete import Signed
    from .shapes import RequestDocument, Signature, SignatureRequest, WholeRequest

LONGEST_NAME_CHARACTERS = 120
SAME_DOWNLOAD_SECONDS = 3600
BUSY = "The ZIP could not be put together just now. Try again in a minute."
NOT_IN_NAMES = frozenset('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class Fetched:
    """Who fetched the sealed file (``by``), how, and in which shape; ``more`` facts say as whom."""

    by: str
    how: Literal["api", "page", "signing_page", "link"]
    what: Literal["pdf", "zip", "data_uri", "evidence"] = "pdf"
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        return {"by": self.by, "how": self.how, "what": self.what, **self.more}


def fetched_by(caller: Caller, what: Literal["pdf", "zip", "data_uri", "evidence"] = "pdf") -> Fetched:
    """A signed-in person on our pages, or a program with a key or token."""
    how: Literal["api", "page"] = "page" if caller.kind == "session" else "api"
    return Fetched(caller.email_address, how, what, audit.caller_facts(caller))


def fetched_by_signer(signature: Signature, what: Literal["pdf", "evidence"] = "pdf") -> Fetched:
    """The holder of a signing link."""
    own = {"signature": signature.signature_id}
    return Fetched(signature.email_address, "signing_page", what, own)


def file_key_of(request: SignatureRequest) -> str:
    """The key of the PDF that can be fetched now: the sealed file, or the state so far.

    Raises Conflict (409) while there is none yet (T36), ParaphError 422 for a request in error, and Deleted (410)
    once retention took the files.
    """
    if request.files_deleted_at is not None:
        raise Deleted(
            f"The files of this request were deleted on {moment(request.files_deleted_at)}, as this server is set up "
            "to do some days after a request has ended. The evidence is kept."
        )
    if request.state is RequestState.FAILED:
        raise ParaphError(
            f"This request has no files: {request.error_message}", name="unprocessable_entity", status=422
        )
    if request.file_key is None:
        raise Conflict("The files are still being prepared. Wait for the event signature_request_sent.")
    if request.state is RequestState.COMPLETE and not request.is_sealed:
        raise Conflict("The final file is being sealed. Wait for the event signature_request_downloadable.")
    return request.file_key


def record_download(tx: WriteTx, request: SignatureRequest, fetched: Fetched, client: Client, kit: Kit) -> None:
    """Record that somebody fetched the sealed file; drafts are fetched without a trace.

    A program that fetches it over and over is one entry an hour, so that the evidence stays readable.
    """
    if not request.is_sealed:
        return
    facts = fetched.facts | {"sha256": request.file_sha256}
    columns = audit_events.c
    recent = select(columns.canonical).where(
        columns.request_pk == request.id,
        columns.kind == "downloaded",
        columns.happened_at > kit.clock.now() - SAME_DOWNLOAD_SECONDS,
    )
    whole = facts | {"address": client.address, "user_agent": client.user_agent}
    known = (json.loads(row.canonical) for row in tx.all(recent))
    if not any(whole.items() <= one.items() for one in known):
        audit.record(tx, request.id, "downloaded", facts, kit=kit, client=client)


def download_name(request: SignatureRequest, ending: str) -> str:
    """What the file is called on the other side; never a path."""
    return f"{safe_name(request.title) or 'document'}.{ending}"


async def sealed_zip(whole: WholeRequest, kit: Kit) -> str:
    """Key of the ZIP of a sealed request; made when first asked for, then kept."""
    if whole.request.zip_key is not None:
        return whole.request.zip_key
    path = await zip_of(whole, kit)
    try:
        stored = await kit.files.put(path)
    finally:
        path.unlink(missing_ok=True)
    return await kit.db.write(lambda tx: _keep_zip(tx, whole.request.id, stored))


async def zip_of(whole: WholeRequest, kit: Kit) -> Path:
    """A temporary ZIP, the caller's to remove: each document with the signature page, as signed so far.

    Raises ParaphError 503 when a document cannot be put together or sealed just now, as the operator wants it.
    """
    signed = await kit.db.read(lambda tx: load_signed(tx, whole.request.id))
    uploads = [document for document in whole.documents if document.kind == "upload"]
    pages = [document for document in whole.documents if document.kind != "upload"]
    async with kit.files.workspace() as folder, AsyncExitStack() as stack:
        if len(uploads) == 1:  # the very file that everybody gets
            paths = [await stack.enter_async_context(kit.files.local(file_key_of(whole.request)))]
        else:
            paths = await _each(signed, [[document, *pages] for document in uploads], folder, kit)
        return await asyncio.to_thread(_write_zip, list(zip(_entry_names(uploads), paths, strict=True)))


async def _each(signed: Signed, entries: Sequence[Sequence[RequestDocument]], folder: Path, kit: Kit) -> list[Path]:
    try:
        return [await _one_pdf(signed, documents, folder, kit) for documents in entries]
    except (DocumentFailure, Rejected) as failure:
        raise ParaphError(BUSY, name="unavailable", status=503, detail=str(failure)) from failure


async def _one_pdf(signed: Signed, documents: Sequence[RequestDocument], folder: Path, kit: Kit) -> Path:
    """One entry: sealed by itself once the request is, so that it stands without the others."""
    request, name = signed.whole.request, f"{documents[0].position}.pdf"
    if request.is_sealed:
        required = kit.service(DocumentWorkers).policy.required
        await seal_documents(signed, documents, folder / name, kit, required=required)
        return folder / name
    async with AsyncExitStack() as stack:
        marks = await marks_of(documents, signed.fields, stack, kit)
        return await merged(request, stored_pdfs(documents), marks, folder, kit, name=name)


def _keep_zip(tx: WriteTx, request_pk: int, stored: StoredFile) -> str:
    columns = signature_requests.c
    # retention may have come by while it was made
    first = (columns.id == request_pk) & columns.zip_key.is_(None) & columns.files_deleted_at.is_(None)
    tx.execute(update(signature_requests).where(first).values(zip_key=stored.key))
    return stored.key


def _write_zip(entries: Sequence[tuple[str, Path]]) -> Path:
    handle, name = tempfile.mkstemp(prefix="paraph-", suffix=".zip")
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for entry, path in entries:
            archive.write(path, entry)
    return Path(name)


def _entry_names(documents: Sequence[RequestDocument]) -> list[str]:
    """Distinct names, each ending in .pdf, none a path (T25)."""
    names: list[str] = []
    for place, document in enumerate(documents, 1):
        stem = safe_name(document.filename.rpartition(".")[0] or document.filename) or f"document {place}"
        name = f"{stem}.pdf"
        names.append(name if name not in names else f"{stem} ({place}).pdf")
    return names


def safe_name(text: str) -> str:
    """The text as part of a file's name: never a path, and nothing that a file system refuses."""
    kept = "".join("_" if letter in NOT_IN_NAMES or not letter.isprintable() else letter for letter in text)
    return kept.strip(" .")[:LONGEST_NAME_CHARACTERS].strip(" .")
