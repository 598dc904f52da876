"""Text that people and pages can show: no control characters, no marks that turn the reading direction around."""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"
"""Zero-width, but Persian and Indic names and emoji are wrong without them."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def visible(text: str) -> str:
    """The text without invisible characters; line breaks and other blanks stay."""
    return "".join(
        character
        for character in text
        if character in JOINERS or character.isspace() or unicodedata.category(character) not in INVISIBLE
    )
