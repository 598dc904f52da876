"""Who has used up a limit of the API in the present window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from paraph.accounts import load_account
from paraph.kit.errors import NotFound
from paraph.kit.limits import limit_windows

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx
    from paraph.kit.settings import Settings

SHOWN = 20


@dataclass(frozen=True, slots=True)
class LimitHit:
    """``limit`` says which, ``who`` is an address of an account, ``most`` calls a minute are allowed."""

    limit: str
    who: str
    used: int
    most: int


def limits_hit(tx: ReadTx, now: int, settings: Settings) -> list[LimitHit]:
    """Return the accounts that may make no more calls of a class in this minute, at most twenty."""
    classes = {
        "account": ("all calls", settings.api_rate_limit),
        "costly": ("calls that make documents", settings.api_rate_limit_costly),
        "test": ("calls in test mode", settings.api_rate_limit_test),
    }
    t, found = limit_windows.c, []
    for prefix, (words, most) in classes.items():
        spent = (t.ends_at > now, t.key.startswith(f"{prefix}:"), t.used >= most)
        rows = tx.all(select(t.key, t.used).where(*spent).order_by(t.used.desc()).limit(SHOWN)) if most else []
        found += [LimitHit(words, _who(tx, row.key), row.used, most) for row in rows]
    return found[:SHOWN]


def _who(tx: ReadTx, key: str) -> str:
    number = key.partition(":")[2]
    try:
        return load_account(tx, int(number)).email_address
    except (ValueError, NotFound):
        return "an account that is gone"
