"""The languages that signers can choose, and how a browser's wish is met. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

LONGEST_WISH_CHARACTERS: Final = 1000
"""Of an Accept-Language header; the rest is not read."""
_WISH: Final = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


@dataclass(frozen=True, slots=True)
class Language:
    """A language as people and programs name it.

    ``code`` is the vendor's spelling (``es-LA``), ``tag`` is BCP 47 for ``lang`` attributes (``es-419``), ``name``
    is what its speakers call it. ``catalogues`` are looked in one after the other, then the words of the source,
    which is English. ``formats`` names Babel's rules for dates and numbers.
    """

    code: str
    name: str
    tag: str
    formats: str
    catalogues: tuple[str, ...] = ()
    direction: Literal["ltr", "rtl"] = "ltr"


ENGLISH: Final = Language("en-US", "English (US)", "en", "en_US")
"""The language of the source, of operators' and developers' pages, and of anybody who asks for nothing we have."""

_OFFERED: Final = (
    Language("ar", "العربية", "ar", "ar", ("ar",), "rtl"),
    Language("cs-CZ", "Čeština", "cs", "cs_CZ", ("cs",)),
    Language("da-DK", "Dansk", "da", "da_DK", ("da",)),
    Language("de-DE", "Deutsch", "de", "de_DE", ("de",)),
    Language("en-GB", "English (UK)", "en-GB", "en_GB"),
    ENGLISH,
    Language("es-ES", "Español (España)", "es", "es_ES", ("es",)),
    Language("es-LA", "Español (Latinoamérica)", "es-419", "es_419", ("es_419", "es")),
    Language("fr-FR", "Français", "fr", "fr_FR", ("fr",)),
    Language("id-ID", "Bahasa Indonesia", "id", "id_ID", ("id",)),
    Language("it-IT", "Italiano", "it", "it_IT", ("it",)),
    Language("ja-JP", "日本語", "ja", "ja_JP", ("ja",)),
    Language("ko-KR", "한국어", "ko", "ko_KR", ("ko",)),
    Language("ms-MY", "Bahasa Melayu", "ms", "ms_MY", ("ms",)),
    Language("nb-NO", "Norsk bokmål", "nb", "nb_NO", ("nb",)),
    Language("nl-NL", "Nederlands", "nl", "nl_NL", ("nl",)),
    Language("pl-PL", "Polski", "pl", "pl_PL", ("pl",)),
    Language("pt-BR", "Português (Brasil)", "pt-BR", "pt_BR", ("pt_BR",)),
    Language("ru-RU", "Русский", "ru", "ru_RU", ("ru",)),
    Language("sv-SE", "Svenska", "sv", "sv_SE", ("sv",)),
    Language("th-TH", "ไทย", "th", "th_TH", ("th",)),
    Language("uk-UA", "Українська", "uk", "uk_UA", ("uk",)),
    Language("zh-CN", "简体中文", "zh-Hans", "zh_Hans_CN", ("zh_CN",)),
    Language("zh-TW", "繁體中文", "zh-Hant", "zh_Hant_TW", ("zh_TW",)),
)
LANGUAGES: Final = {language.code: language for language in _OFFERED}
"""The vendor's 23 (behaviour sheet, H.2) and Arabic, by the vendor's code, in the order of the picker."""

_BY_SPELLING: Final = {code.lower(): language for code, language in LANGUAGES.items()}
# the tag of a region that the vendor does not know, longest prefix first found; and other names of languages
_KIN: Final = {
    "en-us": "en-US", "en-ca": "en-US", "en-ph": "en-US", "en-gb": "en-GB", "en": "en-US",
    "es-es": "es-ES", "es-419": "es-LA", "es": "es-ES",
    "zh-hant": "zh-TW", "zh-hans": "zh-CN", "zh-tw": "zh-TW", "zh-hk": "zh-TW", "zh-mo": "zh-TW", "zh": "zh-CN",
    "yue": "zh-TW", "no": "nb-NO", "nn": "nb-NO", "in": "id-ID",
}  # fmt: skip
_OTHER_REGIONS: Final = {"en": "en-GB", "es": "es-LA"}


def find_language(code: str) -> Language | None:
    """Return the language of a vendor's code in any spelling (``de_de``); None when it is not one of ours."""
    return _BY_SPELLING.get(code.replace("_", "-").lower())


def negotiate(accept_language: str) -> Language:
    """Return the language that the header (RFC 9110 section 12.5.4) wants most and that is offered."""
    wishes = (_WISH.fullmatch(part) for part in accept_language[:LONGEST_WISH_CHARACTERS].split(","))
    weighed = [(float(wish[2] or 1), wish[1]) for wish in wishes if wish]
    # sorting keeps the order of those that weigh the same: the first named wins
    for weight, tag in sorted(weighed, key=lambda each: -each[0]):
        found = _nearest(tag.lower()) if weight > 0 else None
        if found is not None:
            return found
    return ENGLISH


def _nearest(tag: str) -> Language | None:
    exact = _BY_SPELLING.get(tag)
    if exact is not None:
        return exact
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        prefix = "-".join(parts[:length])
        if length == 1 and len(parts) > 1 and prefix in _OTHER_REGIONS:
            return LANGUAGES[_OTHER_REGIONS[prefix]]
        if prefix in _KIN:
            return LANGUAGES[_KIN[prefix]]
    primary = f"{parts[0]}-"
    return next((each for code, each in _BY_SPELLING.items() if f"{code}-".startswith(primary)), None)
