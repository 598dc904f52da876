"""Pictures and words of pages for one signer: only of their own documents, only of the bytes that were sent (T19)."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, TypeVar

import msgspec

from paraph.documents import DocumentFailure, DocumentWorkers, PageText, Rejected
from paraph.kit.errors import NotFound, ParaphError
from paraph.kit.i18n import N_
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import AdoptedPicture

from .page_images import PageImages, nearest_width

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from paraph.kit import Kit
    from paraph.signature_requests import RequestDocument, SignerView

Made = TypeVar("Made")

NO_PAGE = N_("There is no such page.")
MOST_DIGITS = 6
READABLE = frozenset({"your_turn", "signed"})


def readable_document(view: SignerView, position: str) -> RequestDocument:
    """Return the document at this place; NotFound when there is none, or it was not opened by a recorded view."""
    number = _number(position)
    found = next((document for document in view.documents if document.position == number), None)
    if found is None or found.pdf_key is None or not _may_read(view):
        raise NotFound(_(NO_PAGE))
    return found


def given_content(view: SignerView, position: str) -> AdoptedPicture:
    """Return the picture at this place of ``view.given``; NotFound when there is none, or nothing may be read yet."""
    number = _number(position)
    given = view.given
    content = given[number].content if number < len(given) and _may_read(view) else None
    if not isinstance(content, AdoptedPicture):
        raise NotFound(_(NO_PAGE))
    return content


async def page_picture(document: RequestDocument, page: str, width: str, kit: Kit) -> bytes:
    """Return a page (from 1) as JPEG in one of the widths on offer; raises NotFound."""
    number = _page_number(document, page)
    pixels = nearest_width(_number(width) if width else 0)

    async def draw() -> bytes:
        workers = kit.service(DocumentWorkers)
        return await _with_file(document, number, kit, lambda path: workers.render_page(path, number, pixels))

    return await kit.service(PageImages).get(document.pdf_sha256 or "", number, pixels, draw)


async def page_words(document: RequestDocument, page: str, kit: Kit) -> PageText:
    """Return what a page (from 1) says, in reading order; raises NotFound."""
    number = _page_number(document, page)

    async def read() -> bytes:
        workers = kit.service(DocumentWorkers)
        found = await _with_file(document, number, kit, lambda path: workers.page_text(path, number))
        return msgspec.json.encode(found)

    data = await kit.service(PageImages).words(document.pdf_sha256 or "", number, read)
    return msgspec.json.decode(data, type=PageText)


async def _with_file(document: RequestDocument, page: int, kit: Kit, make: Callable[[Path], Awaitable[Made]]) -> Made:
    """Let ``make`` work on the file, once its bytes are known to be those that were sent."""
    try:
        async with kit.files.local(document.pdf_key or "") as path:
            if await asyncio.to_thread(_sha256, path) != document.pdf_sha256:
                raise _unshowable(f"document {document.id} is not the one that was sent")
            return await make(path)
    except FileNotFoundError as error:
        raise NotFound(_("The document is no longer kept on this server.")) from error
    except (Rejected, DocumentFailure) as error:
        raise _unshowable(f"document {document.id}, page {page}: {error}") from error


def _page_number(document: RequestDocument, page: str) -> int:
    number = _number(page)
    if not 1 <= number <= (document.page_count or 0):
        raise NotFound(_(NO_PAGE))
    return number


def _unshowable(detail: str) -> ParaphError:
    return ParaphError(_("This page cannot be shown just now."), name="unavailable", status=503, detail=detail)


def _may_read(view: SignerView) -> bool:
    return view.standing in READABLE and view.signature.first_viewed_at is not None


def _number(text: str) -> int:
    # isdecimal alone admits digits of other scripts and any length
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise NotFound(_(NO_PAGE))
    return int(text)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
