"""Is this file one that this server sealed, and is it as it was sealed? Slow (opens the file in a child)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from paraph.documents import DocumentFailure, DocumentWorkers, OwnSeals, Rejected, SealingIdentity, Verdict
from paraph.kit.errors import ParaphError

from .carried import Carried, carried_in
from .models import signature_requests

if TYPE_CHECKING:
    from pathlib import Path

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

BUSY = "This server could not open the file just now. Nothing is wrong with it; try again in a minute."
Outcome = Literal["sealed_unchanged", "changed", "sealed_by_another", "not_sealed", "unreadable"]
FOREIGN = "signer_not_trusted"
OF_ANOTHER = "certificate_of_another"
"""A reason of ours beside those of the verdict: the root is believed, but the certificate is not this server's."""
SAYS_CHANGED = frozenset(
    {
        "content_changed",
        "changed_after_sealing",
        "changes_forbidden_by_the_seal",
        "padding_changed",
        "signature_invalid",
        "signature_unreadable",
    }
)
"""Reasons that tell of a change, whoever sealed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one file.

    ``is_own``: the certificate of the seal is one of this server's, not just one that its roots vouch for.
    ``is_archived``: it is, byte for byte, a file that this server sealed and recorded; None when nobody looked.
    ``carried`` is to be believed only when ``outcome`` is ``sealed_unchanged``.
    """

    verdict: Verdict
    carried: Carried
    is_own: bool
    is_archived: bool | None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes of what is wrong, the verdict's first."""
        is_of_another = bool(self.verdict.root_sha256) and not (self.is_own or self.is_archived)
        return (*self.verdict.reasons, *([OF_ANOTHER] if is_of_another else []))

    @property
    def outcome(self) -> Outcome:
        verdict = self.verdict
        if self.is_archived:
            return "sealed_unchanged"
        if verdict.state == "unreadable":
            return "unreadable"
        if verdict.state == "not_signed" or "no_seal" in verdict.reasons:
            return "not_sealed"
        if SAYS_CHANGED & set(verdict.reasons):
            return "changed"
        if {FOREIGN, OF_ANOTHER} & set(self.reasons):
            return "sealed_by_another"
        if verdict.state == "not_intact":
            return "changed"
        return "sealed_unchanged" if self.carried.fault is None else "changed"

    @property
    def is_sealed_here(self) -> bool:
        """True when this server made the seal in the file, whatever was done to the file afterwards."""
        broken = {FOREIGN, "signature_invalid", "signature_unreadable"} & set(self.verdict.reasons)
        return bool(self.is_archived) or (self.is_own and not broken)

    @property
    def is_sound(self) -> bool:
        """Sealed by this server, unchanged, and with its evidence whole."""
        return self.outcome == "sealed_unchanged"


def finding_of(verdict: Verdict, own: OwnSeals, *, is_archived: bool | None = None) -> Finding:
    """Put together what a verdict, its certificate and the evidence in the file say."""
    return Finding(verdict, carried_in(verdict), own.made(verdict), is_archived)


async def verify_file(path: Path, sha256: str, kit: Kit) -> Finding:
    """Look into this server's records first, then at the seal itself; stores nothing.

    Raises ParaphError 503 when no child could be started.
    """
    archived = await kit.db.read(lambda tx: is_archived(tx, sha256))
    try:
        verdict = await kit.service(DocumentWorkers).verify(path, kit.service(SealingIdentity).roots)
    except Rejected as exhausted:
        size = (await asyncio.to_thread(path.stat)).st_size
        verdict = Verdict("unreadable", (f"unreadable:{exhausted}",), sha256, size)
    except DocumentFailure as failure:
        raise ParaphError(BUSY, name="unavailable", status=503, detail=str(failure)) from failure
    return finding_of(verdict, kit.service(OwnSeals), is_archived=archived)


def is_archived(tx: ReadTx, sha256: str) -> bool:
    """True when this server sealed a file with these very bytes, even if it has deleted its own copy since."""
    columns = signature_requests.c
    same = select(columns.id).where(columns.file_sha256 == sha256, columns.is_sealed.is_(True))
    return tx.scalar(same.limit(1)) is not None
