"""A failure that is its own cause, or comes back to itself, is looked at once: a loop here would stop the server."""

from __future__ import annotations

from paraph.kit.outages import Outage, outage_kind


def test_a_failure_that_is_its_own_cause_ends() -> None:
    failure = ValueError("a child died")
    failure.__cause__ = failure
    assert outage_kind(failure) is None


def test_a_ring_of_causes_ends_and_what_is_in_it_is_found() -> None:
    one, other = ValueError("one"), KeyError("other")
    one.__cause__, other.__cause__ = other, one
    assert outage_kind(one) is None
    outage = Outage("storage", "the disk is full")
    other.__cause__ = outage
    assert outage_kind(one) == "storage"
