"""How many requests stand where in an account's list, so that no page has to be counted up to (decisions/0081).

Requests some minutes old are put into blocks, each with the number of those it shows, in the list of their account
and in that of the app they were sent with. Who hides a request takes it off its block in the same transaction.
Whoever changes what a block counts holds the lock on the request's row: ``fold`` takes these locks before it counts.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, func, literal_column, not_, select, union_all, update

from paraph.kit.db import Prepared, insert_or_ignore, oldest_write_seconds

from .listing_models import request_blocks as blocks
from .listing_models import request_blocks_end as blocks_end
from .listing_models import request_word_counts as word_counts
from .models import request_removals, signature_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Row, Table

    from paraph.kit.db import ReadTx, WriteTx

    from .shapes import SignatureRequest

BLOCK = 1000
"""Requests in a full block: what a page costs at most to find within it; a list has as many rows as it has blocks."""
FOLDED_AT_ONCE = 2000
SETTLED_SECONDS = 900
"""Keys are given out before their transactions commit: what is younger may still come between."""
LAST = 2**62
EVERY_APP = 0
BLOCK_KEY = ("account_pk", "app_pk", "first_pk")
WHOLE_BLOCK = ""
"""The word that stands for none: how many requests the block showed when its words were counted."""
CHECK_NEXT = 0
"""As ``checked_at``: before all others."""


class Stretch(NamedTuple):
    """Neighbours in a list: keys from ``first`` to ``last``, of which ``shown`` are in it."""

    first: int
    last: int
    shown: int


def is_shown() -> ColumnElement[bool]:
    """The condition for requests that their sender still sees; as text, so that partial indexes are found by it."""
    removed = select(request_removals.c.request_pk).where(
        request_removals.c.account_pk == signature_requests.c.account_pk,
        request_removals.c.request_pk == signature_requests.c.id,
    )
    return and_(not_cancelled(), not_(exists(removed)))


def not_cancelled() -> ColumnElement[bool]:
    """The condition of the partial indexes."""
    return signature_requests.c.state != literal_column("'cancelled'")


def sent_in(account_pk: int, app_pk: int) -> ColumnElement[bool]:
    """The condition for what this account sent, with this app unless it is EVERY_APP."""
    columns = signature_requests.c
    mine = columns.account_pk == account_pk
    return mine if app_pk == EVERY_APP else and_(mine, columns.app_pk == app_pk)


def stretches_of(tx: ReadTx, account_pk: int, app_pk: int) -> list[Stretch]:
    """The whole list, newest first. One statement: on PostgreSQL only that sees one moment."""
    rows = _LISTS[app_pk != EVERY_APP].all(tx, account_pk=account_pk, app_pk=app_pk)
    found: list[Stretch] = []
    last = LAST
    for first, shown in sorted(rows, reverse=True):
        found.append(Stretch(first, last, shown))
        last = first - 1
    return found


def _list(sent: ColumnElement[bool]) -> Prepared:
    """A thousand rows for a million requests: through the Core they would cost more than the page itself."""
    end = select(func.coalesce(func.max(blocks_end.c.last_pk), 0)).scalar_subquery()
    mine = and_(blocks.c.account_pk == bindparam("account_pk"), blocks.c.app_pk == bindparam("app_pk"))
    young = and_(sent, is_shown(), signature_requests.c.id > end)
    rest = select(func.count()).select_from(signature_requests).where(young).scalar_subquery()
    return Prepared(union_all(select(blocks.c.first_pk, blocks.c.shown).where(mine), select(end + 1, rest)))


_OF_ACCOUNT = signature_requests.c.account_pk == bindparam("account_pk")
_LISTS = (
    _list(_OF_ACCOUNT),
    _list(and_(_OF_ACCOUNT, signature_requests.c.app_pk == bindparam("app_pk"))),
)


def hide(tx: WriteTx, request: SignatureRequest) -> None:
    """Take a request that its sender does not see any more off its blocks; its row must be locked."""
    for block in _blocks_of(tx, request):
        # the words of what is left are counted anew; until then the search does not go by their counts
        tx.execute(update(blocks).where(block(blocks)).values(shown=blocks.c.shown - 1, checked_at=CHECK_NEXT))


def words_changed(tx: WriteTx, request: SignatureRequest) -> None:
    """Do not go by the words counted in the blocks of this request until they are counted anew; its row must be
    locked."""
    for block in _blocks_of(tx, request):
        tx.execute(update(blocks).where(block(blocks)).values(checked_at=CHECK_NEXT))
        tx.execute(delete(word_counts).where(block(word_counts), word_counts.c.word == WHOLE_BLOCK))


def _blocks_of(tx: WriteTx, request: SignatureRequest) -> Iterator[Callable[[Table], ColumnElement[bool]]]:
    """Conditions for the blocks that the request stands in."""
    end = tx.scalar(select(blocks_end.c.last_pk)) or 0
    if request.id > end:
        return
    for app_pk in (EVERY_APP,) if request.app_pk is None else (EVERY_APP, request.app_pk):
        key = (request.account_pk, app_pk)
        mine = (blocks.c.account_pk == key[0], blocks.c.app_pk == key[1], blocks.c.first_pk <= request.id)
        first_pk = tx.scalar(select(func.max(blocks.c.first_pk)).where(*mine))
        if first_pk is not None:
            yield partial(is_block, key=(*key, first_pk))


def is_block(table: Table, key: tuple[int, int, int]) -> ColumnElement[bool]:
    """The condition for rows of the block with this account, app and first request."""
    return and_(*(table.c[name] == value for name, value in zip(BLOCK_KEY, key, strict=True)))


def fold(tx: WriteTx, now: int) -> int:
    """Put the next settled requests into blocks; return how many were looked at."""
    insert_or_ignore(tx, blocks_end, {"id": 1, "last_pk": 0}, unique=("id",))
    end = tx.execute(select(blocks_end.c.last_pk).with_for_update()).scalar_one()
    rows = _settled(tx, end, now)
    if not rows:
        return 0
    lists: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in _shown_among(tx, rows):
        lists[row.account_pk, EVERY_APP].append(row.id)
        if row.app_pk is not None:
            lists[row.account_pk, row.app_pk].append(row.id)
    _add(tx, lists, now)
    tx.execute(update(blocks_end).values(last_pk=rows[-1].id))
    return len(rows)


def _settled(tx: WriteTx, end: int, now: int) -> Sequence[Row[Any]]:
    """The next requests that nothing can come between any more, locked."""
    settled = now - max(SETTLED_SECONDS, 2 * oldest_write_seconds(tx))
    columns = signature_requests.c
    young = select(func.min(columns.id)).where(columns.id > end, columns.created_at > settled)
    first_young = tx.scalar(_next_keys(young, end)) or LAST
    wanted = select(columns.id, columns.account_pk, columns.app_pk).where(columns.id > end, columns.id < first_young)
    return tx.all(wanted.order_by(columns.id).limit(FOLDED_AT_ONCE).with_for_update(key_share=True))


def _next_keys(statement: Any, end: int) -> Any:
    """Look no further than the batch may reach."""
    columns = signature_requests.c
    batch = select(columns.id).where(columns.id > end).order_by(columns.id).limit(FOLDED_AT_ONCE)
    return statement.where(columns.id.in_(batch))


def _shown_among(tx: WriteTx, rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    columns = signature_requests.c
    # asked once the rows are locked: what was hidden before is seen, what is hidden later finds its block
    batch = and_(columns.id >= rows[0].id, columns.id <= rows[-1].id, is_shown())
    return tx.all(select(columns.id, columns.account_pk, columns.app_pk).where(batch).order_by(columns.id))


def _add(tx: WriteTx, lists: dict[tuple[int, int], list[int]], now: int) -> None:
    accounts = sorted({account_pk for account_pk, _ in lists})
    new: list[dict[str, Any]] = []
    open_blocks = _open_blocks(tx, accounts)
    for (account_pk, app_pk), keys in lists.items():
        first, shown = open_blocks.get((account_pk, app_pk), (0, BLOCK))
        room = max(0, BLOCK - shown)
        if keys[:room]:
            own = is_block(blocks, (account_pk, app_pk, first))
            tx.execute(update(blocks).where(own).values(shown=blocks.c.shown + len(keys[:room])))
        parts = list(_parts(keys[room:]))
        if parts and first:  # a block is full once another follows: now its words can be counted
            tx.execute(
                update(blocks).where(is_block(blocks, (account_pk, app_pk, first))).values(checked_at=CHECK_NEXT)
            )
        for part in parts:
            checked_at = now if part is parts[-1] else CHECK_NEXT
            key = {"account_pk": account_pk, "app_pk": app_pk, "first_pk": part[0]}
            new.append(key | {"shown": len(part), "checked_at": checked_at})
    if new:
        tx.execute(blocks.insert(), new)


def _open_blocks(tx: ReadTx, accounts: Sequence[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """The newest block of each list of these accounts: its first key, and how many it shows."""
    newest = (
        select(blocks.c.account_pk, blocks.c.app_pk, func.max(blocks.c.first_pk).label("first_pk"))
        .where(blocks.c.account_pk.in_(accounts))
        .group_by(blocks.c.account_pk, blocks.c.app_pk)
        .subquery()
    )
    same = [blocks.c[name] == newest.c[name] for name in ("account_pk", "app_pk", "first_pk")]
    rows = tx.all(select(blocks).join(newest, and_(*same)))
    return {(row.account_pk, row.app_pk): (row.first_pk, row.shown) for row in rows}


def _parts(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + BLOCK] for start in range(0, len(keys), BLOCK))
