"""Which requests hold a word: the index behind the search (decisions/0081).

It only says where to look: whether a request is found, its own words decide. So what stands here too long does no
harm, and what is not here yet is looked at one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, union_all, update

from paraph.kit.db import insert_all_or_ignore

from .listing_models import WORD_CHARACTERS, request_terms
from .models import request_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row, Select, SelectBase

    from paraph.kit.db import WriteTx

INDEXED_AT_ONCE = 200
AFTER_ALL = "\U0010ffff"
TEXT_COLUMNS = ("to", "from", "title", "subject", "message", "metadata", "filename")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Where all stand that can be meant; the longer the word, the fewer, as a rule."""

    selects: tuple[Select[Any], ...]
    word_length: int


def index_some(tx: WriteTx, now: int) -> int:
    """Put the words of the next requests into the index; return how many requests."""
    waiting = select(request_words).where(request_words.c.indexed_at.is_(None)).limit(INDEXED_AT_ONCE)
    rows = tx.all(waiting.with_for_update(skip_locked=True))
    if not rows:
        return 0
    found = [
        {"account_pk": row.account_pk, "word": word, "request_pk": row.request_pk}
        for row in rows
        for word in _words_of(row)
    ]
    insert_all_or_ignore(tx, request_terms, found)
    done = request_words.c.request_pk.in_([row.request_pk for row in rows])
    tx.execute(update(request_words).where(done).values(indexed_at=now))
    return len(rows)


def with_words(account_pk: int, words: Sequence[str], *, is_prefix: bool) -> Candidates:
    """Requests of this account that may hold these words in a row; of the last one only its beginning if so."""
    whole = list(words[:-1] if is_prefix else words)
    longest = max(whole, key=len, default="")
    if not longest:  # a beginning alone; it finds more than a word of its length
        return Candidates((_holding(account_pk, words[-1], is_prefix=True),), len(words[-1]) // 2)
    return Candidates((_holding(account_pk, longest, is_prefix=False),), len(longest))


def any_of(parts: Sequence[Candidates]) -> Candidates:
    """What is in one of them at least."""
    selects = tuple(one for part in parts for one in part.selects)
    return Candidates(selects, min(part.word_length for part in parts))


def keys_of(candidates: Candidates, account_pk: int) -> SelectBase:
    """Their keys, with those of requests that are not in the index yet."""
    words = request_words.c
    waiting = select(words.request_pk).where(words.account_pk == account_pk, words.indexed_at.is_(None))
    return union_all(*candidates.selects, waiting)


def _holding(account_pk: int, word: str, *, is_prefix: bool) -> Select[Any]:
    terms, cut = request_terms.c, word[:WORD_CHARACTERS]
    within = (terms.word >= cut) & (terms.word <= cut + AFTER_ALL) if is_prefix else terms.word == cut
    return select(terms.request_pk).where(terms.account_pk == account_pk, within)


def _words_of(row: Row[Any]) -> set[str]:
    held = row._mapping
    return {word[:WORD_CHARACTERS] for name in TEXT_COLUMNS for word in held[name].split()}
