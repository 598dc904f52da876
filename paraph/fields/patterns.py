"""Regular expressions that senders write, run against what signers type: bounded, for both are strangers' input.

The ``regex`` library gives up after a time; the standard library's engine cannot, and a pattern such as ``(a+)+$``
would then hold a worker for ever.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache
from typing import Final

import regex

MATCHING_SECONDS: Final = 0.05
MATCHING_SECONDS_OF_A_FORM: Final = 0.5
LONGEST_PATTERN_CHARACTERS: Final = 500
MOST_REPETITIONS: Final = 1000
"""A larger count costs time and memory to compile, and no field of a form needs it."""

_REPETITION: Final = re.compile(r"\{\s*(\d*)\s*,?\s*(\d*)\s*\}", re.ASCII)


class BadPattern(ValueError):
    """The text is no regular expression; the message says what is wrong with it."""


def check_pattern(pattern: str) -> None:
    """Raise BadPattern when this cannot be used."""
    if len(pattern) > LONGEST_PATTERN_CHARACTERS:
        raise BadPattern(f"it has more than {LONGEST_PATTERN_CHARACTERS} characters")
    counts = (count for found in _REPETITION.finditer(pattern) for count in found.groups())
    if any(len(count) > len(str(MOST_REPETITIONS)) or int(count or 0) > MOST_REPETITIONS for count in counts):
        raise BadPattern(f"it repeats something more than {MOST_REPETITIONS} times")
    _compiled(pattern)


class Matcher:
    """Looks for patterns in texts as JavaScript's ``test`` does, for one form: each question is answered once, and
    all together take half a second at most. What takes longer is not found."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bool] = {}
        self._left = MATCHING_SECONDS_OF_A_FORM

    def matches(self, pattern: str, text: str) -> bool:
        """True when the pattern is found in the text."""
        asked = (pattern, text)
        if asked not in self._known:
            self._known[asked] = self._left > 0 and self._search(pattern, text)
        return self._known[asked]

    def _search(self, pattern: str, text: str) -> bool:
        started = time.monotonic()
        try:
            return _compiled(pattern).search(text, timeout=MATCHING_SECONDS, concurrent=True) is not None
        except TimeoutError:
            return False
        finally:
            self._left -= time.monotonic() - started


def matches(pattern: str, text: str) -> bool:
    """True when the pattern is found in the text: a question by itself."""
    return Matcher().matches(pattern, text)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    # as in JavaScript, digits and letters of words are ASCII
    try:
        return regex.compile(pattern, regex.V0 | regex.ASCII)
    except (regex.error, RecursionError, OverflowError, MemoryError, ValueError) as error:
        raise BadPattern(str(error) or "it cannot be read") from error
