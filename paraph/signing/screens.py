"""What the templates are given: a signer's view, turned into pages, boxes and addresses. No HTTP, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from paraph.kit.i18n import gettext as _
from paraph.signature_requests import attachments_of, may_reassign

from .overlay import GivenMark, Link, Page, Spot, given_marks, links_of, spots_of
from .page_images import WIDTHS

if TYPE_CHECKING:
    from paraph.signature_requests import RequestAttachment, RequestDocument, SignerView

    from .drafts import Draft


@dataclass(frozen=True, slots=True)
class Overlay:
    """What lies over the pages, by page."""

    spots: Mapping[Page, Sequence[Spot]] = field(default_factory=dict)
    given: Mapping[Page, Sequence[GivenMark]] = field(default_factory=dict)
    links: Mapping[Page, Sequence[Link]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageOnScreen:
    """A page: its size in points and as the picture's attributes, where its pictures are, and what lies over it."""

    id: str
    number: int
    of: int
    document_name: str
    width: float
    height: float
    src: str
    srcset: str
    text: str
    spots: Sequence[Spot] = ()
    given: Sequence[GivenMark] = ()
    links: Sequence[Link] = ()

    @property
    def pixel_width(self) -> int:
        return WIDTHS[0]

    @property
    def pixel_height(self) -> int:
        return max(1, round(WIDTHS[0] * self.height / self.width))


@dataclass(frozen=True, slots=True)
class DocumentOnScreen:
    """A document with its pages; ``pdf`` is where it can be fetched whole."""

    name: str
    page_count: int
    pdf: str
    pages: tuple[PageOnScreen, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """What every page of one signer shows around the document."""

    title: str
    sender_name: str
    sender_address: str
    app_name: str | None
    signer_name: str
    message: str
    is_test: bool
    is_viewed: bool
    may_decline: bool
    may_reassign: bool
    attachments: tuple[RequestAttachment, ...]
    expires_at: int | None
    documents: tuple[DocumentOnScreen, ...]

    @property
    def pages(self) -> tuple[PageOnScreen, ...]:
        return tuple(page for document in self.documents for page in document.pages)


def screen_of(view: SignerView, base: str, overlay: Overlay | None = None) -> Screen:
    """Return what to show; ``base`` is the address of the signing page. Documents only if they are prepared."""
    request = view.request
    over = overlay or Overlay()
    return Screen(
        title=request.title or _("Document"),
        sender_name=view.sender_name or view.sender_address,
        sender_address=view.sender_address,
        app_name=view.app_name,
        signer_name=view.signature.name,
        message=(request.message or "").strip(),
        is_test=request.test_mode,
        is_viewed=view.signature.first_viewed_at is not None,
        may_decline=request.allow_decline and view.standing == "your_turn",
        may_reassign=may_reassign(view) and view.standing == "your_turn",
        attachments=attachments_of(view),
        expires_at=request.expires_at,
        documents=tuple(_document(document, base, over) for document in view.documents if document.pages),
    )


def overlay_of(view: SignerView, draft: Draft, base: str, now: int) -> Overlay:
    """Return what lies over the pages now."""
    return Overlay(spots_of(view, draft, now), given_marks(view, base), links_of(view))


def pdf_name(document: RequestDocument) -> str:
    """The name of a document's PDF for people."""
    return f"{PurePath(document.filename).stem or 'document'}.pdf"


def document_name(document: RequestDocument) -> str:
    """What a document is called on the pages."""
    return _("Signature page") if document.kind == "signature_page" else document.filename


def _document(document: RequestDocument, base: str, over: Overlay) -> DocumentOnScreen:
    count = len(document.pages or ())
    return DocumentOnScreen(
        name=document_name(document),
        page_count=count,
        pdf=f"{base}/documents/{document.position}.pdf",
        pages=tuple(_page(document, number, base, over) for number in range(1, count + 1)),
    )


def _page(document: RequestDocument, number: int, base: str, over: Overlay) -> PageOnScreen:
    pages = document.pages or ()
    shape: Any = pages[number - 1]
    at = (document.id, number)
    folder = f"{base}/documents/{document.position}/pages/{number}"
    # the hash makes the address new when the bytes are, so browsers may keep the picture
    address = f"{folder}.jpg?v={(document.pdf_sha256 or '')[:12]}&w="
    return PageOnScreen(
        id=f"p{document.position}-{number}",
        number=number,
        of=len(pages),
        document_name=document_name(document),
        width=shape["width"],
        height=shape["height"],
        src=f"{address}{WIDTHS[1]}",
        srcset=", ".join(f"{address}{width} {width}w" for width in WIDTHS),
        text=f"{folder}/text",
        spots=over.spots.get(at, ()),
        given=over.given.get(at, ()),
        links=over.links.get(at, ()),
    )
