"""Reading our own drawings back from a written file, glyph code by glyph code.

The renderer's text reader guesses: it turns neutral signs around and loses letters that overlap. This one
only knows forms that `drawing` made (one q … Q for each text, Type0 fonts with a Unicode map), and those it
reads exactly, in the order in which they are drawn.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pikepdf

MAPPING: Final = re.compile(rb"^<([0-9a-f]{4})> <([0-9a-f]*)>$", re.MULTILINE)
OPERATORS: Final = "q Q Tf Tj TJ"


def texts_drawn(source: Path | bytes, page_index: int) -> list[str]:
    """What each text of the page's forms says, drawn order (left to right) within it."""
    with pikepdf.open(source if isinstance(source, Path) else io.BytesIO(source)) as pdf:
        forms = pdf.pages[page_index].obj["/Resources"].get("/XObject", pikepdf.Dictionary())
        return [text for _, form in forms.items() for text in _texts_of(form)]


def _texts_of(form: pikepdf.Object) -> Iterator[str]:
    fonts = form.get("/Resources", pikepdf.Dictionary()).get("/Font", pikepdf.Dictionary())
    maps = {name: _unicode_map(font) for name, font in fonts.items()}
    reading: dict[int, str] = {}
    text = ""
    for instruction in pikepdf.parse_content_stream(form, OPERATORS):
        operator, operands = str(instruction.operator), list(instruction.operands)
        if operator == "Q" and text:
            yield text
        if operator in {"q", "Q"}:
            text = ""
        elif operator == "Tf":
            reading = maps[str(operands[0])]
        elif operator == "Tj":
            text += _decoded(operands[0], reading)
        else:
            pieces = [piece for piece in list(operands[0]) if isinstance(piece, pikepdf.String)]
            text += "".join(_decoded(piece, reading) for piece in pieces)


def _decoded(codes: pikepdf.Object, reading: dict[int, str]) -> str:
    raw = bytes(codes)
    numbers = (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))
    return "".join(reading.get(number, "") for number in numbers)


def _unicode_map(font: pikepdf.Object) -> dict[int, str]:
    found = MAPPING.findall(font["/ToUnicode"].read_bytes())
    # a lone half of a pair cannot be in a text that was made readable, but must not stop the reading
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be", "replace") for code, text in found}
