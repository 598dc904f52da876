"""Where the glyphs of a page come to stand: the text operators followed one by one (ISO 32000-1, 9.4).

What is drawn through forms is followed too. A glyph whose place depends on an unknown width is left out.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import pikepdf

from paraph.documents.geometry import Matrix
from paraph.documents.text.characters import Character
from paraph.documents.text.codes import FontCodes, StandardWidths
from paraph.documents.text.nearness import Nearness

MAX_DEPTH: Final = 8
MAX_INSTRUCTIONS: Final = 2_000_000
FOLLOWERS: Final = 3
"""How many glyphs behind a sought one are noted: they show whether the line has moved."""
IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
PER_MILLE: Final = 1000.0


@dataclass(slots=True, eq=False)
class Stream:
    """A content stream as its instructions: of the page (no parent), or of a form that the parent's instruction
    `caller` draws."""

    instructions: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage]
    resources: pikepdf.Object
    form: pikepdf.Object | None = None
    parent: "Stream | None" = None
    caller: int = 0


class Glyph(NamedTuple):
    """The code at data[start:start + byte_count] of string `element` of an instruction; move is what a TJ needs to go
    as far as this glyph goes (1/1000)."""

    stream: Stream
    instruction: int
    element: int
    start: int
    byte_count: int
    move: float


class Follower(NamedTuple):
    """The origin (user space) of a glyph that stands behind a sought one, and a point within it."""

    origin: tuple[float, float]
    within: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _State:
    """What q keeps and Q brings back."""

    matrix: Matrix
    font: FontCodes | None = None
    size: float = 0.0
    spacing: float = 0.0
    word_spacing: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


@dataclass(slots=True)
class Trace:
    """Follows one page and notes the glyphs that stand where a sought character stands.

    Afterwards: streams (parents before children), found (by character), followers."""

    ruler: StandardWidths
    sought: Nearness[Character]
    found: dict[Character, list[Glyph]] = field(default_factory=lambda: defaultdict(list))
    followers: list[Follower] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    instructions: int = 0
    to_note: int = 0
    _fonts: dict[tuple[int, int], FontCodes] = field(default_factory=dict)

    def follow_page(self, page: pikepdf.Page) -> None:
        instructions = list(pikepdf.parse_content_stream(page))
        resources = page.obj.get("/Resources", pikepdf.Dictionary())
        self.follow(Stream(instructions, resources), IDENTITY, 0)

    def follow(self, stream: Stream, matrix: Matrix, depth: int) -> None:
        self.streams.append(stream)
        self.instructions += len(stream.instructions)
        if self.instructions <= MAX_INSTRUCTIONS:
            _Follower(self, stream, matrix, depth).run()

    def font(self, resources: pikepdf.Object, name: str) -> FontCodes | None:
        found = resources.get("/Font", pikepdf.Dictionary()).get(name)
        if not isinstance(found, pikepdf.Dictionary):
            return None
        if not found.is_indirect:
            return FontCodes(found, self.ruler)
        if found.objgen not in self._fonts:
            self._fonts[found.objgen] = FontCodes(found, self.ruler)
        return self._fonts[found.objgen]


class _Follower:
    """One run through one stream."""

    def __init__(self, trace: Trace, stream: Stream, matrix: Matrix, depth: int) -> None:
        self.trace, self.stream, self.depth = trace, stream, depth
        self.state = _State(matrix)
        self.saved: list[_State] = []
        self.text: Matrix | None = IDENTITY
        self.line: Matrix = IDENTITY

    def run(self) -> None:
        for place, instruction in enumerate(self.stream.instructions):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                continue
            operator = str(instruction.operator)
            step = _STEPS.get(operator)
            if step is not None:
                step(self, list(instruction.operands))
            elif operator in _SHOWS:
                self._show(place, operator, list(instruction.operands))
            elif operator == "Do":
                self._draw(place, str(instruction.operands[0]))

    # --- state ---

    def save(self, _operands: Sequence[pikepdf.Object]) -> None:
        self.saved.append(self.state)

    def restore(self, _operands: Sequence[pikepdf.Object]) -> None:
        if self.saved:
            self.state = self.saved.pop()

    def concatenate(self, operands: Sequence[pikepdf.Object]) -> None:
        self.state = replace(self.state, matrix=times(_matrix(operands), self.state.matrix))

    def choose_font(self, operands: Sequence[pikepdf.Object]) -> None:
        font = self.trace.font(self.stream.resources, str(operands[0]))
        self.state = replace(self.state, font=font, size=float(operands[1]))

    def space_characters(self, operands: Sequence[pikepdf.Object]) -> None:
        self.state = replace(self.state, spacing=float(operands[0]))

    def space_words(self, operands: Sequence[pikepdf.Object]) -> None:
        self.state = replace(self.state, word_spacing=float(operands[0]))

    def stretch(self, operands: Sequence[pikepdf.Object]) -> None:
        self.state = replace(self.state, scale=float(operands[0]) / 100)

    def set_leading(self, operands: Sequence[pikepdf.Object]) -> None:
        self.state = replace(self.state, leading=float(operands[0]))

    def raise_text(self, operands: Sequence[pikepdf.Object]) -> None:
        self.state = replace(self.state, rise=float(operands[0]))

    # --- place ---

    def begin(self, _operands: Sequence[pikepdf.Object]) -> None:
        self.text = self.line = IDENTITY

    def place_text(self, operands: Sequence[pikepdf.Object]) -> None:
        self.text = self.line = _matrix(operands)

    def move(self, operands: Sequence[pikepdf.Object]) -> None:
        shift = (1.0, 0.0, 0.0, 1.0, float(operands[0]), float(operands[1]))
        self.text = self.line = times(shift, self.line)

    def move_and_lead(self, operands: Sequence[pikepdf.Object]) -> None:
        self.state = replace(self.state, leading=-float(operands[1]))
        self.move(operands)

    def next_line(self, _operands: Sequence[pikepdf.Object]) -> None:
        shift = (1.0, 0.0, 0.0, 1.0, 0.0, -self.state.leading)
        self.text = self.line = times(shift, self.line)

    # --- drawing ---

    def _draw(self, place: int, name: str) -> None:
        form = self.stream.resources.get("/XObject", pikepdf.Dictionary()).get(name)
        if not isinstance(form, pikepdf.Stream) or str(form.get("/Subtype", "")) != "/Form":
            return
        if self.depth >= MAX_DEPTH or self.trace.instructions > MAX_INSTRUCTIONS:
            return
        own = _matrix(list(form["/Matrix"])) if "/Matrix" in form else IDENTITY
        resources = form.get("/Resources", self.stream.resources)
        child = Stream(list(pikepdf.parse_content_stream(form)), resources, form, self.stream, place)
        self.trace.follow(child, times(own, self.state.matrix), self.depth + 1)

    def _show(self, place: int, operator: str, operands: list[pikepdf.Object]) -> None:
        if operator == '"':
            self.space_words(operands)
            self.space_characters(operands[1:])
        if operator != "Tj" and operator != "TJ":
            self.next_line([])
        elements = list(operands[-1]) if operator == "TJ" else [operands[-1]]
        for number, element in enumerate(elements):
            if isinstance(element, pikepdf.String):
                self._show_string(place, number, bytes(element))
            else:
                self._advance(-float(element) / PER_MILLE * self.state.size * self.state.scale)

    def _show_string(self, place: int, element: int, data: bytes) -> None:
        state, font = self.state, self.state.font
        if font is None or not state.size:
            self.text = None  # from here on nobody knows where the line has got to
        if font is None or self.text is None:
            return
        a, b, c, d, e, f = times(self.text, state.matrix)
        x, y, gone = c * state.rise + e, d * state.rise + f, 0.0
        for start, code in font.codes(data):
            width = font.advance(code)
            if width is None:
                self.text = None
                return
            extra = state.spacing + (state.word_spacing if font.is_word_space(code) else 0.0)
            glyph_x, glyph_y = x + a * gone, y + b * gone
            if there := self.trace.sought.at(glyph_x, glyph_y):
                move = (width + extra / state.size) * -PER_MILLE
                glyph = Glyph(self.stream, place, element, start, font.bytes_a_code, move)
                for character in there:
                    self.trace.found[character].append(glyph)
                self.trace.to_note = FOLLOWERS
            elif self.trace.to_note:
                aside, up = 0.1 * state.size, 0.2 * state.size
                within = (glyph_x + a * aside + c * up, glyph_y + b * aside + d * up)
                self.trace.followers.append(Follower((glyph_x, glyph_y), within))
                self.trace.to_note -= 1
            gone += (width * state.size + extra) * state.scale
        self._advance(gone)

    def _advance(self, distance: float) -> None:
        if self.text is not None:
            self.text = times((1.0, 0.0, 0.0, 1.0, distance, 0.0), self.text)


_SHOWS: Final = frozenset({"Tj", "TJ", "'", '"'})
_STEPS: Final = {
    "q": _Follower.save,
    "Q": _Follower.restore,
    "cm": _Follower.concatenate,
    "BT": _Follower.begin,
    "Tf": _Follower.choose_font,
    "Tc": _Follower.space_characters,
    "Tw": _Follower.space_words,
    "Tz": _Follower.stretch,
    "TL": _Follower.set_leading,
    "Ts": _Follower.raise_text,
    "Tm": _Follower.place_text,
    "Td": _Follower.move,
    "TD": _Follower.move_and_lead,
    "T*": _Follower.next_line,
}


def times(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does one after the other."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _matrix(values: Sequence[pikepdf.Object]) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in values)
    return (a, b, c, d, e, f)
