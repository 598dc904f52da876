"""What lies over the pages: the signer's own fields, what others have put there, and links. No HTTP, no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

from paraph.documents import PlainText, Strokes, Tick, TypedText
from paraph.fields import INK_KINDS, hidden_fields, tidy
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import signing_day, takes_lines

from .controls import entry_owners
from .drawing import Drawing
from .inks import Ink, ink_of
from .sentences import label_of
from .values import Typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paraph.fields import FormField
    from paraph.signature_requests import Given, RequestField, SignerView

    from .drafts import Draft

MASK: Final = "•" * 8
LABEL_SHARE, LABEL_WIDTH_SHARE = 0.4, 0.92
LETTER, WIDE_LETTER = 0.56, 1.0
"""Width of a bold letter as a share of its size, and of one that fills a square."""
LINE_SHARE: Final = 0.85
"""What a line of text takes at most of a low box, as a share of its height."""
MOST_LABEL_POINTS: Final = 22.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A field of this signer in its place, in points of the page. ``entry`` is the id of what asks for it.

    ``kind`` is text, tick, radio, ink or date. ``words`` show while it is empty.
    """

    number: int
    entry: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    size: float
    words: str
    text: str = ""
    is_set: bool = False
    is_area: bool = False
    masked: bool = False
    required: bool = False
    is_hidden: bool = False
    ink: str = ""

    @property
    def label_size(self) -> float:
        """Points of the words in the box: they keep inside it, however long they are in the signer's language."""
        letters = sum(WIDE_LETTER if east_asian_width(letter) in "WF" else LETTER for letter in self.words)
        fitting = self.width * LABEL_WIDTH_SHARE / max(letters, 1)
        return round(min(self.height * LABEL_SHARE, fitting, MOST_LABEL_POINTS), 1)

    def around(self, ink: Ink) -> str:
        """The transform that puts an ink, drawn from (0, 0) in its own size, into the middle of the box."""
        scale = min(self.width / ink.width, self.height / ink.height)
        left = self.x + (self.width - ink.width * scale) / 2
        top = self.y + (self.height - ink.height * scale) / 2
        return f"translate({left:.2f} {top:.2f}) scale({scale:.4f})"


@dataclass(frozen=True, slots=True)
class GivenMark:
    """What somebody else has put on the page. ``told`` says it in words."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    told: str
    text: str = ""
    size: float = 0
    is_area: bool = False
    is_set: bool = False
    ink: Ink | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A place on the page that leads elsewhere; its words are part of the page."""

    x: float
    y: float
    width: float
    height: float
    href: str
    words: str


Page = tuple[int, int]
"""The internal key of a document, and the number of a page."""


def spots_of(view: SignerView, draft: Draft, now: int) -> Mapping[Page, Sequence[Spot]]:
    """Return the signer's own fields, by page."""
    hidden = hidden_fields(view.form, tidy(view.form, draft.values))
    day = signing_day(view.request, now)
    found: dict[Page, list[Spot]] = {}
    for number, owner in enumerate(entry_owners(view.form)):
        placed = view.fields[number]
        if placed.kind != "hyperlink":
            is_hidden = placed.api_id in hidden
            spot = _spot(placed, number, f"f{owner}", draft, "" if is_hidden else day, is_hidden)
            found.setdefault((placed.document_pk, placed.page), []).append(spot)
    return found


def given_marks(view: SignerView, base: str) -> Mapping[Page, Sequence[GivenMark]]:
    """Return what others have put on the pages, by page; pictures of theirs are below ``base``."""
    names = {signature.id: signature.name for signature in view.whole.signatures}
    others = {one.api_id: one for one in view.others_fields}
    found: dict[Page, list[GivenMark]] = {}
    for number, given in enumerate(view.given):
        other = others[given.api_id]
        if other.kind == "hyperlink":  # a link, not a mark: see links_of
            continue
        by = names.get(other.signature_pk or 0, "") or view.sender_name or view.sender_address
        mark = _given(given, label_of(other.field, other.page), by, f"{base}/given/{number}.png")
        found.setdefault((given.document_pk, given.box.page), []).append(mark)
    return found


def links_of(view: SignerView) -> Mapping[Page, Sequence[Link]]:
    """Return the hyperlinks, by page."""
    found: dict[Page, list[Link]] = {}
    for one in view.links:
        link = Link(one.x, one.y, one.width, one.height, one.field.content_url, one.field.content)
        found.setdefault((one.document_pk, one.page), []).append(link)
    return found


def _spot(placed: RequestField, number: int, entry: str, draft: Draft, day: str, is_hidden: bool) -> Spot:
    field, value = placed.field, draft.values.get(placed.api_id)
    kind = _kind(field)
    is_area = takes_lines(field, placed.height)
    text = {"date": day, "text": value if isinstance(value, str) else ""}.get(kind, "")
    return Spot(
        number,
        entry,
        kind,
        placed.x,
        placed.y,
        placed.width,
        placed.height,
        size=_size(field, placed.height, is_area=is_area),
        words=_words(field),
        text=MASK if text and field.masked else text,
        is_set=placed.api_id in draft.placed if kind == "ink" else value is True,
        is_area=is_area,
        masked=field.masked,
        required=field.required,
        is_hidden=is_hidden,
        ink=field.kind if kind == "ink" else "",
    )


def _kind(field: FormField) -> str:
    if field.kind in INK_KINDS:
        return "ink"
    if field.is_ticked_kind:
        return "radio" if field.kind == "radio" else "tick"
    return "date" if field.kind == "date_signed" else "text"


def _size(field: FormField, height: float, *, is_area: bool) -> float:
    return float(field.font_size) if is_area else round(min(float(field.font_size), height * LINE_SHARE), 1)


def _words(field: FormField) -> str:
    if field.kind == "signature":
        return _("Sign here")
    if field.kind == "initials":
        return _("Initials")
    return field.placeholder if field.kind in ("text", "text-merge", "dropdown") else ""


def _given(given: Given, label: str, by: str, picture: str) -> GivenMark:
    box, content = given.box, given.content
    place = (box.x, box.y, box.width, box.height)
    if isinstance(content, PlainText):
        told = _("%(field)s: %(value)s (%(name)s)", field=label, value=content.text, name=by)
        size = content.font_size or min(12.0, box.height * LINE_SHARE)
        return GivenMark(*place, "text", told, text=content.text, size=size, is_area=content.multi_line)
    if isinstance(content, Tick):
        ticked = _("%(field)s: ticked (%(name)s)", field=label, name=by)
        told = ticked if content.ticked else _("%(field)s: not ticked (%(name)s)", field=label, name=by)
        return GivenMark(*place, "radio" if content.round else "tick", told, is_set=content.ticked)
    if isinstance(content, TypedText):
        ink = ink_of(Typed(content.text, content.face), box.width, box.height, "")
    elif isinstance(content, Strokes):
        ink = ink_of(Drawing(content.lines, content.aspect or 1.0), box.width, box.height, "")
    else:
        ink = ink_of(None, box.width, box.height, picture)
    return GivenMark(*place, "ink", _("%(field)s, by %(name)s", field=label, name=by), ink=ink)
