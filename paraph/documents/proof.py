"""Proof that what was drawn can be read back: no value is dropped in silence."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium

from paraph.documents.reading_back import texts_drawn
from paraph.documents.rejected import DocumentFailure

LINE_END_HYPHENS: Final = frozenset("\x02\ufffe\u00ad-\u2010\u2011")
"""Readers rewrite a hyphen at the end of a line, so hyphens do not count."""
SHOWN_OF_A_VALUE: Final = 40


def prove_texts(source: Path | bytes, expected: Mapping[int, Sequence[str]]) -> None:
    """Every text is found on its page (from 0), by the renderer's reader or, where that one gives another
    order, letter for letter in what was drawn. Raises DocumentFailure('value_not_in_document')."""
    document = pdfium.PdfDocument(source)
    try:
        for index, texts in expected.items():
            if texts:
                found = folded(document[index].get_textpage().get_text_range())
                _prove_drawn(source, index, [text for text in texts if folded(text) not in found])
    finally:
        document.close()


def _prove_drawn(source: Path | bytes, index: int, texts: Sequence[str]) -> None:
    if not texts:
        return
    drawn = [Counter(folded(text)) for text in texts_drawn(source, index)]
    for text in texts:
        if Counter(folded(text)) not in drawn:
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
