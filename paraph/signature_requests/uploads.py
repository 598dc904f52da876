"""Uploaded files on their way in: looked at, stored, and taken away again when the request fails."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.documents import CONVERTED, HEAD_BYTES, READ_HERE, DocumentWorkers, Rejected, sniff
from paraph.kit.errors import BadRequest, ParaphError
from paraph.kit.outbound import OutboundRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from paraph.kit import Kit
    from paraph.kit.wire import FilePart

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored upload. ``filename`` is for display only."""

    filename: str
    media_type: str
    key: str
    sha256: str
    size: int


def check_uploads(parts: Sequence[FilePart], urls: Sequence[str], kit: Kit) -> None:
    """Raise BadRequest for the first file or address that cannot be a document, naming it."""
    most = kit.settings.max_files
    if max(len(parts), len(urls)) > most:
        path = "files" if parts else "file_urls"
        raise BadRequest(f"A signature request holds at most {most} files.", path=path)
    for place, part in enumerate(parts):
        _check_part(part, f"files[{place}]", kit)
    for place, url in enumerate(urls):
        try:
            kit.outbound.check_url(url, https_only=True)
        except OutboundRefused as refused:
            raise BadRequest(
                f"file_urls[{place}] cannot be fetched: {refused}.", path=f"file_urls[{place}]"
            ) from refused


@asynccontextmanager
async def stored_uploads(parts: Sequence[FilePart], kit: Kit) -> AsyncIterator[tuple[Upload, ...]]:
    """Store the files, durably; when the request is refused, nothing of them stays.

    After any other failure (a lost connection) the transaction may have been committed all the same: the files stay,
    and the sweep of orphans removes them if no row mentions them.
    """
    stored: list[Upload] = []
    try:
        for place, part in enumerate(parts):
            with part.open() as file:
                head = file.read(HEAD_BYTES)
            kept = await kit.files.take_over(part.content, part.sha256)
            name = part.filename or f"Document {place + 1}"
            stored.append(Upload(name, sniff(head), kept.key, kept.sha256, kept.size))
        yield tuple(stored)
    except ParaphError:
        for upload in stored:
            await kit.files.delete(upload.key)
        raise


def _check_part(part: FilePart, path: str, kit: Kit) -> None:
    limit = kit.settings.max_file_bytes
    if part.size == 0:
        raise BadRequest(f"{path} is empty. {Rejected('empty').sentence}", path=path)
    if part.size > limit:
        raise BadRequest(f"{path} is larger than {limit / MIB:g} MB. Split it into smaller files.", path=path)
    with part.open() as file:
        media_type = sniff(file.read(HEAD_BYTES))
    if media_type in READ_HERE or (media_type in CONVERTED and _may_be_converted(kit)):
        return
    reason = "office_not_available" if media_type in CONVERTED else "unsupported_type"
    raise BadRequest(f"{path} cannot be used. {Rejected(reason).sentence}", path=path)


def _may_be_converted(kit: Kit) -> bool:
    """Known here only when this process prepares requests itself; a worker elsewhere may have LibreOffice."""
    return not kit.settings.embedded_worker or kit.service(DocumentWorkers).office.is_available
