"""Text tags of the documents: found, read, turned into fields, and taken out of the page when asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paraph.documents import DocumentWorkers, FoundText, Rejected
from paraph.fields import FieldGroup, Place, PlacedField, merged_field, read_tags

from .form_order import editors_among
from .refuse import INVALID, FileRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paraph.documents import Box
    from paraph.fields import FieldKind, TagReading
    from paraph.kit import Kit

    from .form_order import FormOrder
    from .shapes import WholeRequest
    from .take_in import TakenIn

MOST_SENTENCES = 5
INK_HEIGHT_POINTS = 18.0
"""A tag is a line of text; a signature needs more height, which it takes above the line."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """What the tags of a request ask for, and its documents, without the tags when they are to be hidden."""

    documents: tuple[TakenIn, ...]
    fields: tuple[PlacedField, ...] = ()
    groups: tuple[FieldGroup, ...] = ()


async def take_tags(
    whole: WholeRequest, order: FormOrder, taken: Sequence[TakenIn], folder: Path, kit: Kit
) -> Tagged:
    """Read the tags of all documents; raises FileRefused for a tag that is wrong, unless that is to be ignored."""
    found = [(index, text) for index, one in enumerate(taken) for text in await _found(one, order, kit)]
    ids = [planned.field.api_id for planned in order.plan.fields]
    reading = read_tags([text.text for _, text in found], signers=len(whole.signatures), taken=ids)
    if reading.problems and not order.ignore_tag_errors:
        raise _refused([problem.sentence for problem in reading.problems])
    documents = list(taken)
    if order.hide_text_tags:
        tags = [found[place] for place in reading.texts]
        documents = [await _without(one, index, tags, folder, kit) for index, one in enumerate(taken)]
    return Tagged(tuple(documents), tuple(_placed(whole, order, reading, found)), reading.groups)


def _placed(
    whole: WholeRequest, order: FormOrder, reading: TagReading, found: Sequence[tuple[int, FoundText]]
) -> list[PlacedField]:
    editors = editors_among(whole.signatures)
    fields = []
    for tagged in reading.fields:
        index, text = found[tagged.text]
        field = merged_field(tagged.field, order.customs, editors)
        fields.append(PlacedField(field, _place(index, text.box, field.kind)))
    return fields


def _place(document_index: int, box: Box, kind: FieldKind) -> Place:
    missing = max(0.0, INK_HEIGHT_POINTS - box.height) if kind in ("signature", "initials") else 0.0
    top = max(0.0, box.y - missing)
    return Place(document_index, box.page, box.x, top, box.width, box.height + box.y - top)


async def _found(one: TakenIn, order: FormOrder, kit: Kit) -> tuple[FoundText, ...]:
    try:
        return await kit.service(DocumentWorkers).find_texts(one.path)
    except Rejected as rejected:
        if order.ignore_tag_errors:
            return ()
        raise _refused([f"The text tags of “{one.name}” cannot be read. {rejected.sentence}"]) from rejected


async def _without(
    one: TakenIn, index: int, tags: Sequence[tuple[int, FoundText]], folder: Path, kit: Kit
) -> TakenIn:
    own = [text for document, text in tags if document == index]
    if not own:
        return one
    target = folder / f"untagged-{index}.pdf"
    hidden = await kit.service(DocumentWorkers).hide_texts(one.path, own, target)
    normalised = replace(one.normalised, sha256=hidden.sha256, byte_count=hidden.byte_count)
    return replace(one, path=target, normalised=normalised)


def _refused(sentences: Sequence[str]) -> FileRefused:
    more = f" And {len(sentences) - MOST_SENTENCES} more." if len(sentences) > MOST_SENTENCES else ""
    told = " ".join(sentences[:MOST_SENTENCES])
    return FileRefused("error_text_tag", f"{told}{more} Mend the text tags and send the request again.", INVALID)
