"""A person opened the document: the first fact that signing leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.signature_requests import lock_for_signer, record_viewed, refusal_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx


def open_document(tx: WriteTx, token: str, client: Client, *, kit: Kit) -> None:
    """Record that the pages were shown; raises when it is not this signer's turn.

    The caller has made sure that the files are those that were sent (``check_documents``).
    """
    view = lock_for_signer(tx, token, kit)
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    record_viewed(tx, view, client, kit)
