"""Blocks counted anew: how many requests each shows, and how many of them hold a word (decisions/0081).

A full block's words are counted when the next block begins, and again when one of its requests was hidden or has got
other words. Until then its counts are known to be old, and the search looks at its requests one by one.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, literal, select, update

from .blocks import BLOCK_KEY, WHOLE_BLOCK, is_block, is_shown, sent_in
from .listing_models import WORD_CHARACTERS
from .listing_models import request_blocks as blocks
from .listing_models import request_blocks_end as blocks_end
from .listing_models import request_word_counts as word_counts
from .models import request_words, signature_requests
from .terms import TEXT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Row

    from paraph.kit.db import ReadTx, WriteTx

CHECKED_AT_ONCE = 5
"""Blocks a transaction: the words of one take some ten milliseconds."""
CHECKED_AGAIN_SECONDS = 86_400
FEW = 20
"""Requests of a block: where fewer hold a word, they are looked at one by one, so that no rare word is kept twice."""


def check_some(tx: WriteTx, now: int) -> int:
    """Count the next blocks anew: those marked for it, and all once a day, for a process of an older version does not
    mark what it changes. Return how many."""
    tx.execute(select(blocks_end.c.last_pk).with_for_update())  # not while ``fold`` adds to them
    due = select(blocks).where(blocks.c.checked_at < now - CHECKED_AGAIN_SECONDS)
    rows = tx.all(due.order_by(blocks.c.checked_at).limit(CHECKED_AT_ONCE))
    for row in rows:
        _check(tx, row, now)
    return len(rows)


def key_of(field: str | None, word: str) -> str:
    """How the requests that hold a word are counted: in this field, or in any."""
    return f"{field or ''}:{word}"


def _check(tx: WriteTx, block: Row[Any], now: int) -> None:
    key = tuple(getattr(block, name) for name in BLOCK_KEY)
    following = _following(tx, block)
    within = _within(tx, block, following)
    # who hides a request or changes its words has locked it: what they did is seen, what they will do marks anew
    tx.all(select(signature_requests.c.id).where(within).with_for_update(key_share=True))
    shown = select(func.count()).select_from(signature_requests).where(within, is_shown())
    tx.execute(update(blocks).where(is_block(blocks, key)).values(checked_at=now, shown=shown.scalar_subquery()))
    if following is None:  # it grows: few enough to be looked at one by one
        return
    counts = _words_within(tx, within)
    tx.execute(delete(word_counts).where(is_block(word_counts, key)))
    own = dict(zip(BLOCK_KEY, key, strict=True))
    tx.execute(word_counts.insert(), [own | {"word": word, "found": found} for word, found in counts.items()])


def _words_within(tx: ReadTx, within: ColumnElement[bool]) -> dict[str, int]:
    columns = [request_words.c[name] for name in TEXT_COLUMNS]
    same = request_words.c.request_pk == signature_requests.c.id
    rows = tx.all(select(*columns).join(signature_requests, same).where(within, is_shown()))
    counts = Counter(key for row in rows for key in set(_keys_of(row)))
    return {WHOLE_BLOCK: len(rows)} | {key: found for key, found in counts.items() if found >= FEW}


def _keys_of(row: Row[Any]) -> Iterator[str]:
    for field, words in zip(TEXT_COLUMNS, row, strict=True):
        for word in words.split():
            if len(word) <= WORD_CHARACTERS:
                yield key_of(field, word)
                yield key_of(None, word)


def _following(tx: ReadTx, block: Row[Any]) -> int | None:
    """The first request of the next block of the same list."""
    mine = and_(blocks.c.account_pk == block.account_pk, blocks.c.app_pk == block.app_pk)
    first: int | None = tx.scalar(select(func.min(blocks.c.first_pk)).where(mine, blocks.c.first_pk > block.first_pk))
    return first


def _within(tx: ReadTx, block: Row[Any], following: int | None) -> ColumnElement[bool]:
    """The condition for the requests of a block."""
    end = tx.scalar(select(blocks_end.c.last_pk)) or 0
    last = literal(end if following is None else following - 1)
    columns = signature_requests.c
    return and_(sent_in(block.account_pk, block.app_pk), columns.id >= block.first_pk, columns.id <= last)
