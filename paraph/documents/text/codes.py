"""How a font of a file turns bytes into codes, and how far each code moves on.

Only what is certain is answered: where a width or a coding is not known, there is None, and who asks must find
another way.
"""

import ctypes
from collections.abc import Iterator, Mapping
from typing import Final

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from fontTools.agl import toUnicode
from fontTools.encodings.StandardEncoding import StandardEncoding
from pikepdf import Name

SIMPLE: Final = frozenset({"/Type1", "/TrueType", "/MMType1", "/Type3"})
TWO_BYTES: Final = "/Identity-H"
PER_MILLE: Final = 0.001
DEFAULT_WIDTH: Final = 1000.0
"""Of a composite font (ISO 32000-1, 9.7.4.3)."""
MAX_CODES: Final = 65_536
MEASURED_AT: Final = 1000.0
CODECS: Final = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}


class FontCodes:
    """One font. `unit` is the size of one unit of its widths in text space."""

    def __init__(self, font: pikepdf.Object, ruler: "StandardWidths") -> None:
        kind = str(font.get("/Subtype", ""))
        self.bytes_a_code = 1
        self.unit = PER_MILLE
        self._widths: Mapping[int, float] = {}
        self._default: float | None = None
        if kind == "/Type0":
            self._take_composite(font)
        elif kind in SIMPLE:
            self._take_simple(font, kind, ruler)

    def codes(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where each code starts, and the code."""
        step = self.bytes_a_code
        for start in range(0, len(data) - step + 1, step):
            yield start, int.from_bytes(data[start : start + step], "big")

    def advance(self, code: int) -> float | None:
        """In text space for a font size of 1; None when it cannot be known."""
        width = self._widths.get(code, self._default)
        return None if width is None else width * self.unit

    def is_word_space(self, code: int) -> bool:
        """Whether word spacing counts for it (ISO 32000-1, 9.3.3)."""
        return self.bytes_a_code == 1 and code == 32

    def _take_composite(self, font: pikepdf.Object) -> None:
        if str(font.get("/Encoding", "")) != TWO_BYTES:
            return
        descendant = font["/DescendantFonts"][0]
        self.bytes_a_code = 2
        self._default = _whole(descendant.get("/DW", DEFAULT_WIDTH))
        self._widths = _composite_widths(list(descendant.get("/W", [])))

    def _take_simple(self, font: pikepdf.Object, kind: str, ruler: "StandardWidths") -> None:
        if kind == "/Type3":
            self.unit = abs(float(font["/FontMatrix"][0]))
        first = int(font.get("/FirstChar", 0))
        if "/Widths" in font:
            self._widths = {first + place: _whole(width) for place, width in enumerate(list(font["/Widths"]))}
            self._default = float(font.get("/FontDescriptor", pikepdf.Dictionary()).get("/MissingWidth", 0))
        else:
            self._widths = ruler.widths(font)


class StandardWidths:
    """The widths of the fourteen fonts that a file need not hold, as the renderer has them."""

    NAMES: Final = frozenset(
        f"/{family}{style}"
        for family, styles in {
            "Helvetica": ("", "-Bold", "-Oblique", "-BoldOblique"),
            "Courier": ("", "-Bold", "-Oblique", "-BoldOblique"),
            "Times": ("-Roman", "-Bold", "-Italic", "-BoldItalic"),
        }.items()
        for style in styles
    )
    """Symbol and ZapfDingbats have codes of their own; nobody writes a tag in them."""

    def __init__(self, document: pdfium.PdfDocument) -> None:
        self._document = document

    def widths(self, font: pikepdf.Object) -> Mapping[int, float]:
        """By code; empty for a font that is none of them."""
        name = str(font.get("/BaseFont", ""))
        if name not in self.NAMES:
            return {}
        ours = raw.FPDFText_LoadStandardFont(self._document, name[1:].encode())
        width = ctypes.c_float()
        found = {}
        for code, letter in _letters(font).items():
            if raw.FPDFFont_GetGlyphWidth(ours, ord(letter), MEASURED_AT, width):
                found[code] = width.value
        raw.FPDFFont_Close(ours)
        return found


def _composite_widths(table: list[pikepdf.Object]) -> dict[int, float]:
    widths: dict[int, float] = {}
    place = 0
    while place + 1 < len(table) and len(widths) < MAX_CODES:
        first, second = int(table[place]), table[place + 1]
        if isinstance(second, pikepdf.Array):
            widths |= {first + offset: _whole(width) for offset, width in enumerate(list(second))}
            place += 2
        else:
            last = min(int(second), MAX_CODES)
            widths |= dict.fromkeys(range(first, last + 1), _whole(table[place + 2]))
            place += 3
    return widths


def _whole(width: object) -> float:
    """Without its fraction: the renderer drops it, and what follows on a line shall stay where it was shown."""
    return float(int(float(width)))  # type: ignore[arg-type]  # an odd one is found out here


def _letters(font: pikepdf.Object) -> dict[int, str]:
    """The character of each code of a simple font with Latin letters."""
    encoding = font.get("/Encoding")
    differences: list[pikepdf.Object] = []
    base = encoding
    if isinstance(encoding, pikepdf.Dictionary):
        base, differences = encoding.get("/BaseEncoding"), list(encoding.get("/Differences", []))
    letters = _base_letters(base)
    code = 0
    for entry in differences:
        if not isinstance(entry, Name):
            code = int(entry)
            continue
        letter = toUnicode(str(entry)[1:])
        if len(letter) == 1:
            letters[code] = letter
        code += 1
    return letters


def _base_letters(base: object) -> dict[int, str]:
    codec = CODECS.get(str(base)) if isinstance(base, Name) else None
    if codec:
        shown = ((code, bytes([code]).decode(codec, "replace")) for code in range(256))
    else:
        shown = ((code, toUnicode(name)) for code, name in enumerate(StandardEncoding) if name != ".notdef")
    return {code: letter for code, letter in shown if len(letter) == 1 and letter != "\ufffd"}
