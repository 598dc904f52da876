"""The search for one word: counted by the blocks that know how many of theirs hold it (decisions/0081).

Where a block does not know, because few of its requests hold the word or some have changed a moment ago, and among
the young requests that are in no block, the index of words leads to those that may hold it. So a rare word costs what
it finds, and a word that every request holds costs a row for each block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, and_, case, cast, func, literal, null, select, union, union_all

from .blocks import LAST, WHOLE_BLOCK, Stretch, is_shown, sent_in
from .check_blocks import key_of
from .listing_models import request_blocks as blocks
from .listing_models import request_blocks_end as blocks_end
from .listing_models import request_terms as terms
from .listing_models import request_word_counts as word_counts
from .models import request_words, signature_requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import CTE, ColumnElement, Select

    from paraph.kit.db import ReadTx


@dataclass(frozen=True, slots=True)
class WordSearch:
    """Whose list is searched, for which word in which field (or any), and what that means on the requests."""

    account_pk: int
    app_pk: int
    field: str | None
    word: str
    condition: ColumnElement[bool]

    @property
    def mine(self) -> ColumnElement[bool]:
        return and_(sent_in(self.account_pk, self.app_pk), is_shown(), self.condition)


def word_stretches(tx: ReadTx, search: WordSearch) -> tuple[list[Stretch], list[int]]:
    """How many each stretch of the list holds, newest first, by the counts; and, ascending, the keys of those found
    in the stretches that do not know (they say 0). One statement: on PostgreSQL only that sees one moment."""
    known = _known(search)
    gaps = _gaps(search, known)
    counted = select(known.c.first_pk, known.c.last_pk, known.c.found).where(known.c.found.is_not(None))
    unknown = select(gaps.c.first_pk, gaps.c.last_pk, literal(0))
    one_by_one = select(signature_requests.c.id, literal(0), literal(-1)).where(_looked_up(search, gaps))
    rows: list[tuple[int, int, int]] = [tuple(row) for row in tx.all(union_all(counted, unknown, one_by_one))]
    stretches = [Stretch(first, last, found) for first, last, found in rows if found >= 0]
    keys = [key for key, _, found in rows if found < 0]
    return sorted(stretches, key=lambda one: one.first, reverse=True), sorted(keys)


def found_within(
    tx: ReadTx, search: WordSearch, stretches: Sequence[Stretch], others: Sequence[int], wanted: int
) -> list[int]:
    """The newest ``wanted`` keys of these stretches and the others, newest first."""
    found: list[int] = []
    rest = sorted(others)
    for stretch in stretches:
        within = _keys_in(tx, search, stretch) if stretch.shown else []
        while rest and rest[-1] >= stretch.first:
            within.append(rest.pop())
        found += sorted(set(within), reverse=True)
        if len(found) >= wanted:
            break
    return found[:wanted]


def _keys_in(tx: ReadTx, search: WordSearch, stretch: Stretch) -> list[int]:
    key = signature_requests.c.id
    mine = select(key).where(search.mine, key >= stretch.first, key <= stretch.last)
    return [row.id for row in tx.all(mine.order_by(key.desc()))]


def _known(search: WordSearch) -> CTE:
    """The stretches of the list with what the blocks know, and none for what they do not."""
    end = select(func.coalesce(func.max(blocks_end.c.last_pk), 0)).scalar_subquery()
    whole, of_word = word_counts.alias("whole"), word_counts.alias("of_word")
    word = key_of(search.field, search.word)
    same = [
        and_(
            *(counts.c[name] == blocks.c[name] for name in ("account_pk", "app_pk", "first_pk")),
            counts.c.word == text,
        )
        for counts, text in ((whole, WHOLE_BLOCK), (of_word, word))
    ]
    is_current = whole.c.found == blocks.c.shown
    counted = (
        select(blocks.c.first_pk, case((is_current, of_word.c.found)).label("found"))
        .select_from(blocks.outerjoin(whole, same[0]).outerjoin(of_word, same[1]))
        .where(blocks.c.account_pk == search.account_pk, blocks.c.app_pk == search.app_pk)
    )
    each = union_all(counted, select(end + 1, cast(null(), BigInteger))).subquery()
    following = func.lead(each.c.first_pk - 1, 1, LAST).over(order_by=each.c.first_pk)
    return select(each.c.first_pk, following.label("last_pk"), each.c.found).cte("known")


def _gaps(search: WordSearch, known: CTE) -> CTE:
    """Neighbours that know nothing as one stretch: a rare word is looked up once, not block by block.

    Account and word stand in each row so that the indexes are entered stretch by stretch, never for the whole word.
    """
    columns = known.c
    known_before = func.count(columns.found).over(order_by=columns.first_pk).label("known_before")
    each = select(columns.first_pk, columns.last_pk, columns.found, known_before).subquery()
    mine = (literal(search.account_pk, BigInteger).label("account_pk"), literal(search.word).label("word"))
    ends = (func.min(each.c.first_pk).label("first_pk"), func.max(each.c.last_pk).label("last_pk"))
    return select(*ends, *mine).where(each.c.found.is_(None)).group_by(each.c.known_before).cte("gaps")


def _looked_up(search: WordSearch, gaps: CTE) -> ColumnElement[bool]:
    """The condition for what is found where the counts do not tell."""

    def within(key: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
        yield key >= gaps.c.first_pk
        yield key <= gaps.c.last_pk

    words, columns = request_words.c, signature_requests.c
    same = and_(terms.c.account_pk == gaps.c.account_pk, terms.c.word == gaps.c.word)
    held: Select[tuple[int]] = select(terms.c.request_pk).where(same, *within(terms.c.request_pk))
    is_waiting = and_(words.account_pk == gaps.c.account_pk, words.indexed_at.is_(None))
    waiting: Select[tuple[int]] = select(words.request_pk).where(is_waiting, *within(words.request_pk))
    # a sum is in no index: the few that may hold it lead, and not all that the account has sent
    mine = columns.account_pk + 0 == search.account_pk
    if search.app_pk:
        mine = and_(mine, columns.app_pk + 0 == search.app_pk)
    return and_(columns.id.in_(union(held, waiting)), mine, is_shown(), search.condition)
