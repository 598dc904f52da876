"""Put the documents of a request together with what was signed so far; slow, outside any transaction."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from paraph.documents import Assembly, DocumentWorkers, Mark, SourceDocument

from .marks import drawable, open_mark

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paraph.kit import Kit

    from .form import RequestField
    from .shapes import RequestDocument, SignatureRequest

SIGNATURE_PAGE_NAME = "Signature page"
TEST_BANNER = "TEST DOCUMENT – not legally binding"
PROPERTY_REQUEST = "SignatureRequest"
PROPERTY_HEAD = "AuditChainHead"
"""Properties of the sealed file: its request, and the head of the chain that it carries."""


async def merged(
    request: SignatureRequest,
    files: Sequence[tuple[str, str]],
    marks: Sequence[Mark],
    folder: Path,
    kit: Kit,
    *,
    name: str = "current.pdf",
) -> Path:
    """Merge stored files (key, SHA-256) and draw ``marks`` into a file of ``folder``; no certificate, no seal."""
    async with AsyncExitStack() as stack:
        sources = [SourceDocument(await stack.enter_async_context(kit.files.local(key)), sha) for key, sha in files]
        plan = assembly_of(request, sources, marks)
        await kit.service(DocumentWorkers).current_state(plan, folder / name)
    return folder / name


def assembly_of(
    request: SignatureRequest, sources: Sequence[SourceDocument], marks: Sequence[Mark], chain_head: str = ""
) -> Assembly:
    """The plan of one file of this request."""
    head = {PROPERTY_HEAD: chain_head} if chain_head else {}
    return Assembly(
        documents=tuple(sources),
        marks=tuple(marks),
        banner=TEST_BANNER if request.test_mode else None,
        title=request.title,
        properties={PROPERTY_REQUEST: request.signature_request_id, **head},
    )


async def marks_of(
    documents: Sequence[RequestDocument], fields: Sequence[RequestField], stack: AsyncExitStack, kit: Kit
) -> list[Mark]:
    """What is drawn on these documents, counted from 0 in their order; pictures stay open with ``stack``."""
    places = {document.id: place for place, document in enumerate(documents)}
    marks = []
    for field in fields:
        if field.mark is None or field.document_pk not in places:
            continue
        content = await drawable(open_mark(kit.keyring, field.mark), stack, kit)
        marks.append(Mark(places[field.document_pk], field.box, content, field.api_id))
    return marks


def stored_pdfs(documents: Sequence[RequestDocument]) -> list[tuple[str, str]]:
    """Key and SHA-256 of each document's PDF."""
    return [(document.pdf_key or "", document.pdf_sha256 or "") for document in documents]
