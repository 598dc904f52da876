"""The languages of accounts: the vendor's (behaviour sheet, H.2) and Arabic."""

from __future__ import annotations

from paraph.kit.errors import BadRequest
from paraph.kit.i18n import ENGLISH, LANGUAGES, find_language

DEFAULT_LOCALE = ENGLISH.code
LOCALES = {code: language.name for code, language in LANGUAGES.items()}


def read_locale(text: str) -> str:
    """Return the locale as the vendor spells it (``en_us`` is fine); raises BadRequest."""
    found = find_language(text)
    if found is None:
        raise BadRequest(f"locale must be one of {', '.join(LOCALES)}.", path="locale")
    return found.code
