"""The states of requests, signatures and events in people's words; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .certificate import EVENT_WORDS
from .lifecycle import OPEN_FOR_SIGNING, RequestState, SignatureStatus

if TYPE_CHECKING:
    from .audit import AuditEvent
    from .shapes import Signature, WholeRequest


@dataclass(frozen=True, slots=True)
class StateWord:
    """A state as a chip shows it; ``kind`` is the chip's colour: ``active``, ``done``, ``danger`` or none."""

    word: str
    kind: str


REQUEST_WORDS = {
    RequestState.PREPARING: StateWord("Being prepared", ""),
    RequestState.ON_HOLD: StateWord("On hold", ""),
    RequestState.SENT: StateWord("Waiting for signatures", "active"),
    RequestState.PARTLY_SIGNED: StateWord("Partly signed", "active"),
    RequestState.COMPLETE: StateWord("Complete", "done"),
    RequestState.DECLINED: StateWord("Declined", "danger"),
    RequestState.CANCELLED: StateWord("Cancelled", ""),
    RequestState.EXPIRED: StateWord("Expired", ""),
    RequestState.FAILED: StateWord("Not sent", "danger"),
}
SIGNATURE_WORDS = {
    SignatureStatus.AWAITING: StateWord("Asked to sign", "active"),
    SignatureStatus.ON_HOLD: StateWord("On hold", ""),
    SignatureStatus.SIGNED: StateWord("Signed", "done"),
    SignatureStatus.DECLINED: StateWord("Declined", "danger"),
    SignatureStatus.EXPIRED: StateWord("Expired", ""),
    SignatureStatus.ERROR_COMPONENT_POSITION: StateWord("Not asked", ""),
    SignatureStatus.ERROR_FILE: StateWord("Not asked", ""),
    SignatureStatus.ERROR_TEXT_TAG: StateWord("Not asked", ""),
    SignatureStatus.ERROR_UNKNOWN: StateWord("Not asked", ""),
}
MORE_EVENTS = {
    "declined": "Declined",
    "cancelled": "Cancelled",
    "cancel_confirmed": "Everybody told of the cancellation",
    "expired": "Expired",
    "failed": "Could not be sent",
    "sealed": "Final file sealed",
    "files_deleted": "Files deleted; the evidence is kept",
    "removed": "Removed from an account",
}


def request_word(whole: WholeRequest) -> StateWord:
    """How the request stands."""
    return REQUEST_WORDS[whole.request.state]


def signature_word(whole: WholeRequest, signature: Signature) -> StateWord:
    """How one signature stands; not yet asked is different from asked."""
    if signature.status is SignatureStatus.AWAITING:
        if whole.request.state not in OPEN_FOR_SIGNING:
            return StateWord("Not asked", "")
        if signature.bounced_at is not None:
            return StateWord("Mail refused", "danger")
        if signature.invited_at is None:
            return StateWord("Waits for others", "")
        if signature.last_viewed_at is not None:
            return StateWord("Viewed", "active")
    return SIGNATURE_WORDS[signature.status]


def event_words(whole: WholeRequest, event: AuditEvent) -> str:
    """What happened, and to whom."""
    names = {one.signature_id: one.name for one in whole.signatures}
    words = EVENT_WORDS.get(event.kind) or MORE_EVENTS.get(event.kind, event.kind)
    name = names.get(str(event.facts.get("signature", "")))
    by = event.facts.get("by") if event.kind in ("downloaded", "cancelled", "removed") else None
    return f"{words}: {name}" if name else f"{words} by {by}" if by else words
