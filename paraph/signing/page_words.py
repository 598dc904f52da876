"""What a page says, with the fields in their places among the words: for who hears the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.fields import hidden_fields, tidy

from .controls import entry_owners
from .overlay import given_marks
from .sentences import label_of

if TYPE_CHECKING:
    from paraph.documents import PageText, TextLine
    from paraph.signature_requests import RequestDocument, SignerView

    from .drafts import Draft

SIDEWAYS = 0.25
"""How much a distance across counts against one up or down: lines are read from side to side."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in reading order: a paragraph, or a field with the id of what asks for it, if anything does."""

    text: str
    entry: str = ""
    is_field: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    x: float
    y: float


def said_on(view: SignerView, draft: Draft, document: RequestDocument, page: int, words: PageText) -> list[Said]:
    """Return the paragraphs of the page; each field follows the paragraph that it is nearest to."""
    after: dict[int, list[Said]] = {}
    fields = [*_own(view, draft, document, page), *_others(view, document, page)]
    for place, field in sorted(fields, key=lambda each: (round(each[0].y), each[0].x)):
        after.setdefault(_nearest(place, words), []).append(field)
    found = after.get(-1, [])
    for number, paragraph in enumerate(words.paragraphs):
        found += [Said(" ".join(line.text for line in paragraph)), *after.get(number, [])]
    return found


def _own(view: SignerView, draft: Draft, document: RequestDocument, page: int) -> list[tuple[_Place, Said]]:
    hidden = hidden_fields(view.form, tidy(view.form, draft.values))
    return [
        (
            _Place(one.x, one.y + one.height / 2),
            Said(label_of(one.field, one.page), "" if one.kind == "date_signed" else f"f{owner}", is_field=True),
        )
        for one, owner in zip(view.fields, entry_owners(view.form), strict=True)
        if (one.document_pk, one.page) == (document.id, page) and one.api_id not in hidden and one.kind != "hyperlink"
    ]


def _others(view: SignerView, document: RequestDocument, page: int) -> list[tuple[_Place, Said]]:
    marks = given_marks(view, "").get((document.id, page), ())
    return [(_Place(mark.x, mark.y + mark.height / 2), Said(mark.told, is_field=True)) for mark in marks]


def _nearest(place: _Place, words: PageText) -> int:
    """The paragraph with the line that the place is nearest to; -1 on a page without words."""
    found = [
        (_distance(place, line), number) for number, paragraph in enumerate(words.paragraphs) for line in paragraph
    ]
    return min(found)[1] if found else -1


def _distance(place: _Place, line: TextLine) -> float:
    box = line.box
    across = max(box.x - place.x, 0.0, place.x - (box.x + box.width))
    return abs(box.y + box.height / 2 - place.y) + SIDEWAYS * across
