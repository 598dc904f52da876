"""The state machine, pure: only legal moves, whatever is tried in whatever order (T7, T8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paraph.signature_requests.lifecycle import (
    IllegalMove,
    Lifecycle,
    RequestState,
    SignatureStatus,
    begin,
    normalised_turns,
)

LEGAL = {
    RequestState.PREPARING: {RequestState.SENT, RequestState.ON_HOLD, RequestState.FAILED, RequestState.CANCELLED},
    RequestState.ON_HOLD: {RequestState.SENT, RequestState.CANCELLED, RequestState.EXPIRED},
    RequestState.SENT: {
        RequestState.PARTLY_SIGNED,
        RequestState.COMPLETE,
        RequestState.DECLINED,
        RequestState.CANCELLED,
        RequestState.EXPIRED,
    },
    RequestState.PARTLY_SIGNED: {
        RequestState.PARTLY_SIGNED,
        RequestState.COMPLETE,
        RequestState.DECLINED,
        RequestState.CANCELLED,
        RequestState.EXPIRED,
    },
}
TURNS = st.lists(st.integers(0, 3), min_size=1, max_size=5)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["prepare", "hold", "fail", "release", "sign", "decline", "cancel", "expire", "reassign"]),
        st.integers(0, 4),
    ),
    max_size=30,
)


def make_move(lifecycle: Lifecycle, move: str, who: int) -> Lifecycle:
    index = who % len(lifecycle.signers)
    return {
        "prepare": lambda: lifecycle.prepared(hold=False),
        "hold": lambda: lifecycle.prepared(hold=True),
        "fail": lifecycle.failed,
        "release": lifecycle.released,
        "sign": lambda: lifecycle.signed(index),
        "decline": lambda: lifecycle.declined(index),
        "cancel": lifecycle.cancelled,
        "expire": lifecycle.expired,
        "reassign": lambda: lifecycle.reassigned(index),
    }[move]()


@given(TURNS, MOVES)
def test_random_moves_stay_legal(turns: list[int], moves: list[tuple[str, int]]) -> None:
    now = begin(turns, hold=False)
    for move, who in moves:
        try:
            after = make_move(now, move, who)
        except IllegalMove:
            continue
        if move == "reassign":
            # somebody else stands in the same place: only while it is their turn, and nothing moves by it
            assert after == now
            assert now.is_turn_of(who % len(turns))
            continue
        assert after.state in LEGAL.get(now.state, set()), f"{now.state} → {after.state} by {move}"
        check_consistent(after)
        check_order(now, after)
        now = after


def check_consistent(lifecycle: Lifecycle) -> None:
    statuses = [signer.status for signer in lifecycle.signers]
    everyone = all(status is SignatureStatus.SIGNED for status in statuses)
    assert (lifecycle.state is RequestState.COMPLETE) == everyone
    assert (lifecycle.state is RequestState.DECLINED) == (SignatureStatus.DECLINED in statuses)
    assert (lifecycle.state is RequestState.EXPIRED) == (SignatureStatus.EXPIRED in statuses)
    if lifecycle.state is RequestState.PARTLY_SIGNED:
        assert SignatureStatus.SIGNED in statuses
    if lifecycle.state is RequestState.SENT:
        assert SignatureStatus.SIGNED not in statuses


def check_order(before: Lifecycle, after: Lifecycle) -> None:
    for index, (old, new) in enumerate(zip(before.signers, after.signers, strict=True)):
        assert old.turn == new.turn
        if old.status is SignatureStatus.SIGNED:
            assert new.status is SignatureStatus.SIGNED, "a signature never goes away"
        elif new.status is SignatureStatus.SIGNED:
            assert before.is_turn_of(index)
            earlier = [one for one in before.signers if one.turn < old.turn]
            assert all(one.status is SignatureStatus.SIGNED for one in earlier)


@given(st.lists(st.one_of(st.none(), st.integers(0, 1_000_000)), min_size=1, max_size=12))
def test_turns_have_no_gaps_and_keep_the_order_asked_for(orders: list[int | None]) -> None:
    turns, is_ordered = normalised_turns(orders)
    assert set(turns) == set(range(max(turns) + 1))
    assert is_ordered == any(order is not None for order in orders)
    for one, turn in zip(orders, turns, strict=True):
        for other, other_turn in zip(orders, turns, strict=True):
            if one is not None and other is not None:
                assert (one < other) == (turn < other_turn)
            if one is None and other is not None:
                assert turn > other_turn


def test_the_second_signer_waits_for_the_first() -> None:
    sent = begin([0, 1], hold=False).prepared(hold=False)
    with pytest.raises(IllegalMove, match="not_your_turn"):
        sent.signed(1)
    partly = sent.signed(0)
    assert partly.state is RequestState.PARTLY_SIGNED
    assert partly.signed(1).state is RequestState.COMPLETE


def test_nobody_signs_twice() -> None:
    with pytest.raises(IllegalMove, match="signed"):
        begin([0, 0], hold=False).prepared(hold=False).signed(0).signed(0)


def test_what_was_signed_stays_signed_when_time_runs_out() -> None:
    expired = begin([0, 0], hold=False).prepared(hold=False).signed(0).expired()
    assert [signer.status for signer in expired.signers] == [SignatureStatus.SIGNED, SignatureStatus.EXPIRED]
