"""Where no fields were placed: a page of our own that lists the signers, appended to the documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.documents import DocumentWorkers, PlacedPage, SignaturePagePlan, SignatureRow
from paraph.fields import FieldKind, FormField, Place, PlacedField

from .assembly import SIGNATURE_PAGE_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from paraph.documents import Box, PageGeometry
    from paraph.kit import Kit

    from .shapes import WholeRequest

SMALLEST_SIDE, LARGEST_SIDE = 400.0, 1300.0
LETTER_SIZE = (612.0, 792.0)


@dataclass(frozen=True, slots=True)
class SignaturePage:
    """The page as drawn, not stored yet, and the fields on it."""

    path: Path
    page: PlacedPage
    fields: tuple[PlacedField, ...]


async def draw_signature_page(whole: WholeRequest, before: PageGeometry, folder: Path, kit: Kit) -> SignaturePage:
    """Draw the page, as large as the page ``before`` it."""
    fits = all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in (before.width, before.height))
    # always upright: a list of people reads badly across a slide
    width, height = sorted((before.width, before.height)) if fits else LETTER_SIZE
    plan = SignaturePagePlan(
        title=SIGNATURE_PAGE_NAME,
        introduction=f"“{whole.request.title}”, sent by {whole.request.sender}",
        rows=tuple(SignatureRow(one.name, one.email_address) for one in whole.signatures),
        width=width,
        height=height,
    )
    target = folder / "signature-page.pdf"
    page = await kit.service(DocumentWorkers).build_signature_page(plan, target)
    boxes: dict[FieldKind, tuple[Box, ...]] = {"signature": page.boxes, "date_signed": page.date_boxes}
    fields = tuple(
        _field(kind, signer, boxes[kind][signer], len(whole.documents))
        for signer in range(len(whole.signatures))
        for kind in boxes
    )
    return SignaturePage(target, page, fields)


def _field(kind: FieldKind, signer: int, box: Box, document_index: int) -> PlacedField:
    field = FormField(f"{kind}_{signer}", kind, signer, required=kind == "signature")
    return PlacedField(field, Place(document_index, box.page, box.x, box.y, box.width, box.height))
