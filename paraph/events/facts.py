"""What this room tells the rooms above it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallbackSwitchedOff:
    """A callback took none of so many events in a row, and gets none until its owner switches it on again."""

    account_pk: int | None
    app_pk: int | None
    url: str
    failed_events: int


@dataclass(frozen=True, slots=True)
class DeliveryGivenUp:
    """A callback did not take an event at any of the seven tries; published at most once a day for a callback."""

    account_pk: int | None
    app_pk: int | None
    url: str
    event_type: str
