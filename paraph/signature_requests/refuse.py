"""A request that cannot be prepared: the sender is told why, and nobody else hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from . import audit
from .announce import announce
from .letters import mail_failed
from .lifecycle import RequestState, SignatureStatus
from .models import signatures
from .moves import store_move
from .queries import load_whole, lock_whole

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

INVALID = "signature_request_invalid"
STATUSES = {
    "worker_failed": SignatureStatus.ERROR_UNKNOWN,
    "error_component_position": SignatureStatus.ERROR_COMPONENT_POSITION,
    "error_text_tag": SignatureStatus.ERROR_TEXT_TAG,
}
"""The status of the signatures by the code of the refusal; any other is the file's fault."""


class FileRefused(Exception):
    """A file of the request cannot be used; ``sentence`` tells the sender which, why and what to do."""

    def __init__(self, code: str, sentence: str, event_type: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.event_type = event_type


def record_failed(tx: WriteTx, request_pk: int, refused: FileRefused, kit: Kit) -> None:
    """Record that the request cannot be sent: state, event with the reason, mail to the sender; nobody else hears."""
    before = lock_whole(tx, request_pk)
    if before.request.state is not RequestState.PREPARING:
        return
    after = before.lifecycle.failed(STATUSES.get(refused.code, SignatureStatus.ERROR_FILE))
    values = {"error_code": refused.code, "error_message": refused.sentence, "closed_at": kit.clock.now()}
    store_move(tx, before, after, request=values)
    tx.execute(update(signatures).where(signatures.c.request_pk == request_pk).values(error=refused.sentence))
    whole = load_whole(tx, request_pk)
    audit.record(tx, request_pk, "failed", {"reason": refused.code}, kit=kit)
    announce(tx, whole, refused.event_type, message=refused.sentence, kit=kit)
    mail_failed(tx, whole, kit=kit)
