"""The states of a request and of its signatures, and the only moves between them (T7, T8).

Pure: a ``Lifecycle`` is a value; each move returns the next value or raises IllegalMove. Verbs load it, move it and
store the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class RequestState(StrEnum):
    """Where a request is; the last five are final."""

    PREPARING = "preparing"
    ON_HOLD = "on_hold"
    SENT = "sent"
    PARTLY_SIGNED = "partly_signed"
    COMPLETE = "complete"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"


class SignatureStatus(StrEnum):
    """The vendor's ``status_code`` values that this release reaches (behaviour sheet, F.1)."""

    AWAITING = "awaiting_signature"
    ON_HOLD = "on_hold"
    SIGNED = "signed"
    DECLINED = "declined"
    EXPIRED = "expired"
    ERROR_COMPONENT_POSITION = "error_component_position"
    ERROR_FILE = "error_file"
    ERROR_TEXT_TAG = "error_text_tag"
    ERROR_UNKNOWN = "error_unknown"


OPEN_FOR_SIGNING = frozenset({RequestState.SENT, RequestState.PARTLY_SIGNED})
NOT_SENT_YET = frozenset({RequestState.PREPARING, RequestState.ON_HOLD})
UNFINISHED = NOT_SENT_YET | OPEN_FOR_SIGNING
FULLY_EXECUTED = frozenset({RequestState.COMPLETE, RequestState.DECLINED})


class IllegalMove(Exception):
    """The move is not possible in this state; ``reason`` is a code for the verb to put into words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Signer:
    """One signature: whose turn it is counted by (equal turns sign in any order), and its status."""

    turn: int
    status: SignatureStatus


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A request and its signatures, in the order of the request."""

    state: RequestState
    signers: tuple[Signer, ...]

    @property
    def current_turn(self) -> int | None:
        """The lowest turn that still has somebody to sign; None when nobody is left."""
        waiting = [signer.turn for signer in self.signers if signer.status is SignatureStatus.AWAITING]
        return min(waiting, default=None)

    def is_turn_of(self, index: int) -> bool:
        """True while this signer may act: the request is open, and nobody before them is left."""
        signer = self.signers[index]
        is_open = self.state in OPEN_FOR_SIGNING and signer.status is SignatureStatus.AWAITING
        return is_open and signer.turn == self.current_turn

    def refusal(self, index: int) -> str | None:
        """Why this signer may not act now, as a code; None when they may."""
        if self.state in NOT_SENT_YET or self.state is RequestState.FAILED:
            return "not_sent"
        own = self.signers[index].status
        if own is SignatureStatus.SIGNED:
            return "signed"
        if own is SignatureStatus.DECLINED:
            return "declined_by_you"
        if self.state not in OPEN_FOR_SIGNING:
            return self.state.value
        return None if self.is_turn_of(index) else "not_your_turn"

    def prepared(self, *, hold: bool) -> Lifecycle:
        """The files are ready: send, or hold until the sender is confirmed."""
        self._require(RequestState.PREPARING)
        return self._held() if hold else self._sent()

    def failed(self, status: SignatureStatus = SignatureStatus.ERROR_FILE) -> Lifecycle:
        """The files cannot be used."""
        self._require(RequestState.PREPARING)
        return Lifecycle(RequestState.FAILED, self._all(status))

    def released(self) -> Lifecycle:
        """The reason for holding the request is gone."""
        self._require(RequestState.ON_HOLD)
        return self._sent()

    def signed(self, index: int) -> Lifecycle:
        """This signer signed."""
        self._require_turn(index)
        signers = self._with(index, SignatureStatus.SIGNED)
        done = all(signer.status is SignatureStatus.SIGNED for signer in signers)
        return Lifecycle(RequestState.COMPLETE if done else RequestState.PARTLY_SIGNED, signers)

    def declined(self, index: int) -> Lifecycle:
        """This signer declined: nobody else can sign any more."""
        self._require_turn(index)
        return Lifecycle(RequestState.DECLINED, self._with(index, SignatureStatus.DECLINED))

    def reassigned(self, index: int) -> Lifecycle:
        """This signer named somebody else: it is that person's turn now, and nothing else changes."""
        self._require_turn(index)
        return self

    def cancelled(self) -> Lifecycle:
        """The sender withdrew the request."""
        self._require(*UNFINISHED)
        return replace(self, state=RequestState.CANCELLED)

    def expired(self) -> Lifecycle:
        """Time ran out; what was signed stays signed."""
        self._require(RequestState.ON_HOLD, *OPEN_FOR_SIGNING)
        waiting = (SignatureStatus.AWAITING, SignatureStatus.ON_HOLD)
        signers = tuple(
            replace(signer, status=SignatureStatus.EXPIRED) if signer.status in waiting else signer
            for signer in self.signers
        )
        return Lifecycle(RequestState.EXPIRED, signers)

    def _sent(self) -> Lifecycle:
        return Lifecycle(RequestState.SENT, self._all(SignatureStatus.AWAITING))

    def _held(self) -> Lifecycle:
        return Lifecycle(RequestState.ON_HOLD, self._all(SignatureStatus.ON_HOLD))

    def _all(self, status: SignatureStatus) -> tuple[Signer, ...]:
        return tuple(replace(signer, status=status) for signer in self.signers)

    def _with(self, index: int, status: SignatureStatus) -> tuple[Signer, ...]:
        return tuple(
            replace(signer, status=status) if place == index else signer for place, signer in enumerate(self.signers)
        )

    def _require(self, *states: RequestState) -> None:
        if self.state not in states:
            raise IllegalMove(self.state.value)

    def _require_turn(self, index: int) -> None:
        refusal = self.refusal(index)
        if refusal is not None:
            raise IllegalMove(refusal)


def begin(turns: Sequence[int], *, hold: bool) -> Lifecycle:
    """A request as it is accepted: its files still to be prepared."""
    status = SignatureStatus.ON_HOLD if hold else SignatureStatus.AWAITING
    return Lifecycle(RequestState.PREPARING, tuple(Signer(turn, status) for turn in turns))


def normalised_turns(orders: Sequence[int | None]) -> tuple[list[int], bool]:
    """Turns from 0 without gaps, and whether an order was asked for at all.

    Callers number from 0, from 1 or with gaps; equal numbers act together; who has none comes last.
    """
    given = sorted({order for order in orders if order is not None})
    turns = {order: turn for turn, order in enumerate(given)}
    return [len(given) if order is None else turns[order] for order in orders], bool(given)
