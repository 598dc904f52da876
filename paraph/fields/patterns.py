"""Regular expressions that senders write, run against what signers type: bounded, for both are strangers' input.

The ``regex`` library gives up after a time; the standard library's engine cannot, and a pattern such as ``(a+)+$``
would then hold a worker for ever.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import regex

MATCHING_SECONDS: Final = 0.05
LONGEST_PATTERN_CHARACTERS: Final = 500


class BadPattern(ValueError):
    """The text is no regular expression; the message says what is wrong with it."""


def check_pattern(pattern: str) -> None:
    """Raise BadPattern when this cannot be used."""
    if len(pattern) > LONGEST_PATTERN_CHARACTERS:
        raise BadPattern(f"it has more than {LONGEST_PATTERN_CHARACTERS} characters")
    _compiled(pattern)


def matches(pattern: str, text: str) -> bool:
    """True when the pattern is found in the text (as JavaScript's ``test``); False too when that takes too long."""
    try:
        return _compiled(pattern).search(text, timeout=MATCHING_SECONDS, concurrent=True) is not None
    except TimeoutError:
        return False


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    try:
        return regex.compile(pattern, regex.V0)
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise BadPattern(str(error) or "it cannot be read") from error
