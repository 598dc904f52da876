"""A signer opened the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from . import audit
from .announce import announce
from .lifecycle import OPEN_FOR_SIGNING
from .models import signatures
from .queries import load_whole

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

    from .signer_view import SignerView

SAME_VISIT_SECONDS = 600
"""Reloading a page is the same look at the document; evidence and events are written once for it."""


def record_viewed(tx: WriteTx, view: SignerView, client: Client, kit: Kit) -> bool:
    """Record that this signer saw the pages; False when there is nothing new to record.

    Only for a signer whose turn it is, and only from a POST of the page's script: mail scanners open links (T14).
    The event ``signature_request_viewed`` is announced the first time.
    """
    now, own = kit.clock.now(), view.signature
    if view.standing != "your_turn" or view.request.state not in OPEN_FOR_SIGNING:
        return False
    if own.last_viewed_at is not None and now - own.last_viewed_at < SAME_VISIT_SECONDS:
        return False
    values = {"last_viewed_at": now, "first_viewed_at": own.first_viewed_at or now}
    tx.execute(update(signatures).where(signatures.c.id == own.id).values(values))
    facts = {"signature": own.signature_id, "files": [document.pdf_sha256 for document in view.documents]}
    audit.record(tx, view.request.id, "viewed", facts, kit=kit, client=client)
    if own.first_viewed_at is None:
        whole = load_whole(tx, view.request.id)
        announce(tx, whole, "signature_request_viewed", related=whole.signatures[own.position], kit=kit)
    return True
