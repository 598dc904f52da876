"""Look, while the caller still waits, whether fields lie on the pages of the PDFs that came with them.

What cannot be measured at once (files to fetch or to convert) is looked at when the request is prepared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.documents import DocumentFailure, DocumentWorkers, Rejected
from paraph.fields import OffThePages, PageSize, land, overlapping
from paraph.kit.errors import BadRequest
from paraph.kit.wire import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paraph.fields import Landed, PlannedField
    from paraph.kit import Kit

    from .form_order import FormOrder
    from .uploads import Upload

PDF = "application/pdf"
MOST_NAMED = 5


async def check_places(order: FormOrder, uploads: Sequence[Upload], kit: Kit) -> tuple[Notice, ...]:
    """Return the warnings about places; raises BadRequest for a field that lies on no page."""
    wanted = {planned.spot.document_index for planned in order.plan.fields}
    measured = {index: await _measured(upload, kit) for index, upload in enumerate(uploads) if index in wanted}
    landed = [
        _land(planned, pages) for planned in order.plan.fields if (pages := measured.get(planned.spot.document_index))
    ]
    return tuple(_notices(landed))


async def _measured(upload: Upload, kit: Kit) -> list[PageSize]:
    """The pages of an upload; none when it is no PDF, or one that intake will refuse in its own words."""
    if upload.media_type != PDF:
        return []
    try:
        async with kit.files.local(upload.key) as path:
            pages = await kit.service(DocumentWorkers).measure(path)
    except (Rejected, DocumentFailure):
        return []
    return [PageSize(page.width, page.height) for page in pages]


def _land(planned: PlannedField, pages: Sequence[PageSize]) -> Landed:
    try:
        return land(planned, pages)
    except OffThePages as off:
        sentence = f"{off.sentence[0].upper()}{off.sentence[1:]}."
        raise BadRequest(sentence, path=planned.path) from off


def _notices(landed: Sequence[Landed]) -> Iterator[Notice]:
    moved = [one.placed.field.api_id for one in landed if one.was_moved]
    if moved:
        yield Notice(
            f"These fields stuck out of their page and were moved in: {_named(moved)}.", "form_fields_placement"
        )
    pairs = overlapping((one.placed for one in landed), MOST_NAMED + 1)
    covered = [f"{one.field.api_id} and {other.field.api_id}" for one, other in pairs]
    if covered:
        yield Notice(f"These fields lie on each other: {_named(covered)}.", "form_fields_overlap")


def _named(names: Sequence[str]) -> str:
    more = ", and more" if len(names) > MOST_NAMED else ""
    return ", ".join(f"“{name}”" for name in names[:MOST_NAMED]) + more
