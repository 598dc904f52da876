"""Lists of requests: sent and received, newest first. Any page of a million costs about what page 1 does.

What an account sent may be endless, so it is counted in blocks; what it received is what one mailbox was asked to
sign, and is read as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, not_, select, union_all

from .blocks import EVERY_APP, LAST, Stretch, is_shown, not_cancelled, sent_in, stretches_of
from .find_word import WordSearch, found_within, word_stretches
from .models import request_removals, signature_requests
from .queries import received_by, visible_to, wholes_of
from .search import awaiting, searched, waiting_keys
from .shapes import request_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx
    from paraph.kit.wire import Page

    from .search import Searched
    from .shapes import WholeRequest

MOST_WAITING = 50
NO_APP = -1


def list_requests(tx: ReadTx, caller: Caller, page: Page, query: str | None = None) -> tuple[list[WholeRequest], int]:
    """One page of what the caller may see, and how many there are in all; cancelled ones are gone (410 by id)."""
    if query and query.strip():
        return _found(tx, caller, page, query)
    return _listed(tx, caller, _received(tx, caller), page)


def sent_by_me(tx: ReadTx, caller: Caller, page: Page) -> tuple[list[WholeRequest], int]:
    """One page of the requests that this account sent, and how many there are."""
    return _listed(tx, caller, [], page)


def waiting_for_me(tx: ReadTx, caller: Caller) -> list[WholeRequest]:
    """The newest requests that wait for this account's signature now."""
    mine = signature_requests.c.id.in_(waiting_keys(caller))
    waiting = select(signature_requests.c.id).where(mine, awaiting(caller), visible_to(caller), not_cancelled())
    rows = tx.all(waiting.order_by(signature_requests.c.id.desc()).limit(MOST_WAITING))
    return _load(tx, [row.id for row in rows])


def _listed(tx: ReadTx, caller: Caller, received: list[int], page: Page) -> tuple[list[WholeRequest], int]:
    stretches = stretches_of(tx, caller.account_pk, _app_of(caller))
    oldest = Stretch(0, stretches[-1].first - 1, 0)
    total = sum(stretch.shown for stretch in stretches) + len(received)
    last, skip = _place((*stretches, oldest), received, page.offset)
    if last == 0:
        return [], total
    wanted = skip + page.page_size
    keys = _sent(tx, caller, last, wanted)
    both = sorted((*keys, *_up_to(received, last)[-wanted:]), reverse=True)
    return _load(tx, both[skip:wanted]), total


def _place(stretches: Sequence[Stretch], received: list[int], skip: int) -> tuple[int, int]:
    """The highest key of the stretch in which the page begins, and how many of the list to pass over from there;
    0 for a page past the end."""
    for stretch in stretches:
        within = len(_up_to(received, stretch.last)) - len(_up_to(received, stretch.first - 1))
        if skip < stretch.shown + within:
            return stretch.last, skip
        skip -= stretch.shown + within
    return 0, 0


def _up_to(received: list[int], key: int) -> list[int]:
    return received[: bisect_left(received, key + 1)] if key < LAST else received


def _sent(tx: ReadTx, caller: Caller, last: int, limit: int) -> list[int]:
    columns = signature_requests.c
    mine = select(columns.id).where(sent_in(caller.account_pk, _app_of(caller)), is_shown(), columns.id <= last)
    return [row.id for row in tx.all(mine.order_by(columns.id.desc()).limit(limit))]


def _received(tx: ReadTx, caller: Caller, *conditions: ColumnElement[bool]) -> list[int]:
    """Keys of what others asked this caller to sign, ascending."""
    columns = signature_requests.c
    received = select(columns.id).where(_received_of(caller), *conditions)
    return [row.id for row in tx.all(received.order_by(columns.id))]


def _received_of(caller: Caller) -> ColumnElement[bool]:
    columns = signature_requests.c
    removed = select(request_removals.c.request_pk).where(
        request_removals.c.account_pk == caller.account_pk, request_removals.c.request_pk == columns.id
    )
    conditions = [received_by(caller, from_others=True), not_cancelled(), not_(exists(removed))]
    if caller.kind == "bearer":
        conditions.append(columns.app_pk == _app_of(caller))
    return and_(*conditions)


def _found(tx: ReadTx, caller: Caller, page: Page, query: str) -> tuple[list[WholeRequest], int]:
    asked = searched(query, caller)
    if asked.word is not None:
        field, word = asked.word
        return _found_word(
            tx, caller, page, WordSearch(caller.account_pk, _app_of(caller), field, word, asked.condition)
        )
    return _found_any(tx, caller, page, asked)


def _found_word(tx: ReadTx, caller: Caller, page: Page, search: WordSearch) -> tuple[list[WholeRequest], int]:
    stretches, looked_up = word_stretches(tx, search)
    others = sorted((*looked_up, *_received(tx, caller, search.condition)))
    total = sum(stretch.shown for stretch in stretches) + len(others)
    everything = (*stretches, Stretch(0, stretches[-1].first - 1, 0))
    last, skip = _place(everything, others, page.offset)
    if last == 0:
        return [], total
    from_there = [stretch for stretch in everything if stretch.first <= last]
    keys = found_within(tx, search, from_there, _up_to(others, last), skip + page.page_size)
    return _load(tx, keys[skip:]), total


def _found_any(tx: ReadTx, caller: Caller, page: Page, asked: Searched) -> tuple[list[WholeRequest], int]:
    condition, candidates = asked.condition, asked.candidates
    columns = signature_requests.c
    sent = and_(sent_in(caller.account_pk, _app_of(caller)), is_shown(), condition)
    if candidates is not None:
        # a sum is in no index: the few candidates lead, and not all that the account has sent
        mine = columns.account_pk + 0 == caller.account_pk
        if (app_pk := _app_of(caller)) != EVERY_APP:
            mine = and_(mine, columns.app_pk + 0 == app_pk)
        sent = and_(columns.id.in_(candidates), mine, is_shown(), condition)
    received = and_(_received_of(caller), condition)
    either = union_all(select(columns.id).where(sent), select(columns.id).where(received)).subquery()
    # found and counted in one go: what such a search costs is to look at everything that it finds
    counted = select(either.c.id, func.count().over().label("total")).order_by(either.c.id.desc())
    rows = tx.all(counted.limit(page.page_size).offset(page.offset))
    total = rows[0].total if rows else tx.scalar(select(func.count()).select_from(either))
    return _load(tx, [row.id for row in rows]), int(total or 0)


def _app_of(caller: Caller) -> int:
    """Under a token, only what was made with its app."""
    return EVERY_APP if caller.kind != "bearer" else caller.app_pk or NO_APP


def _load(tx: ReadTx, keys: Sequence[int]) -> list[WholeRequest]:
    columns = signature_requests.c
    rows = tx.all(select(signature_requests).where(columns.id.in_(keys)).order_by(columns.id.desc())) if keys else []
    return wholes_of(tx, [request_of(row) for row in rows])
