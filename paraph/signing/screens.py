"""What the templates are given: a signer's view, turned into pages, boxes and addresses. No HTTP, no database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from paraph.kit.i18n import gettext as _

from .inks import Ink, ink_of
from .page_images import WIDTHS

if TYPE_CHECKING:
    from paraph.signature_requests import RequestDocument, RequestField, SignerView

    from .values import Adopted

LABEL_SHARE = 0.4
MOST_LABEL_POINTS = 22.0
CLOSEUP = (240.0, 84.0)
"""Points of the close look at a signature: less wide than most boxes, so that it is seen well on a phone."""


@dataclass(frozen=True, slots=True)
class BoxOnPage:
    """A place to sign, in points of the page."""

    x: float
    y: float
    width: float
    height: float

    @property
    def label_size(self) -> float:
        return round(min(self.height * LABEL_SHARE, self.width * 0.2, MOST_LABEL_POINTS), 1)


@dataclass(frozen=True, slots=True)
class PlacedInk:
    """A signature where it will be stamped."""

    x: float
    y: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class PageOnScreen:
    """A page: its size in points and as the picture's attributes, where its pictures are, and what lies over it."""

    number: int
    of: int
    document_name: str
    width: float
    height: float
    src: str
    srcset: str
    boxes: tuple[BoxOnPage, ...]
    inks: tuple[PlacedInk, ...] = ()

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
    expires_at: int | None
    documents: tuple[DocumentOnScreen, ...]


def screen_of(view: SignerView, base: str) -> Screen:
    """Return what to show; ``base`` is the address of the signing page. Documents only if they are prepared."""
    request = view.request
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
        expires_at=request.expires_at,
        documents=tuple(_document(view, document, base) for document in view.documents if document.pages),
    )


def signed_pages(view: SignerView, adopted: Adopted, base: str, picture: str) -> tuple[PageOnScreen, ...]:
    """Return the pages that this signer's signature goes on, with the signature where it will be stamped."""
    pages = []
    for document in view.documents:
        for number in sorted({field.page for field in _signature_fields(view, document)}):
            fields = [field for field in _signature_fields(view, document) if field.page == number]
            inks = tuple(
                PlacedInk(field.x, field.y, ink_of(adopted, field.width, field.height, picture)) for field in fields
            )
            pages.append(_page(document, number, base, (), inks))
    return tuple(pages)


def closeup(adopted: Adopted, picture: str) -> Ink:
    """Return the signature alone."""
    return ink_of(adopted, *CLOSEUP, picture)


def pdf_name(document: RequestDocument) -> str:
    """The name of a document's PDF for people."""
    return f"{PurePath(document.filename).stem or 'document'}.pdf"


def _document(view: SignerView, document: RequestDocument, base: str) -> DocumentOnScreen:
    pages = document.pages or ()
    return DocumentOnScreen(
        name=_name(document),
        page_count=len(pages),
        pdf=f"{base}/documents/{document.position}.pdf",
        pages=tuple(
            _page(document, number, base, _boxes(view, document, number), ()) for number in range(1, len(pages) + 1)
        ),
    )


def _page(
    document: RequestDocument, number: int, base: str, boxes: tuple[BoxOnPage, ...], inks: tuple[PlacedInk, ...]
) -> PageOnScreen:
    pages = document.pages or ()
    shape: Any = pages[number - 1]
    # the hash makes the address new when the bytes are, so browsers may keep the picture
    address = f"{base}/documents/{document.position}/pages/{number}.jpg?v={(document.pdf_sha256 or '')[:12]}&w="
    return PageOnScreen(
        number=number,
        of=len(pages),
        document_name=_name(document),
        width=shape["width"],
        height=shape["height"],
        src=f"{address}{WIDTHS[1]}",
        srcset=", ".join(f"{address}{width} {width}w" for width in WIDTHS),
        boxes=boxes,
        inks=inks,
    )


def _boxes(view: SignerView, document: RequestDocument, page: int) -> tuple[BoxOnPage, ...]:
    fields = [field for field in _signature_fields(view, document) if field.page == page]
    return tuple(BoxOnPage(field.x, field.y, field.width, field.height) for field in fields)


def _signature_fields(view: SignerView, document: RequestDocument) -> list[RequestField]:
    return [field for field in view.fields if field.document_pk == document.id and field.kind == "signature"]


def _name(document: RequestDocument) -> str:
    return _("Signature page") if document.kind == "signature_page" else document.filename
