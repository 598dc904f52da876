"""GET /signature_request/list: pages, order and the query language."""

from __future__ import annotations

import pytest

from paraph.signature_requests.search import searchable
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import accepted, decline, error_of, nda, post_send, sign, signing_token

DAY = 86_400


class Shelf:
    """Five requests that differ in everything one can search for."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.alice, self.bob = make_person(server, "Alice"), make_person(server, "Bob")
        self.jack, self.client = fresh_address("jack"), server.api(self.alice.api_key)
        jack = {"name": "Jack Black", "email_address": self.jack}
        self.names: dict[str, str] = {}
        self.add("nda", title="NDA with Acme Co.", metadata={"case": "X-99"}, signers=[jack], test_mode=True)
        self.add("agenda", title="Agenda of Monday", message="What about the budget_2026?", test_mode=False)
        server.move(3 * DAY)
        self.add("lease", title="Mietvertrag Äußere Straße 5", files=[("Wohnung.pdf", nda())], allow_decline=True)
        self.add("done", title="Signed one", subject="Hello there", signers=[jack])
        sign(server, signing_token(server, self.jack))
        self.add("refused", title="Refused one", signers=[jack], allow_decline=True)
        decline(server, signing_token(server, self.jack))
        from_bob = requests.send(server, server.api(self.bob.api_key), title="From Bob", signers=[self.me()])
        self.names[from_bob.id] = "received"

    def me(self) -> dict[str, str]:
        return {"name": "Alice", "email_address": self.alice.email}

    def add(self, name: str, **how: object) -> None:
        sent = requests.send(self.server, self.client, **how)
        self.names[sent.id] = name

    def found(self, query: str | None = None, **more: object) -> list[str]:
        parameters = {"query": query} if query is not None else {}
        answer = self.client.get("/v3/signature_request/list", params=parameters | more)
        assert answer.status_code == 200, answer.text
        return [self.names[one["signature_request_id"]] for one in answer.json()["signature_requests"]]


@pytest.fixture(scope="module")
def shelf(shared_server: Server) -> Shelf:
    return Shelf(shared_server)


ALL = ["received", "refused", "done", "lease", "agenda", "nda"]
QUERIES = [
    ("", ALL),
    ("title:NDA", ["nda"]),
    ("title:nda AND from:me", ["nda"]),
    ("title:NDA OR title:agenda", ["agenda", "nda"]),
    ("title:agen*", ["agenda"]),
    ("title:gen*", []),
    ('title:"with acme"', ["nda"]),
    ('title:"acme with"', []),
    ('"acme co"', ["nda"]),
    ("title:äußere", ["lease"]),
    ("title:STRASSE", ["lease"]),
    ("from:me", ["refused", "done", "lease", "agenda", "nda"]),
    ("to:me", ["received"]),
    ("from:bob", ["received"]),
    ("to:black", ["refused", "done", "nda"]),
    ('to:"Jack Black" AND NOT complete:true', ["refused", "nda"]),
    ("complete:true", ["done"]),
    ("complete:false AND declined:false", ["received", "lease", "agenda", "nda"]),
    ("declined:true", ["refused"]),
    ("awaiting_my_signature:true", ["received"]),
    ("test_mode:false", ["agenda"]),
    ("filename:wohnung", ["lease"]),
    ("metadata:X-99", ["nda"]),
    ("metadata:case", ["nda"]),
    ("subject:hello", ["done"]),
    ("message:budget_2026", ["agenda"]),
    ("message:budgetx2026", []),
    ("there", ["done"]),
    ("title:(nda OR agenda) AND test_mode:true", ["nda"]),
    ("template:abc", []),
    ("created:[1970-01-01 TO 9000-12-31]", ALL),
    ("created:{1970-01-01 TO *}", ALL),
    ("created:[2031-01-01 TO *]", []),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES, ids=[query for query, _ in QUERIES])
def test_queries(shelf: Shelf, query: str, expected: list[str]) -> None:
    assert shelf.found(query) == expected


def test_created_takes_days_inclusive_and_exclusive(shelf: Shelf) -> None:
    first, later = "2026-09-21", "2026-09-24"  # the tests' clock starts on the first
    assert shelf.found(f"created:[{first} TO {first}]") == ["agenda", "nda"]
    assert shelf.found(f"created:{first}") == ["agenda", "nda"]
    assert shelf.found(f"created:{{{first} TO {later}]") == ALL[:4]
    assert shelf.found(f"created:[{first} TO {later}}}") == ["agenda", "nda"]


def test_searching_by_address(shelf: Shelf) -> None:
    assert shelf.found(f"to:{shelf.jack}") == ["refused", "done", "nda"]
    assert shelf.found(f"to:{shelf.jack.split('@', maxsplit=1)[0]}*") == ["refused", "done", "nda"]


BAD = [
    "title:*nda",
    "title:n*a",
    "nosuchfield:x",
    "complete:maybe",
    "created:[2026-13-01 TO 2026-01-01]",
    "created:yesterday",
    "title:[a TO b]",
    "title:(",
    '"open',
    "title:nda~2",
    "title:nda^3",
    "/regex/",
    "title:(from:me)",
    "AND",
    "title:",
    "(" * 400 + "a",
    "(" * 60 + "a" + ")" * 60,
    " ".join(["word"] * 60),
    "title:!!!",
    "x" * 1001,
    "\\",
    "é:x",
    ">=5",
    "title:<a",
]


@pytest.mark.parametrize("query", BAD, ids=[query[:20] for query in BAD])
def test_a_bad_query_is_named(shelf: Shelf, query: str) -> None:
    answer = shelf.client.get("/v3/signature_request/list", params={"query": query})
    assert (answer.status_code, error_of(answer)["error_path"]) == (400, "query"), answer.text


def test_pages(shelf: Shelf) -> None:
    assert shelf.found(page_size=4) == ALL[:4]
    assert shelf.found(page=2, page_size=4) == ALL[4:]
    beyond = shelf.client.get("/v3/signature_request/list?page=9&page_size=4").json()
    assert beyond["signature_requests"] == []
    assert beyond["list_info"] == {"num_pages": 2, "num_results": 6, "page": 9, "page_size": 4}
    for wrong in ("page=0", "page=x", "page_size=0", "page_size=101"):
        answer = shelf.client.get(f"/v3/signature_request/list?{wrong}")
        assert (answer.status_code, error_of(answer)["error_path"]) == (400, wrong.partition("=")[0])


def test_account_id(shelf: Shelf) -> None:
    assert shelf.found(account_id="all") == ALL
    assert shelf.found(account_id=shelf.alice.account_id) == ALL
    foreign = shelf.client.get("/v3/signature_request/list", params={"account_id": shelf.bob.account_id})
    assert (foreign.status_code, error_of(foreign)["error_path"]) == (403, "account_id")


def test_what_a_node_client_sends(shelf: Shelf) -> None:
    answer = shelf.client.get("/v3/signature_request/list?query=title:NDA+AND+from:me")
    assert len(answer.json()["signature_requests"]) == 1


def test_words_are_found_whole() -> None:
    assert searchable("Jack <jack@Example.com>") == " jack jack example com "


def test_a_long_list_is_quick_to_page(lite: Server) -> None:
    alice: Person = make_person(lite, "Alice")
    client = lite.api(alice.api_key)
    for number in range(12):
        accepted(post_send(client, title=f"No {number}"))
    listed = client.get("/v3/signature_request/list?page_size=5&page=2").json()
    assert [one["title"] for one in listed["signature_requests"]] == [f"No {number}" for number in range(6, 1, -1)]
