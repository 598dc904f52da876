"""What a seal shall reach and who vouches for the time."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from paraph.documents.levels import B_B, Level
from paraph.documents.rejected import DocumentFailure

DEFAULT_SECONDS: Final = 10.0
ROUND_PAUSES: Final = (0.0, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class Authority:
    """A timestamp authority (RFC 3161). name is its host, for words; credentials never appear in any."""

    url: str
    name: str
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def at(cls, address: str) -> "Authority":
        """An authority by its URL, which may hold a user name and a password. Raises ValueError."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the address of a timestamp authority must begin with http:// or https://")
        bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
        return cls(bare, parts.hostname, unquote(parts.username or ""), unquote(parts.password or ""))


@dataclass(frozen=True, slots=True)
class SealPolicy:
    """The level to reach. required: rather no seal now than one of a lower level. roots: PEM, of timestamps;
    they are needed for verifying too, so those of former authorities stay. seconds: for one answer. pauses: how
    long to wait before each round through all authorities. Raises ValueError when the parts contradict each
    other."""

    level: Level = B_B
    required: bool = False
    authorities: tuple[Authority, ...] = ()
    roots: tuple[bytes, ...] = ()
    seconds: float = DEFAULT_SECONDS
    pauses: tuple[float, ...] = ROUND_PAUSES

    def __post_init__(self) -> None:
        if (self.level == B_B) == bool(self.authorities):
            raise ValueError("a level above PAdES-B-B and timestamp authorities go together")
        if self.authorities and not self.roots:
            raise ValueError("timestamps cannot be checked without the roots of their authorities")
        if self.seconds <= 0:
            raise ValueError("an authority needs some time to answer")


class LevelNotReached(DocumentFailure):
    """The level that was ordered cannot be reached now; `possible` can. Nothing was written."""

    def __init__(self, possible: Level, why: str) -> None:
        super().__init__("level_not_reached", why)
        self.possible = possible
