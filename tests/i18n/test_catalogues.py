"""The catalogues hold what the source says: nothing stale, nothing missing in a complete language, nothing broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from paraph.kit.i18n import LANGUAGES, Language, speaking, spoken, translator
from paraph.kit.i18n.catalogues import DOMAIN, FOLDER, path_of
from paraph.kit.templates import template_environment
from paraph.signing.disclosure import CURRENT, current_disclosure

ROOT = Path(__file__).parents[2]
COMPLETE = ("ar", "de", "es", "fr", "ja", "pt_BR")
VENDOR = 23
MOST_SEEN = ("Agree and finish", "Agree and continue", "Review and sign", "Sign here", "Continue", "Your signature")
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
TAG = re.compile(r"</?[a-z][^>]*>")
NAMES = sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The sentences as they stand in the source now."""
    target = tmp_path_factory.mktemp("messages") / "fresh.pot"
    options = ["-F", str(ROOT / "babel.cfg"), "-k", "N_", "-o", str(target), str(ROOT)]
    assert not CommandLineInterface().run(["pybabel", "-q", "extract", *options])
    with target.open("rb") as file:
        return read_po(file)


@cache
def catalogue(name: str) -> Catalog:
    with path_of(name).open("rb") as file:
        return read_po(file, locale=name, domain=DOMAIN)


def keys(catalogue: Catalog) -> set[tuple[str | None, str, str]]:
    """Context, singular and plural of each message."""
    found = set()
    for message in catalogue:
        if message.id:
            one, many = message.id if isinstance(message.id, (tuple, list)) else (message.id, "")
            found.add((message.context, one, many))
    return found


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def translated(name: str) -> Iterator[tuple[list[str], Message]]:
    """Each translated message with the forms of its source."""
    for message in catalogue(name):
        if message.id and any(strings(message)):
            yield ([message.id] if isinstance(message.id, str) else list(message.id)), message


def test_the_vendors_languages_and_arabic_are_offered() -> None:
    assert len(LANGUAGES) == VENDOR + 1
    for language in LANGUAGES.values():
        Locale.parse(language.formats)
        assert all(path_of(name).is_file() for name in language.catalogues)
        assert language.catalogues or language.code.startswith("en-"), "English is the source"
    assert [language.code for language in LANGUAGES.values() if language.direction == "rtl"] == ["ar"]
    assert {name for language in LANGUAGES.values() for name in language.catalogues} == set(NAMES)


def test_the_template_is_what_the_source_says(source: Catalog) -> None:
    with (FOLDER / f"{DOMAIN}.pot").open("rb") as file:
        assert keys(read_po(file)) == keys(source), "run `make messages`, then translate what is new"


@pytest.mark.parametrize("name", NAMES)
def test_no_catalogue_is_stale(name: str, source: Catalog) -> None:
    assert keys(catalogue(name)) == keys(source), "run `make messages`, then translate what is new"
    assert not catalogue(name).obsolete


@pytest.mark.parametrize("name", COMPLETE)
def test_complete_languages_lack_nothing(name: str) -> None:
    lacking = [message.id for message in catalogue(name) if message.id and not all(strings(message))]
    assert lacking == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fuzzy(name: str) -> None:
    assert [message.id for message in catalogue(name) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("name", NAMES)
def test_placeholders_and_markup_are_those_of_the_source(name: str) -> None:
    for sources, message in translated(name):
        # a language may say "one" and "two" in words, but the form for many names the number
        assert set(PLACEHOLDER.findall(strings(message)[-1])) == set(PLACEHOLDER.findall(sources[-1])), message.id
        for form in strings(message):
            assert set(PLACEHOLDER.findall(form)) <= set(PLACEHOLDER.findall(sources[-1])), form
            assert "%" not in PLACEHOLDER.sub("", form), f"a lone percent sign: {form}"
            assert sorted(TAG.findall(form)) == sorted(TAG.findall(sources[-1])), form


@pytest.mark.parametrize("name", NAMES)
def test_translations_are_tidy(name: str) -> None:
    for sources, message in translated(name):
        for form in strings(message):
            assert form == form.strip() and "  " not in form, repr(form)
            if sources[-1].endswith("?") and name != "th":  # Thai asks without a mark
                assert form[-1] in "?？؟", f"the question is lost: {form}"
    plurals = [message for _, message in translated(name) if message.pluralizable]
    assert all(len(strings(message)) == catalogue(name).num_plurals for message in plurals)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.code)
