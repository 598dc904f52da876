"""Which language a browser's wish leads to."""

from __future__ import annotations

import pytest

from paraph.kit.i18n import find_language, negotiate


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en-US"),
        ("de", "de-DE"),
        ("de-AT", "de-DE"),
        ("de-CH,de;q=0.9,en;q=0.8", "de-DE"),
        ("tlh, fr;q=0.4, it;q=0.7", "it-IT"),
        ("en;q=0.3, ja;q=0.9", "ja-JP"),
        ("fr, de", "fr-FR"),
        ("de;q=0, fr;q=0.1", "fr-FR"),
        ("DE-de", "de-DE"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("es", "es-ES"),
        ("es-ES", "es-ES"),
        ("es-MX", "es-LA"),
        ("es-419", "es-LA"),
        ("en", "en-US"),
        ("en-GB", "en-GB"),
        ("en-AU", "en-GB"),
        ("en-CA", "en-US"),
        ("no", "nb-NO"),
        ("nn-NO", "nb-NO"),
        ("zh", "zh-CN"),
        ("zh-Hans-SG", "zh-CN"),
        ("zh-Hant", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("ar-EG", "ar"),
        ("*", "en-US"),
        ("tlh", "en-US"),
        ("tlh, *;q=0.5", "en-US"),
        ("d" * 5000, "en-US"),
        ("de;q=zzz, fr", "fr-FR"),
        ("\x00,;;q=,=,de", "de-DE"),
        ("he, ar", "ar"),
        ("ars", "en-US"),
    ],
)
def test_the_wish_that_weighs_most_and_is_offered_wins(header: str, code: str) -> None:
    assert negotiate(header).code == code


@pytest.mark.parametrize(
    ("code", "found"), [("de_de", "de-DE"), ("AR", "ar"), ("es-la", "es-LA"), ("de", None), ("", None)]
)
def test_codes_are_found_in_any_spelling(code: str, found: str | None) -> None:
    language = find_language(code)
    assert (language.code if language else None) == found
