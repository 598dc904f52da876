"""How much of a request body is read before it is refused, and how the refusal sounds.

Every limit keeps memory and CPU flat under a hostile body; honest requests of any client stay far below.
"""

from __future__ import annotations

from dataclasses import dataclass

from paraph.kit.errors import ParaphError
from paraph.kit.i18n import gettext as _

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one request body. Sizes are bytes unless the name says otherwise.

    ``text_bytes`` bounds everything that is parsed in memory: a JSON body, an urlencoded body, or all text
    parts of a multipart body together. Files count against ``body_bytes`` only.
    """

    body_bytes: int = 100 * MIB
    text_bytes: int = 2 * MIB
    text_part_bytes: int = 1 * MIB
    parts: int = 1_000
    pairs: int = 10_000
    header_bytes: int = 8 * KIB
    headers_per_part: int = 16
    depth: int = 32
    key_chars: int = 512
    values: int = 100_000
    memory_for_files: int = 1 * MIB


DEFAULT_LIMITS = Limits()


class TooLarge(ParaphError):
    """413, under the vendor's name ``bad_request``: the body breaks a limit that the message names."""

    default_status = 413


def in_words(size: int) -> str:
    """``size`` bytes as people write it: ``40 MB``, ``64 KB``, ``12 bytes``."""
    if size >= MIB:
        return f"{size / MIB:g} MB"
    if size >= KIB:
        return f"{size / KIB:g} KB"
    return f"{size} bytes"


class Meter:
    """Counts the bytes of a body as they arrive and refuses the one that is too many."""

    def __init__(self, limit: int, announced: int | None) -> None:
        self._limit = limit
        self._seen = 0
        if announced is not None and announced > limit:
            self._refuse()

    def add(self, chunk: bytes) -> None:
        """Raises TooLarge when the body has grown past the limit."""
        self._seen += len(chunk)
        if self._seen > self._limit:
            self._refuse()

    def _refuse(self) -> None:
        raise TooLarge(_("The request body is larger than the limit of %(limit)s.", limit=in_words(self._limit)))
