"""Put the fields on the documents, and what the sender gave into the documents themselves; slow, outside any
transaction.

What the sender gave is part of the PDF before its SHA-256 is fixed: signers see and sign exactly that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paraph.documents import Assembly, Box, DocumentWorkers, Mark, SourceDocument
from paraph.fields import Form, OffThePages, PageSize, PlacedField, check_form, land
from paraph.kit.errors import BadRequest

from .form_order import check_everybody_has_a_field, has_fields_of_signers
from .looks import given_look
from .refuse import INVALID, FileRefused
from .signature_page import draw_signature_page
from .text_tags import Tagged, take_tags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paraph.kit import Kit

    from .form_order import FormOrder
    from .shapes import WholeRequest
    from .signature_page import SignaturePage
    from .take_in import TakenIn


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The documents as everybody sees them, every field in its place, and what binds the fields together."""

    documents: tuple[TakenIn, ...]
    page: SignaturePage | None
    fields: tuple[PlacedField, ...]
    form: Form


async def lay_out(whole: WholeRequest, order: FormOrder, taken: Sequence[TakenIn], folder: Path, kit: Kit) -> LaidOut:
    """Place the fields of this order; raises FileRefused when they do not fit the documents."""
    tagged = Tagged(tuple(taken))
    if order.use_text_tags:
        tagged = await take_tags(whole, order, taken, folder, kit)
    landed = _landed(order, tagged.documents)
    fields = (*landed, *tagged.fields)
    form = Form(tuple(one.field for one in fields), (*order.plan.groups, *tagged.groups), order.plan.rules)
    if order.use_text_tags:
        _check(form, whole)
    documents = [await _stamped(one, index, fields, folder, kit) for index, one in enumerate(tagged.documents)]
    page = None
    if not has_fields_of_signers(form):
        page = await draw_signature_page(whole, documents[-1].normalised.pages[-1], folder, kit)
        fields = (*fields, *page.fields)
    return LaidOut(tuple(documents), page, fields, form)


def _landed(order: FormOrder, documents: Sequence[TakenIn]) -> list[PlacedField]:
    sizes = [[PageSize(page.width, page.height) for page in one.normalised.pages] for one in documents]
    try:
        return [land(planned, sizes[planned.spot.document_index]).placed for planned in order.plan.fields]
    except OffThePages as off:
        name = documents[off.planned.spot.document_index].name
        sentence = f"“{name}”: {off.sentence}. Put it on a page of the document and send the request again."
        raise FileRefused("error_component_position", sentence, INVALID) from off


def _check(form: Form, whole: WholeRequest) -> None:
    """What could not be checked at the send, for the tags were not read yet."""
    try:
        check_form(form)
        check_everybody_has_a_field(form, whole.signatures)
    except BadRequest as bad:
        raise FileRefused("error_text_tag", f"{bad.message} Mend it and send the request again.", INVALID) from bad


async def _stamped(one: TakenIn, index: int, fields: Sequence[PlacedField], folder: Path, kit: Kit) -> TakenIn:
    marks = [_mark(field) for field in fields if field.place.document_index == index and _is_shown(field)]
    if not marks:
        return one
    target = folder / f"filled-{index}.pdf"
    plan = Assembly((SourceDocument(one.path, one.normalised.sha256),), tuple(marks))
    made = await kit.service(DocumentWorkers).current_state(plan, target)
    normalised = replace(one.normalised, sha256=made.sha256, byte_count=made.byte_count)
    return replace(one, path=target, normalised=normalised)


def _is_shown(one: PlacedField) -> bool:
    is_tick = one.field.is_ticked_kind
    return one.field.is_given_by_sender and (is_tick or bool(one.field.content.strip()))


def _mark(one: PlacedField) -> Mark:
    place = one.place
    box = Box(place.page, place.x, place.y, place.width, place.height)
    return Mark(0, box, given_look(one.field, place.height), one.field.api_id)
