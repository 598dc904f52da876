"""Orders to this room, and what comes of them: plain frozen data, like `shapes`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from paraph.documents.identity import SealingIdentity
from paraph.documents.levels import B_B, Level
from paraph.documents.seal_policy import Authority, SealPolicy
from paraph.documents.shapes import Attachment, Certificate, Mark

PROPERTY_LEVEL: Final = "SealLevel"
"""Property of a sealed file: the level that it says it has."""


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A normalised file and the SHA-256 it must still have."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Assembly:
    """Documents in order, and what is drawn on them. banner is printed at the top edge of every page."""

    documents: tuple[SourceDocument, ...]
    marks: tuple[Mark, ...] = ()
    banner: str | None = None
    title: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompletionPlan:
    """All that a sealed file is made of. The seal reaches exactly this level, because the file says so."""

    assembly: Assembly
    identity: SealingIdentity
    certificate: Certificate | None = None
    attachments: tuple[Attachment, ...] = ()
    reason: str = "Signed by all parties"
    level: Level = B_B


@dataclass(frozen=True, slots=True)
class Assembled:
    """A merged and stamped file without a seal. first_pages: where each document starts (from 1)."""

    sha256: str
    byte_count: int
    page_count: int
    first_pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Completed:
    """A sealed file. content_sha256 is the hash of the same file before the seal was added, which is the
    first content_byte_count bytes of it. sealed_at is UTC, ISO 8601. certificate_sha256: see Verdict."""

    sha256: str
    byte_count: int
    page_count: int
    first_pages: tuple[int, ...]
    content_sha256: str
    content_byte_count: int
    level: str
    sealed_by: str
    issued_by: str
    sealed_at: str
    certificate_sha256: str
    timestamped_at: str = ""
    timestamped_by: str = ""


@dataclass(frozen=True, slots=True)
class SealOrder:
    """For the child that seals. authorities: those of the policy that are asked now, in this order."""

    identity: SealingIdentity
    reason: str
    level: Level
    policy: SealPolicy
    authorities: tuple[Authority, ...] = ()


@dataclass(frozen=True, slots=True)
class SealOutcome:
    """A sealed file of the level that was ordered; or none, the level that is possible, and why no more.

    answered: the URL of the authority that gave the time. failures: by URL, what was wrong with others."""

    completed: Completed | None
    possible: Level
    why: str = ""
    answered: str = ""
    failures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SealParts:
    """What a seal carries: its certificate and those it came with (PEM), and its timestamp (DER, or empty)."""

    certificate: bytes
    others: tuple[bytes, ...]
    timestamp: bytes


VerdictState = Literal["sealed_intact", "not_intact", "not_signed", "unreadable"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification says of a file that claims to be sealed.

    state `sealed_intact` only if exactly one certification signature forbids every change, nothing follows
    it but what long-term validation adds, it is intact, and leads to a trusted root. reasons: codes of what
    is wrong, else empty. level, sealed_by, issued_by and sealed_at are what the seal says, empty when there
    is none; timestamped_at and timestamped_by what a trusted authority says. certificate_sha256: of the
    certificate that sealed (hexadecimal), root_sha256: of the trusted root it leads to; else empty. notes:
    codes of what is worth knowing and no fault. properties and attachments are to be believed only when
    intact. Times: ISO 8601."""

    state: VerdictState
    reasons: tuple[str, ...]
    sha256: str
    byte_count: int
    page_count: int = 0
    level: str = ""
    sealed_by: str = ""
    issued_by: str = ""
    sealed_at: str = ""
    timestamped_at: str = ""
    timestamped_by: str = ""
    certificate_sha256: str = ""
    root_sha256: str = ""
    notes: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()

    @property
    def intact(self) -> bool:
        return self.state == "sealed_intact"
