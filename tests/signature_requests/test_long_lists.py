"""Long lists: whatever was folded into blocks and indexed by words, each page is what it always was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, update

from paraph.signature_requests import blocks, check_blocks
from paraph.signature_requests.listing_models import request_blocks, request_blocks_end, request_terms
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import sign, signing_token

HOUR = 3600
SMALL_BLOCK = 3


class Mailroom:
    """Alice has sent eight requests and was asked twice by Bob in between."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.alice, self.bob = make_person(server, "Alice"), make_person(server, "Bob")
        self.client = server.api(self.alice.api_key)
        self.order: list[str] = []
        self.signer: dict[str, str] = {}
        for number in range(10):
            asked_by_bob = number in (2, 6)
            sender = self.bob if asked_by_bob else self.alice
            self.send(sender, f"Paper {number} of batch", [self.me()] if asked_by_bob else None)

    def send(self, sender: Person, title: str, signers: Any = None) -> str:
        jack = {"name": "Jack", "email_address": fresh_address("jack")}
        sent = requests.send(self.server, self.server.api(sender.api_key), title=title, signers=signers or [jack])
        self.order.insert(0, sent.id)
        self.signer[sent.id] = jack["email_address"]
        return sent.id

    def me(self) -> dict[str, str]:
        return {"name": "Alice", "email_address": self.alice.email}

    def fold(self) -> int:
        """What the worker does in time; return how many blocks there are now."""
        self.server.move(HOUR)
        self.server.run_jobs()
        return self.server.read(lambda tx: tx.scalar(select(func.count()).select_from(request_blocks)))

    def page(self, page: int, size: int, **more: Any) -> tuple[list[str], dict[str, int]]:
        asked = {"page": page, "page_size": size, **more}
        answer = self.client.get("/v3/signature_request/list", params=asked)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        return [one["signature_request_id"] for one in told["signature_requests"]], told["list_info"]

    def check(self, **more: Any) -> None:
        """Every page of every size is a piece of the whole, and says how long that is."""
        for size in (1, 3, 20):
            pages = -(-len(self.order) // size)
            for number in range(1, pages + 2):
                found, info = self.page(number, size, **more)
                assert found == self.order[(number - 1) * size : number * size], (number, size)
                assert info == {
                    "page": number,
                    "page_size": size,
                    "num_results": len(self.order),
                    "num_pages": pages,
                }


@pytest.fixture(scope="module")
def mailroom(shared_server: Server) -> Iterator[Mailroom]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", SMALL_BLOCK)
        patch.setattr(blocks, "FOLDED_AT_ONCE", 4)
        patch.setattr(check_blocks, "FEW", 2)
        yield Mailroom(shared_server)


def test_pages_are_the_same_before_and_after_folding(mailroom: Mailroom) -> None:
    mailroom.check()
    assert mailroom.fold() > 3
    mailroom.check()
    # and with some that are not folded yet
    mailroom.send(mailroom.alice, "Fresh one of batch")
    mailroom.check()


def test_what_is_cancelled_is_off_its_block_at_once(mailroom: Mailroom) -> None:
    assert mailroom.fold() > 3
    gone = mailroom.order[-1]
    assert mailroom.client.post(f"/v3/signature_request/cancel/{gone}").status_code == 200
    mailroom.order.remove(gone)
    mailroom.check()
    mailroom.fold()
    mailroom.check()


def test_what_is_removed_is_off_its_block_at_once(mailroom: Mailroom) -> None:
    mailroom.fold()
    gone = mailroom.order[-1]
    sign(mailroom.server, signing_token(mailroom.server, mailroom.signer[gone]))
    for _ in range(2):
        answer = mailroom.client.post(f"/v3/signature_request/remove/{gone}")
    assert answer.status_code in (200, 404), answer.text
    mailroom.order.remove(gone)
    mailroom.check()


def test_searches_find_the_same_with_and_without_the_index(mailroom: Mailroom) -> None:
    server = mailroom.server
    mailroom.fold()
    assert server.read(lambda tx: tx.scalar(select(func.count()).select_from(request_terms))) > 20
    mailroom.check(query="batch")
    mailroom.check(query="title:batc*")
    mailroom.check(query='"of batch"')
    extra = mailroom.send(mailroom.alice, "Late one of batch")  # not in the index
    mailroom.check(query="title:batch OR title:nothing")
    assert mailroom.page(1, 20, query="title:late")[0] == [extra]
    assert mailroom.page(1, 20, query="NOT title:paper AND NOT title:fresh")[1]["num_results"] == 1


def test_a_count_that_is_wrong_is_put_right(mailroom: Mailroom) -> None:
    """As after a process of an older version hid something from a block."""
    mailroom.fold()
    wrong = update(request_blocks).values(shown=request_blocks.c.shown + 1)
    mailroom.server.write(lambda tx: tx.execute(wrong))
    assert mailroom.page(1, 20)[1]["num_results"] > len(mailroom.order)
    mailroom.check(query="batch")  # the counts of its words are not gone by
    mailroom.server.move(check_blocks.CHECKED_AGAIN_SECONDS)
    mailroom.fold()
    mailroom.check()


def test_young_requests_are_not_folded(mailroom: Mailroom) -> None:
    """Their neighbours may still be on their way into the database."""
    mailroom.fold()
    sent = mailroom.send(mailroom.alice, "Young one of batch")
    mailroom.server.run_jobs()
    mailroom.server.move(blocks.SETTLED_SECONDS - 60)
    mailroom.server.run_jobs()
    end = select(request_blocks_end.c.last_pk)
    newest = select(func.max(blocks.signature_requests.c.id))
    assert mailroom.server.read(lambda tx: tx.scalar(end) < tx.scalar(newest))
    mailroom.fold()
    assert mailroom.server.read(lambda tx: tx.scalar(end) == tx.scalar(newest))
    assert mailroom.page(1, 1)[0] == [sent]
