"""Accounts as operators look for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from .addresses import find_key
from .models import accounts

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx

PAGE_SIZE = 50
LONGEST_SEARCH = 320


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account in a list."""

    pk: int
    account_id: str
    email_address: str
    name: str
    created_at: int
    is_confirmed: bool
    is_operator: bool
    suspended_at: int | None


def accounts_page(tx: ReadTx, words: str = "", *, page: int = 1) -> tuple[list[AccountLine], bool]:
    """Return a page of the accounts, newest first, and whether there is more.

    ``words``: a whole id, a whole address (spelled any way), or the beginning of one.
    """
    t, words = accounts.c, words.strip()[:LONGEST_SEARCH]
    newest = select(accounts).order_by(t.id.desc()).limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)
    if not words:
        rows = tx.all(newest)
    else:
        # what is whole has an index
        whole = or_(t.account_id == words.lower(), t.email_key == (find_key(words) or ""))
        rows = tx.all(newest.where(whole))
        rows = rows or tx.all(newest.where(t.email_key.startswith(words.casefold(), autoescape=True)))
    lines = [
        AccountLine(
            pk=row.id,
            account_id=row.account_id,
            email_address=row.email_address,
            name=row.name,
            created_at=row.created_at,
            is_confirmed=row.confirmed_at is not None,
            is_operator=row.operator_since is not None,
            suspended_at=row.suspended_at,
        )
        for row in rows[:PAGE_SIZE]
    ]
    return lines, len(rows) > PAGE_SIZE


def count_suspended(tx: ReadTx) -> int:
    """Return how many accounts are suspended now."""
    return int(tx.scalar(select(func.count()).select_from(accounts).where(accounts.c.suspended_at.is_not(None))) or 0)
