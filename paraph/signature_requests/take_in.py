"""Take the files of a request in: fetch, check, and make one PDF of each; slow, outside any transaction."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.documents import DocumentWorkers, NormalisedDocument, Rejected
from paraph.kit.log import log
from paraph.kit.outbound import OutboundFailed, OutboundRefused, OutboundTooLarge
from paraph.kit.queue import WaitsFor

from .refuse import INVALID, FileRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from paraph.kit import Kit
    from paraph.kit.files import StoredFile

    from .shapes import RequestDocument

DOWNLOAD_SECONDS = 60.0
DOWNLOAD_TRIES = 3
DOWNLOAD_PAUSE_SECONDS = 1.0
TROUBLES_OF_THE_SYSTEM = frozenset({"office_not_available", "conversion_failed", "conversion_too_slow"})


@dataclass(frozen=True, slots=True)
class TakenIn:
    """One document of a request: what was fetched, if it was, and the PDF made of it, which is not stored yet."""

    document_pk: int
    name: str
    upload: StoredFile | None
    path: Path
    normalised: NormalisedDocument


async def take_in(document: RequestDocument, folder: Path, kit: Kit) -> TakenIn:
    """Make the PDF of this document in ``folder``; raises FileRefused."""
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
            if rejected.reason == "office_not_available" and _was_accepted(document, kit):
                raise WaitsFor("office", rejected.detail or "LibreOffice or its sandbox is missing") from rejected
            log("file_refused", document=document.id, reason=rejected.reason, detail=_of_the_system(rejected))
            raise _refused(rejected, label) from rejected
    return TakenIn(document.id, document.filename, upload, target, normalised)


def _was_accepted(document: RequestDocument, kit: Kit) -> bool:
    """Whether the sender was told that this server converts such a file; a linked file is not looked at before."""
    return document.source_url is None and kit.settings.office != "off"


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
        except OutboundTooLarge as large:
            raise _refused(Rejected("too_large", limits=kit.service(DocumentWorkers).limits), label) from large
        except OutboundFailed as failed:
            if not tries_left:
                raise _unfetched(label, str(failed)) from failed
            await asyncio.sleep(DOWNLOAD_PAUSE_SECONDS)
        else:
            break
    return target


def _refused(rejected: Rejected, label: str) -> FileRefused:
    return FileRefused(rejected.reason, f"{label}: {rejected.sentence}", "file_error")


def _of_the_system(rejected: Rejected) -> str:
    """The detail when it is about this machine; about a file it may quote the file."""
    return rejected.detail if rejected.reason in TROUBLES_OF_THE_SYSTEM else ""


def _unfetched(label: str, reason: str) -> FileRefused:
    sentence = f"{label} could not be fetched: {reason}. Check the address in file_urls and send the request again."
    return FileRefused("file_url_failed", sentence, INVALID)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
