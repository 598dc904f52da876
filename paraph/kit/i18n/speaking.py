"""The language that is spoken now: set once for each visit or letter, read by ``_`` and by templates.

A context variable, so that visits which are served at the same time, each in its own task, do not mix. Whatever is
kept as evidence or read by programs is never written with these functions.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .languages import ENGLISH, Language
from .translator import Translator, translator

if TYPE_CHECKING:
    from collections.abc import Iterator

_spoken: ContextVar[Translator | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(language: Language | str) -> Iterator[Translator]:
    """Speak this language (a vendor's code will do) until the block ends."""
    before = _spoken.set(translator(language))
    try:
        yield spoken()
    finally:
        _spoken.reset(before)


def speak(language: Language) -> None:
    """Go on in another language inside ``speaking``."""
    _spoken.set(translator(language))


def spoken() -> Translator:
    """Who speaks now; English outside ``speaking``."""
    return _spoken.get() or translator(ENGLISH)


def is_speaking() -> bool:
    """Whether somebody's language was asked for; False on pages of operators and developers."""
    return _spoken.get() is not None


def gettext(message: str, **values: Any) -> str:
    """Return the message in the language spoken now; import it as ``_``."""
    return spoken().gettext(message, **values)


def ngettext(one: str, many: str, number: int, **values: Any) -> str:
    """Return the form of the message that ``number`` needs, in the language spoken now."""
    return spoken().ngettext(one, many, number, **values)


def pgettext(context: str, message: str, **values: Any) -> str:
    """As ``gettext``, with a context for translators."""
    return spoken().pgettext(context, message, **values)


def N_(message: str) -> str:  # noqa: N802 - gettext's name for it
    """Mark a message that is translated later, by ``_(message)``."""
    return message
