"""The languages that the vendor's API knows (behaviour sheet, H.2)."""

from __future__ import annotations

from paraph.kit.errors import BadRequest

DEFAULT_LOCALE = "en-US"
LOCALES = {
    "cs-CZ": "Čeština",
    "da-DK": "Dansk",
    "de-DE": "Deutsch",
    "en-GB": "English (UK)",
    "en-US": "English (US)",
    "es-ES": "Español (España)",
    "es-LA": "Español (Latinoamérica)",
    "fr-FR": "Français",
    "id-ID": "Bahasa Indonesia",
    "it-IT": "Italiano",
    "ja-JP": "日本語",
    "ko-KR": "한국어",
    "ms-MY": "Bahasa Melayu",
    "nb-NO": "Norsk bokmål",
    "nl-NL": "Nederlands",
    "pl-PL": "Polski",
    "pt-BR": "Português (Brasil)",
    "ru-RU": "Русский",
    "sv-SE": "Svenska",
    "th-TH": "ไทย",
    "uk-UA": "Українська",
    "zh-CN": "简体中文",
    "zh-TW": "繁體中文",
}

_BY_SPELLING = {code.lower(): code for code in LOCALES}


def read_locale(text: str) -> str:
    """Return the locale as the vendor spells it (``en_us`` is fine); raises BadRequest."""
    found = _BY_SPELLING.get(text.replace("_", "-").lower())
    if found is None:
        raise BadRequest(f"locale must be one of {', '.join(LOCALES)}.", path="locale")
    return found
