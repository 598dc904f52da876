"""How many requests stand where in an account's list, so that no page has to be counted up to (decisions/0081).

Requests some minutes old are put into blocks, each with the number of those it shows, in the list of their account
and in that of the app they were sent with. Who hides a request takes it off its block in the same transaction.
Whoever changes what a block counts holds the lock on the request's row: ``fold`` takes these locks before it counts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, literal, literal_column, not_, select, union_all, update

from paraph.kit.db import insert_or_ignore, oldest_write_seconds

from .listing_models import request_blocks as blocks
from .listing_models import request_blocks_end as blocks_end
from .models import request_removals, signature_requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Row

    from paraph.kit.db import ReadTx, WriteTx

    from .shapes import SignatureRequest

BLOCK = 1000
"""Requests in a full block: what a page costs at most to find within it; a list has as many rows as it has blocks."""
FOLDED_AT_ONCE = 2000
SETTLED_SECONDS = 900
"""Keys are given out before their transactions commit: what is younger may still come between."""
LAST = 2**62
CHECKED_AT_ONCE = 50
EVERY_APP = 0


@dataclass(frozen=True, slots=True)
class Stretch:
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
    end = select(func.coalesce(func.max(blocks_end.c.last_pk), 0)).scalar_subquery()
    mine = and_(blocks.c.account_pk == account_pk, blocks.c.app_pk == app_pk)
    young = and_(sent_in(account_pk, app_pk), is_shown(), signature_requests.c.id > end)
    rest = select(func.count()).select_from(signature_requests).where(young).scalar_subquery()
    rows = tx.all(
        union_all(
            select(blocks.c.first_pk, blocks.c.shown).where(mine),
            select(end + 1, rest),
        )
    )
    found: list[Stretch] = []
    last = LAST
    for first, shown in sorted((tuple(map(int, row)) for row in rows), reverse=True):
        found.append(Stretch(first, last, shown))
        last = first - 1
    return found


def hide(tx: WriteTx, request: SignatureRequest) -> None:
    """Take a request that its sender does not see any more off its blocks; its row must be locked."""
    lists = (EVERY_APP,) if request.app_pk is None else (EVERY_APP, request.app_pk)
    end = tx.scalar(select(blocks_end.c.last_pk)) or 0
    if request.id > end:
        return
    for app_pk in lists:
        mine = and_(blocks.c.account_pk == request.account_pk, blocks.c.app_pk == app_pk)
        first = select(func.max(blocks.c.first_pk)).where(mine, blocks.c.first_pk <= request.id).scalar_subquery()
        tx.execute(update(blocks).where(mine, blocks.c.first_pk == first).values(shown=blocks.c.shown - 1))


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


def check_some(tx: WriteTx, now: int) -> int:
    """Count the blocks anew that were not looked at for longest; return how many were wrong.

    None is, but for those that a process of an older version hid something from while this one took over.
    """
    oldest = select(blocks).order_by(blocks.c.checked_at).limit(CHECKED_AT_ONCE)
    return sum(_check(tx, row, now) for row in tx.all(oldest))


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
            own = and_(blocks.c.account_pk == account_pk, blocks.c.app_pk == app_pk, blocks.c.first_pk == first)
            tx.execute(update(blocks).where(own).values(shown=blocks.c.shown + len(keys[:room])))
        key = {"account_pk": account_pk, "app_pk": app_pk, "checked_at": now}
        new += [key | {"first_pk": part[0], "shown": len(part)} for part in _parts(keys[room:])]
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


def _check(tx: WriteTx, block: Row[Any], now: int) -> bool:
    own = and_(*(blocks.c[name] == getattr(block, name) for name in ("account_pk", "app_pk", "first_pk")))
    true = _counted(tx, block)
    if true != block.shown:
        # somebody may have hidden one between the two looks: hold the rows, and look again
        tx.all(select(signature_requests.c.id).where(_within(tx, block)).with_for_update(key_share=True))
        block = tx.execute(select(blocks).where(own)).one()
        true = _counted(tx, block)
    tx.execute(update(blocks).where(own).values(checked_at=now, shown=true))
    return bool(true != block.shown)


def _counted(tx: ReadTx, block: Row[Any]) -> int:
    shown = select(func.count()).select_from(signature_requests).where(_within(tx, block), is_shown())
    return int(tx.scalar(shown) or 0)


def _within(tx: ReadTx, block: Row[Any]) -> ColumnElement[bool]:
    """The condition for the requests of a block."""
    mine = and_(blocks.c.account_pk == block.account_pk, blocks.c.app_pk == block.app_pk)
    following = tx.scalar(select(func.min(blocks.c.first_pk)).where(mine, blocks.c.first_pk > block.first_pk))
    end = tx.scalar(select(blocks_end.c.last_pk)) or 0
    last = literal(end if following is None else following - 1)
    columns = signature_requests.c
    return and_(sent_in(block.account_pk, block.app_pk), columns.id >= block.first_pk, columns.id <= last)
