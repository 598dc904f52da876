"""Timestamp authorities that failed are left alone for a while, longer each time."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from paraph.documents.seal_policy import Authority

FIRST_REST_SECONDS: Final = 30.0
LONGEST_REST_SECONDS: Final = 900.0


class Resting:
    """Which authorities may be asked now; kept by each process for itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._words: dict[str, str] = {}

    def awake(self, authorities: Iterable[Authority]) -> tuple[Authority, ...]:
        """Those that are not left alone now, in their order."""
        now = self._clock()
        return tuple(one for one in authorities if self._until.get(one.url, now) <= now)

    def note(self, answered: str, failures: Mapping[str, str]) -> None:
        """What came of asking: the URL that answered well, and by URL what was wrong with others."""
        for url, words in failures.items():
            if url != answered:
                count = self._failures[url] = self._failures.get(url, 0) + 1
                rest = min(FIRST_REST_SECONDS * 2 ** (count - 1), LONGEST_REST_SECONDS)
                self._until[url], self._words[url] = self._clock() + rest, words
        for memory in (self._failures, self._until, self._words):
            memory.pop(answered, None)

    def words(self) -> list[str]:
        """What was wrong with each of those that are left alone now."""
        now = self._clock()
        return [words for url, words in self._words.items() if self._until[url] > now]