def test_what_everybody_sees_is_in_their_language(language: Language) -> None:
    if not language.catalogues:
        return
    words = translator(language)
    for message in MOST_SEEN:
        assert words.gettext(message) != message, f"{language.code} lacks {message!r}"


def test_a_language_that_lacks_a_sentence_says_it_in_its_kin_and_then_in_english() -> None:
    assert translator("es-LA").gettext("Agree and finish") == translator("es-ES").gettext("Agree and finish")
    assert translator("th-TH").gettext("No catalogue has this.") == "No catalogue has this."
    assert translator("tlh").gettext("Continue") == "Continue"


def test_plurals_follow_the_language() -> None:
    one, many = "%(name)s, %(count)s page", "%(name)s, %(count)s pages"

    def said(code: str, number: int) -> str:
        return translator(code).ngettext(one, many, number, name="A", count=number)

    assert [said("de-DE", number) for number in (1, 2)] == ["A, 1 Seite", "A, 2 Seiten"]
    assert said("ja-JP", 1) == "A、1ページ"
    forms = [said("ar", number) for number in (1, 2, 3, 11, 100)]
    assert len(set(forms)) == len(forms), "Arabic has forms for one, two, few, many and hundreds"
    wait = ("Too many requests. Try again in one second.", "Too many requests. Try again in %(num)s seconds.")
    assert [translator("ar").ngettext(*wait, number).split()[-1] for number in (2, 3, 10)] == [
        "ثانيتين.",
        "ثوانٍ.",
        "ثوانٍ.",
    ]
    waiting = (
        "The link works for one day, for anybody who has it. Keep a copy of the file.",
        "The link works for %(num)s days, for anybody who has it. Keep a copy of the file.",
    )
    assert "90 يومًا" in translator("ar").ngettext(*waiting, 90)
    assert "100 يوم " in translator("ar").ngettext(*waiting, 100)


def test_dates_and_lists_are_written_as_the_language_does() -> None:
    at = 1_795_442_700  # 23 November 2026, 14:05 UTC
    assert translator("de-DE").moment(at) == "23.11.2026, 14:05 UTC"
    assert translator("en-GB").moment(at) == "23 Nov 2026, 14:05 UTC"
    assert "2026/11/23" in translator("ja-JP").moment(at)
    assert translator("fr-FR").listed(["A", "B", "C"]) == "A, B et C"
    for code in LANGUAGES:
        assert translator(code).moment(at).endswith(" UTC")


def test_who_speaks_is_forgotten_at_the_end() -> None:
    with speaking("fr-FR"):
        assert spoken().language.code == "fr-FR"
        with speaking("ja-JP"):
            assert spoken().language.code == "ja-JP"
        assert spoken().language.code == "fr-FR"
    assert spoken().language.code == "en-US"


@pytest.mark.parametrize("language", sorted(CURRENT))
def test_the_consent_statement_is_whole_in_each_complete_language(language: str) -> None:
    found, english = current_disclosure(language), current_disclosure("en")
    assert found.locale == language and found.version == f"{language}-2026-11"
    assert len(found.sections) == len(english.sections)
    code = next(code for code in LANGUAGES if code.partition("-")[0] == language)
    button = translator(code).gettext("Withdraw my agreement")
    assert any(button in section.text for section in found.sections), "it names the button as the page does"


def test_names_do_not_reorder_the_words_around_them() -> None:
    said = translator("ar").gettext("%(sender)s cancelled “%(title)s”.", sender="Ann <Lee>", title="Rent?")
    assert "\u2068Ann <Lee>\u2069" in said and "\u2068Rent?\u2069" in said
    with speaking("ar"):
        template = '{{ _("%(sender)s writes", sender=name) }}{% trans n=name %}{{ n }} writes{% endtrans %}'
        page = template_environment().from_string(f"{{% autoescape true %}}{template}{{% endautoescape %}}")
        assert "\u2068Ann &lt;Lee&gt;\u2069" in page.render(name="Ann <Lee>")
    link = translator("ar").gettext(
        "%(sender)s asks you to sign “%(title)s”: %(link)s", sender="A", title="B", link="https://a"
    )
    assert link.endswith(" https://a"), "an address stays one that can be pressed"
    assert "\u2068" not in translator("de-DE").gettext("%(sender)s writes", sender="Ann")
