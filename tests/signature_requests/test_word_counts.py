"""A search for one word finds what looking at every request would, whatever has been counted and changed since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from paraph.kit.caller import Caller, Client
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.wire import Page
from paraph.signature_requests import blocks, check_blocks
from paraph.signature_requests.blocks import fold, hide, words_changed
from paraph.signature_requests.check_blocks import check_some
from paraph.signature_requests.list_requests import list_requests
from paraph.signature_requests.listing_models import request_word_counts
from paraph.signature_requests.models import request_words, signature_requests
from paraph.signature_requests.search import searchable
from paraph.signature_requests.shapes import request_of
from paraph.signature_requests.terms import index_some
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, make_person

WORDS = ("lease", "deed", "rare")
STEPS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(WORDS), st.sampled_from(WORDS)),
    st.tuples(st.just("hide"), st.integers(0, 30), st.none()),
    st.tuples(st.just("pass on"), st.integers(0, 30), st.sampled_from(WORDS)),
    st.tuples(st.sampled_from(["fold", "index", "check"]), st.none(), st.none()),
)
GROUNDWORK = [("send", word, "nobody") for word in WORDS[:2] * 6] + [(step, None, None) for step in ("fold", "check")]


class _Undone(Exception):
    """Ends a transaction of which nothing shall stay."""


class Office:
    """Somebody's requests, and what is known of each beside the database: title, signer, whether it is shown."""

    def __init__(self, tx: WriteTx, person: Person, now: int) -> None:
        self.tx, self.now = tx, now
        self.caller = Caller("api_key", person.pk, person.account_id, person.email, Client("", ""))
        mine = signature_requests.c.account_pk == person.pk
        tx.execute(update(signature_requests).where(mine).values(created_at=now - 10_000))  # it is settled
        self.row = tx.execute(select(signature_requests).where(mine)).one()._asdict()
        of_row = request_words.c.request_pk == self.row["id"]
        self.words = tx.execute(select(request_words).where(of_row)).one()._asdict()
        self.known: dict[int, tuple[str, str]] = {}

    def send(self, title: str, signer: str) -> None:
        key: int = self.tx.scalar(select(func.max(signature_requests.c.id))) + 1
        own = {"id": key, "signature_request_id": f"{key:040d}", "created_at": self.now - 10_000}
        self.tx.execute(signature_requests.insert().values({**self.row, **own}))
        texts = {"request_pk": key, "title": searchable(title), "to": searchable(signer), "indexed_at": None}
        self.tx.execute(request_words.insert().values({**self.words, **texts}))
        self.known[key] = title, signer

    def do(self, step: str, what: Any, word: Any) -> None:
        jobs = {"fold": fold, "index": index_some, "check": check_some}
        if step in jobs:
            while jobs[step](self.tx, self.now):
                continue
        elif step == "send":
            self.send(what, word)
        elif self.known:
            self._change(list(self.known)[what % len(self.known)], step, word)

    def _change(self, key: int, step: str, word: str) -> None:
        this = signature_requests.c.id == key
        request = request_of(self.tx.execute(select(signature_requests).where(this)).one())
        if step == "hide":
            self.tx.execute(update(signature_requests).where(this).values(state="cancelled"))
            hide(self.tx, request)
            del self.known[key]
        else:
            texts = {"to": searchable(word), "indexed_at": None}
            self.tx.execute(update(request_words).where(request_words.c.request_pk == key).values(texts))
            words_changed(self.tx, request)
            self.known[key] = self.known[key][0], word

    def check(self) -> None:
        for word in WORDS:
            in_title = [key for key, (title, _) in self.known.items() if title == word]
            anywhere = [key for key, texts in self.known.items() if word in texts]
            self._check(f"title:{word}", in_title)
            self._check(word, anywhere)

    def _check(self, query: str, wanted: list[int]) -> None:
        wanted.sort(reverse=True)
        for page in (1, 2, 4):
            found, total = list_requests(self.tx, self.caller, Page(page, 3), query)
            assert [one.request.id for one in found] == wanted[page * 3 - 3 : page * 3], (query, page)
            assert total == len(wanted), query


@pytest.fixture(scope="module")
def sender(shared_server: Server) -> Iterator[Person]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", 4)
        patch.setattr(check_blocks, "FEW", 2)
        person = make_person(shared_server, "Sender")
        requests.send(shared_server, shared_server.api(person.api_key), title="First")
        yield person


@given(steps=st.lists(STEPS, max_size=15))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_counts_and_pages_are_exact(shared_server: Server, sender: Person, steps: list[Any]) -> None:
    def work(tx: WriteTx) -> None:
        office = Office(tx, sender, shared_server.clock.now())
        for step in [*GROUNDWORK, *steps]:
            office.do(*step)
        office.check()
        raise _Undone

    with pytest.raises(_Undone):
        shared_server.write(work)


def test_common_words_are_counted_and_rare_ones_are_not(shared_server: Server, sender: Person) -> None:
    def counted(tx: ReadTx) -> set[tuple[str, int]]:
        return {(row.word, row.found) for row in tx.all(select(request_word_counts))}

    def work(tx: WriteTx) -> None:
        office = Office(tx, sender, shared_server.clock.now())
        for title in ("lease", "lease", "lease", "rare", "deed"):
            office.send(title, "nobody")
        for job in ("fold", "check"):
            office.do(job, None, None)
        found = counted(tx)
        assert {("", 4), ("title:lease", 3), (":lease", 3), ("to:nobody", 3)} <= found
        assert not any("rare" in word for word, _ in found)
        raise _Undone

    with pytest.raises(_Undone):
        shared_server.write(work)
