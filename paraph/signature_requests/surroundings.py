"""Work on documents that fails because of what this server stands on, told apart from the fault of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.documents import LevelNotReached, SealWatch
from paraph.kit.queue import WaitsFor

if TYPE_CHECKING:
    from paraph.documents import DocumentFailure
    from paraph.kit import Kit

NO_CHILDREN = frozenset({"worker_stopped"})
"""No child process could be started, or all of them were ended: memory, limits of the machine, a shutdown."""


def unless_of_the_machine(failure: DocumentFailure) -> Exception:
    """Return what to raise: WaitsFor when no document can be opened at all now, else the failure itself."""
    return WaitsFor("documents", str(failure)) if failure.reason in NO_CHILDREN else failure


async def unless_of_the_seal(failure: DocumentFailure, kit: Kit) -> Exception:
    """The same for a seal: WaitsFor when nothing can be sealed now, or not at the level that is required."""
    if isinstance(failure, LevelNotReached):
        return WaitsFor("timestamps", failure.detail)
    if failure.reason in NO_CHILDREN:
        return unless_of_the_machine(failure)
    problem = await kit.service(SealWatch).look_again()
    return WaitsFor("seal", problem) if problem else failure
