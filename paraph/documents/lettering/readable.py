"""What of a text can be drawn: the rest is made visible, never dropped in silence."""

import unicodedata
from typing import Final

from paraph.documents.lettering.faces import TEXT, face_for

JOINERS: Final = frozenset("\u200c\u200d")
BIDI_CONTROLS: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u061c")
ISOLATES: Final = frozenset("\u2066\u2067\u2068\u2069")
VARIATION_SELECTORS: Final = frozenset(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
SPACES: Final = frozenset("\t\v\f\u2028\u2029\u0085\u115f\u1160\u3164\uffa0\u2800")
"""Drawn as a space: among them the fillers of Hangul and Braille, letters that show nothing."""
INVISIBLE: Final = frozenset("\u17b4\u17b5\u034f")


def readable(text: str, *, multi_line: bool = False) -> str:
    """The text as it will be drawn: composed (NFC), spaces for control characters, and a named
    placeholder such as `[U+1FAE8]` for each character that no shipped face has."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return ("\n" if multi_line else " ").join("".join(map(_shown, line)) for line in lines)


def _shown(character: str) -> str:
    if character in SPACES:
        return " "
    if character in VARIATION_SELECTORS or character in ISOLATES or character in INVISIBLE:
        return ""
    if character in JOINERS or character in BIDI_CONTROLS:
        return character
    category = unicodedata.category(character)
    if category in {"Cc", "Cf"}:
        return ""
    if category == "Zs":
        return " "
    return character if face_for(character, TEXT) else f"[U+{ord(character):04X}]"
