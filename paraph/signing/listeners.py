"""What this room does when lower rooms tell it something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.signature_requests import FilesDeleted

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts

FORGET_JOB = "signing.forget_pages"


def listen(facts: Facts) -> None:
    """Subscribe this room."""
    facts.subscribe(FilesDeleted, _forget_pages)


def _forget_pages(tx: WriteTx, fact: FilesDeleted, kit: Kit) -> None:
    """Pictures of pages that are kept for the next look go with the files."""
    kit.queue.enqueue(tx, FORGET_JOB, sha256=list(fact.sha256))
