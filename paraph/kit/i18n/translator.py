"""Words, dates and lists in one language."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_time, get_datetime_format
from babel.lists import format_list
from babel.numbers import format_decimal

from .catalogues import messages_of
from .languages import ENGLISH, Language, find_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from gettext import NullTranslations


FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
"""Unicode's marks around text whose direction is its own (UAX 9)."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Speaks one language. Placeholders are ``%(name)s``, a literal percent sign is ``%%``."""

    language: Language

    @property
    def messages(self) -> NullTranslations:
        """The catalogue itself, for what fills placeholders by its own rules (templates escape them)."""
        return messages_of(self.language)

    def gettext(self, message: str, **values: Any) -> str:
        """Return the message with its values."""
        return self.messages.gettext(message) % self.isolated(values) if message else ""  # "" is the catalogue's head

    def ngettext(self, one: str, many: str, number: int, **values: Any) -> str:
        """Return the form that ``number`` needs; it is also the value ``num``."""
        values.setdefault("num", number)
        return self.messages.ngettext(one, many, number) % self.isolated(values)

    def pgettext(self, context: str, message: str, **values: Any) -> str:
        """As ``gettext``, for a word that needs ``context`` to be understood."""
        return self.messages.pgettext(context, message) % self.isolated(values)

    def isolated(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values of a sentence that runs from right to left, each kept from reordering the words around it.

        Addresses of pages stay bare: programs that make them clickable would take the marks for a part of them.
        """
        if self.language.direction == "ltr":
            return values
        return {name: _isolate(value) for name, value in values.items()}

    def moment(self, seconds: int) -> str:
        """A point in time, UTC: ``23 Nov 2026, 14:05 UTC`` as this language writes it."""
        at, formats = datetime.fromtimestamp(seconds, UTC), self.language.formats
        pattern = str(get_datetime_format("medium", locale=formats)).replace("'", "")
        day, time = format_date(at, "medium", locale=formats), format_time(at, "short", locale=formats)
        written: str = pattern.replace("{1}", day).replace("{0}", time)
        return f"{written} UTC"

    def day(self, day: date) -> str:
        """A day: ``23 November 2026`` as this language writes it."""
        return format_date(day, "long", locale=self.language.formats)

    def number(self, number: float) -> str:
        """A number with this language's separators."""
        written: str = format_decimal(number, locale=self.language.formats)
        return written

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c`` as this language joins them."""
        return format_list(list(items), locale=self.language.formats)


def _isolate(value: Any) -> Any:
    if not isinstance(value, str) or value.startswith("http") or not any(letter.isalpha() for letter in value):
        return value
    # by addition, which keeps escaped text of templates what it is
    return FIRST_STRONG_ISOLATE + value + POP_ISOLATE


@functools.cache
def _translator(language: Language) -> Translator:
    return Translator(language)


def translator(language: Language | str) -> Translator:
    """Return who speaks this language or vendor's code; English for a code that is not ours."""
    return _translator(language if isinstance(language, Language) else find_language(language) or ENGLISH)
