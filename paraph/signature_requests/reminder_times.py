"""When a signer is reminded without anybody asking for it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .links import DAY_SECONDS

if TYPE_CHECKING:
    from paraph.kit.settings import Settings


@dataclass(frozen=True, slots=True, order=True)
class ReminderTime:
    """A moment to remind somebody at; ``before_expiry``: because time runs out, not because time went by."""

    at: int
    before_expiry: bool


def reminder_times(invited_at: int, expires_at: int | None, settings: Settings) -> list[ReminderTime]:
    """All of them, in order, for somebody who was asked at ``invited_at``; none before that or after the end."""
    after = [ReminderTime(invited_at + days * DAY_SECONDS, False) for days in settings.reminds_after]
    if expires_at is None:
        return after
    before = [ReminderTime(expires_at - days * DAY_SECONDS, True) for days in settings.reminds_before_expiry]
    return sorted(time for time in (*after, *before) if invited_at < time.at < expires_at)


def next_reminder(invited_at: int, expires_at: int | None, now: int, settings: Settings) -> int | None:
    """The first of them after ``now``; None when there is none."""
    return next((time.at for time in reminder_times(invited_at, expires_at, settings) if time.at > now), None)


def reminder_due(invited_at: int, expires_at: int | None, now: int, settings: Settings) -> ReminderTime | None:
    """The last of them up to ``now``: a server that was off does not make up for every one that it missed."""
    past = [time for time in reminder_times(invited_at, expires_at, settings) if time.at <= now]
    return past[-1] if past else None
