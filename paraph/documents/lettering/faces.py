"""The faces that this package ships, and which of them draws a character."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

import uharfbuzz as hb
from fontTools.ttLib import TTFont

from paraph.documents.shapes import Face as HandwritingFace

FOLDER: Final = Path(__file__).parent.parent / "fonts"

HANDWRITING: Final[tuple[str, ...]] = get_args(HandwritingFace)
TEXT: Final = "NotoSans-Regular"
EMOJI: Final = "NotoEmoji-Regular"

FALLBACKS: Final = (
    TEXT,
    "NotoNaskhArabic-Regular",
    "NotoSansHebrew-Regular",
    "NotoSansDevanagari-Regular",
    "NotoSansThai-Regular",
    "ParaphHangul",
    "DroidSansFallback",
    "NotoSansBengali-Regular",
    "NotoSansGurmukhi-Regular",
    "NotoSansGujarati-Regular",
    "NotoSansOriya-Regular",
    "NotoSansTamil-Regular",
    "NotoSansTelugu-Regular",
    "NotoSansKannada-Regular",
    "NotoSansMalayalam-Regular",
    "NotoSansSinhala-Regular",
    "NotoSansKhmer-Regular",
    "NotoSansLao-Regular",
    "NotoSansMyanmar-Regular",
    "NotoSansGeorgian-Regular",
    "NotoSansArmenian-Regular",
    "NotoSansEthiopic-Regular",
    "NotoSansThaana-Regular",
    EMOJI,
)
"""In the order they are asked; the first that has the character draws it."""


class Face:
    """One font file, loaded for shaping, measuring and subsetting."""

    def __init__(self, name: str) -> None:
        path = FOLDER / f"{name}.ttf"
        self.name = name
        self.hb_face = hb.Face(hb.Blob.from_file_path(str(path)))
        self.hb_font = hb.Font(self.hb_face)
        self._ink: dict[int, tuple[float, float, float, float]] = {}
        with TTFont(path) as font:
            self.units_per_em: int = font["head"].unitsPerEm
            self.characters: Mapping[int, str] = font.getBestCmap()
            self.advances: Sequence[int] = [font["hmtx"][glyph][0] for glyph in font.getGlyphOrder()]
            head, across = font["head"], font["hhea"]
            self.bounds = (head.xMin, head.yMin, head.xMax, head.yMax)
            self.ascent: int = across.ascent
            self.descent: int = across.descent

    def has(self, character: str) -> bool:
        return ord(character) in self.characters

    def ink(self, glyph: int) -> tuple[float, float, float, float]:
        """What the glyph covers, from its origin, in em: left, bottom, right, top; nothing for a space."""
        if glyph not in self._ink:
            extents = self.hb_font.get_glyph_extents(glyph)
            if extents is None or not (extents.width or extents.height):
                edges = (0.0, 0.0, 0.0, 0.0)
            else:
                left, top = extents.x_bearing, extents.y_bearing
                edges = (left, top + extents.height, left + extents.width, top)
            em = self.units_per_em
            self._ink[glyph] = (edges[0] / em, edges[1] / em, edges[2] / em, edges[3] / em)
        return self._ink[glyph]

    def advance(self, glyph: int) -> float:
        """The glyph's own width in em."""
        return self.advances[glyph] / self.units_per_em

    def per_mille(self, units: float) -> int:
        """Font units as PDF glyph space (1/1000 em)."""
        return round(units * 1000 / self.units_per_em)


@functools.cache
def face(name: str) -> Face:
    """The shipped face of this name, loaded once a process."""
    return Face(name)


@functools.lru_cache(maxsize=4096)
def face_for(character: str, preferred: str) -> str | None:
    """The name of the face that draws the character, or None when no shipped face can."""
    if face(preferred).has(character):
        return preferred
    return next((name for name in FALLBACKS if face(name).has(character)), None)


def warm_up() -> None:
    """Load every face, so that children forked later share them."""
    for path in FOLDER.glob("*.ttf"):
        face(path.stem)
