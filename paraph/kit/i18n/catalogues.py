"""The message catalogues: read from their ``.po`` files when first needed, so that nothing compiled can be stale."""

from __future__ import annotations

import functools
import io
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from .languages import Language

FOLDER: Final = Path(__file__).resolve().parents[2] / "locales"
DOMAIN: Final = "paraph"


@functools.cache
def messages_of(language: Language) -> NullTranslations:
    """Return the language's messages: its catalogues in order, the source's words for what they lack."""
    found: NullTranslations = NullTranslations()
    for name in reversed(language.catalogues):
        catalogue = _read(name)
        catalogue.add_fallback(found)
        found = catalogue
    return found


def path_of(name: str) -> Path:
    """Where the catalogue of that name is."""
    return FOLDER / name / "LC_MESSAGES" / f"{DOMAIN}.po"


def _read(name: str) -> GNUTranslations:
    """Messages that are empty or fuzzy are left out."""
    with path_of(name).open("rb") as file:
        catalogue = read_po(file, locale=name, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
