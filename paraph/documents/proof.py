"""Proof that what was drawn can be read back: no value is dropped in silence."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import pypdfium2 as pdfium

from paraph.documents.rejected import DocumentFailure

LINE_END_HYPHENS: Final = frozenset("\x02\ufffe\u00ad-\u2010\u2011")
"""Readers rewrite a hyphen at the end of a line, so hyphens do not count."""
LAST_OF_FIRST_PLANE: Final = 0xFFFF
SHOWN_OF_A_VALUE: Final = 40


def prove_texts(data: bytes, expected: Mapping[int, Sequence[str]]) -> None:
    """Every text is found on its page (from 0), as the renderer reads it.

    Raises DocumentFailure('value_not_in_document')."""
    document = pdfium.PdfDocument(data)
    try:
        for index, texts in expected.items():
            if texts:
                _prove_page(document[index], texts)
    finally:
        document.close()


def _prove_page(page: pdfium.PdfPage, texts: Sequence[str]) -> None:
    found = folded(page.get_textpage().get_text_range())
    letters = Counter(found)
    for text in texts:
        wanted = folded(text)
        if wanted in found:
            continue
        if _reorders(text) and Counter(filter(_survives_reordering, wanted)) <= letters:
            continue
        raise DocumentFailure("value_not_in_document", repr(text[:SHOWN_OF_A_VALUE]))


def folded(text: str) -> str:
    """What readers agree on: compatibility-composed, without spaces, hyphens and invisible characters."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(
        character
        for character in normal
        if not character.isspace()
        and character not in LINE_END_HYPHENS
        and unicodedata.category(character) not in {"Cc", "Cf"}
    )


def _survives_reordering(character: str) -> bool:
    """From lines that it turns around, the renderer's reader loses characters beyond the first plane, and it
    turns brackets around or not."""
    return ord(character) <= LAST_OF_FIRST_PLANE and not unicodedata.mirrored(character)


def _reorders(text: str) -> bool:
    """Right-to-left and stacked scripts come back in another order, but letter for letter."""
    return any(
        unicodedata.bidirectional(character) in {"R", "AL", "AN"} or unicodedata.category(character) in {"Mn", "Mc"}
        for character in text
    )
