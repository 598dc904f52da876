"""From a line of text to glyphs with places: bidi runs, one face each, shaped by HarfBuzz."""

import functools
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import uharfbuzz as hb

from paraph.documents.lettering.bidi import is_right_to_left, visual_runs
from paraph.documents.lettering.faces import EMOJI, TEXT, face, face_for
from paraph.documents.lettering.readable import BIDI_CONTROLS, JOINERS


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph: advance and offsets in em; text is what it stands for ("" for the later glyphs of one
    cluster)."""

    number: int
    advance: float
    dx: float
    dy: float
    text: str


@dataclass(frozen=True, slots=True)
class GlyphRun:
    """Glyphs of one face from left to right. text: what the whole run says, in logical order."""

    face: str
    glyphs: tuple[Glyph, ...]
    text: str
    right_to_left: bool

    @property
    def width(self) -> float:
        return sum(glyph.advance for glyph in self.glyphs)

    @property
    def needs_spelling(self) -> bool:
        """Whether its glyphs do not stand for its characters one by one. Not for right-to-left runs:
        readers turn those around themselves, and would turn a spelling around as well."""
        return not self.right_to_left and any(len(glyph.text) != 1 for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class Line:
    """A shaped line, its runs from left to right, all in em: width is how far it goes on; ink what it covers, as
    (left, bottom, right, top) from the start of its baseline. is_right_to_left: the way of its paragraph."""

    runs: tuple[GlyphRun, ...]
    width: float
    ink: tuple[float, float, float, float]
    is_right_to_left: bool


@functools.lru_cache(maxsize=4096)
def shape(text: str, preferred: str = TEXT) -> Line:
    """One line of `readable` text."""
    runs: list[GlyphRun] = []
    for run, right_to_left in visual_runs(text):
        parts = _by_face(run, preferred)
        if right_to_left:
            parts.reverse()
        runs += [_shaped(name, part, right_to_left) for name, part in parts]
    return Line(tuple(runs), sum(run.width for run in runs), _ink(runs), is_right_to_left(text))


def _ink(runs: list[GlyphRun]) -> tuple[float, float, float, float]:
    boxes = []
    x = 0.0
    for run in runs:
        ink_of = face(run.face).ink
        for glyph in run.glyphs:
            left, bottom, right, top = ink_of(glyph.number)
            if top > bottom:
                across, up = x + glyph.dx, glyph.dy
                boxes.append((across + left, up + bottom, across + right, up + top))
            x += glyph.advance
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _by_face(run: str, preferred: str) -> list[tuple[str, str]]:
    """Logical order; a mark or a space stays with what stands before it where that face has it."""
    parts: list[tuple[str, str]] = []
    for character in run:
        if character in BIDI_CONTROLS:
            continue
        name = _continues(parts, character) or face_for(character, preferred)
        if name is None:
            continue  # a joiner with nothing before it: draws nothing by itself
        if parts and parts[-1][0] == name:
            parts[-1] = (name, parts[-1][1] + character)
        else:
            parts.append((name, character))
    return parts


def _continues(parts: list[tuple[str, str]], character: str) -> str | None:
    if not parts or parts[-1][0] == EMOJI:
        return None
    attaches = character == " " or character in JOINERS or unicodedata.category(character).startswith("M")
    return parts[-1][0] if attaches and face(parts[-1][0]).has(character) else None


def _shaped(name: str, text: str, right_to_left: bool) -> GlyphRun:
    font, buffer = face(name), hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if right_to_left else "ltr"
    hb.shape(font.hb_font, buffer, {"kern": True, "liga": True})
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    starts = sorted({info.cluster for info in infos})
    clusters = {start: text[start:end] for start, end in pairwise([*starts, len(text)])}
    em = font.units_per_em
    glyphs = tuple(
        Glyph(
            info.codepoint,
            place.x_advance / em,
            place.x_offset / em,
            place.y_offset / em,
            clusters.pop(info.cluster, ""),
        )
        for info, place in zip(infos, positions, strict=True)
    )
    return GlyphRun(name, glyphs, text, right_to_left)
