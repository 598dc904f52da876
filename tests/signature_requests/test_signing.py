"""View, consent, sign and decline through the face that the signing room uses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from paraph.documents import Strokes, TypedText
from paraph.kit.errors import BadRequest, Conflict, ParaphError
from paraph.signature_requests import (
    lock_for_signer,
    record_consent,
    record_signed,
    signing_link,
)
from paraph.signature_requests.queries import find_request
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import (
    BROWSER,
    CONSENT,
    Sent,
    agree,
    audit_kinds,
    decline,
    fill,
    load_signer,
    mails_to,
    sign,
    signing_token,
    two_signers,
    view,
)


def link_of_the_second(server: Server, sent: Sent, alice: Person) -> str:
    """The second signer's token before their turn: nobody was mailed it yet."""
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    from paraph.signature_requests.queries import load_whole

    whole = server.read(lambda tx: load_whole(tx, request.id))
    return signing_link(server.kit, whole.signatures[1]).rpartition("/")[2]


def test_one_after_the_other(shared_server: Server, alice: Person) -> None:
    server, client, people = shared_server, shared_server.api(alice.api_key), two_signers()
    sent = requests.send(server, client, signers=people)
    assert mails_to(server, people[1]["email_address"]) == []
    sign(server, signing_token(server, people[0]["email_address"]))
    assert len(mails_to(server, people[1]["email_address"])) == 1
    between = requests.get(client, sent)
    assert [one["status_code"] for one in between["signatures"]] == ["signed", "awaiting_signature"]
    assert (between["is_complete"], between["signatures"][0]["signed_at"]) == (False, server.clock.now())
    sign(server, signing_token(server, people[1]["email_address"]))
    assert requests.get(client, sent)["is_complete"] is True
    assert audit_kinds(server, sent) == [
        "created",
        "prepared",
        "sent",
        "invited",
        "viewed",
        "consented",
        "signed",
        "invited",
        "viewed",
        "consented",
        "signed",
        "all_signed",
        "sealed",
    ]


def test_out_of_order_nothing_is_stored(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    sent = requests.send(server, client, signers=two_signers())
    before = audit_kinds(server, sent)
    early = link_of_the_second(server, sent, alice)
    assert load_signer(server, early).standing == "not_your_turn"
    assert view(server, early) is False
    with pytest.raises(Conflict, match="cannot be signed yet"):
        agree(server, early)
    with pytest.raises(Conflict, match="cannot be signed yet"):
        server.write(
            lambda tx: record_signed(tx, lock_for_signer(tx, early, server.kit), fill(), BROWSER, server.kit)
        )
    with pytest.raises(Conflict, match="cannot be signed yet"):
        decline(server, early)
    assert audit_kinds(server, sent) == before
    assert requests.get(client, sent) == sent.json


@pytest.mark.parametrize("orders", [(None, None), (3, 3)])
def test_without_order_or_with_equal_orders_everybody_is_asked(
    shared_server: Server, alice: Person, orders: tuple[int | None, int | None]
) -> None:
    people = two_signers(orders)
    requests.send(shared_server, shared_server.api(alice.api_key), signers=people)
    for person in reversed(people):
        sign(shared_server, signing_token(shared_server, person["email_address"]))


def test_twenty_at_once_are_one(server: Server) -> None:
    alice, address = make_person(server, "Alice"), fresh_address("jack")
    client = server.api(alice.api_key)
    sent = requests.send(server, client, signers=[{"name": "Jack", "email_address": address}])
    token = signing_token(server, address)
    agree(server, token)

    def attempt(_number: int) -> str:
        try:
            server.write(
                lambda tx: record_signed(tx, lock_for_signer(tx, token, server.kit), fill(), BROWSER, server.kit)
            )
        except ParaphError as refused:
            return refused.message
        return "signed"

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(attempt, range(20)))
    assert answers.count("signed") == 1
    assert set(answers) == {"signed", "You have already signed this document."}
    server.run_jobs()
    assert audit_kinds(server, sent).count("signed") == 1
    assert audit_kinds(server, sent).count("sealed") == 1
    assert len(mails_to(server, alice.email)) == 1


def test_all_signers_at_the_same_instant(server: Server) -> None:
    """T17: every value ends in the audit and in the file."""
    alice = make_person(server, "Alice")
    people = [{"name": f"Person {n}", "email_address": fresh_address("p")} for n in range(8)]
    client = server.api(alice.api_key)
    sent = requests.send(server, client, signers=people)
    tokens = [signing_token(server, person["email_address"]) for person in people]
    for token in tokens:
        agree(server, token)

    def attempt(token: str) -> None:
        server.write(
            lambda tx: record_signed(tx, lock_for_signer(tx, token, server.kit), fill(), BROWSER, server.kit)
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, tokens))
    server.run_jobs()
    assert requests.get(client, sent)["is_complete"] is True
    assert audit_kinds(server, sent).count("signed") == 8
    assert audit_kinds(server, sent).count("all_signed") == 1


def test_signing_needs_consent(shared_server: Server, alice: Person) -> None:
    address = fresh_address("jack")
    requests.send(shared_server, shared_server.api(alice.api_key), signers=[{"name": "J", "email_address": address}])
    token = signing_token(shared_server, address)
    with pytest.raises(Conflict, match="Agree"):
        shared_server.write(
            lambda tx: record_signed(
                tx, lock_for_signer(tx, token, shared_server.kit), fill(), BROWSER, shared_server.kit
            )
        )


def test_only_what_the_sender_allows(shared_server: Server, alice: Person) -> None:
    server, address = shared_server, fresh_address("jack")
    requests.send(
        server,
        server.api(alice.api_key),
        signers=[{"name": "J", "email_address": address}],
        signing_options={"draw": True, "default_type": "draw"},
    )
    token = signing_token(server, address)
    assert load_signer(server, token).signing_options.allowed == ("draw",)
    agree(server, token)
    for content in (TypedText("Jack", "caveat"), TypedText("", "caveat")):
        with pytest.raises(BadRequest):
            sign(server, token, fill(content))
    sign(server, token, fill(Strokes((((0.1, 0.2), (0.8, 0.9)),), aspect=3.0)))
    assert load_signer(server, token).standing == "signed"


def test_consent_and_views_are_recorded_once(shared_server: Server, alice: Person) -> None:
    server, address, client = shared_server, fresh_address("jack"), shared_server.api(alice.api_key)
    sent = requests.send(server, client, signers=[{"name": "J", "email_address": address}])
    token = signing_token(server, address)
    assert [view(server, token), view(server, token)] == [True, False]
    agree(server, token)
    agree(server, token)
    newer = type(CONSENT)("2027-01", "cd" * 32, "en")
    server.write(lambda tx: record_consent(tx, lock_for_signer(tx, token, server.kit), newer, BROWSER, server.kit))
    assert audit_kinds(server, sent)[4:] == ["viewed", "consented", "consented"]
    assert requests.get(client, sent)["signatures"][0]["last_viewed_at"] == server.clock.now()


def test_declining_ends_the_request(shared_server: Server, alice: Person) -> None:
    server, client, people = shared_server, shared_server.api(alice.api_key), two_signers((None, None))
    sent = requests.send(server, client, signers=people, allow_decline=True)
    first, second = (signing_token(server, person["email_address"]) for person in people)
    for reason in ("", "  ", "x" * 1001):
        with pytest.raises(BadRequest):
            decline(server, first, reason)
    decline(server, first, "Too\nexpensive")
    found = requests.get(client, sent)
    assert (found["is_declined"], found["is_complete"]) == (True, False)
    assert found["signatures"][0]["status_code"] == "declined"
    assert found["signatures"][0]["decline_reason"] == "Too\nexpensive"
    assert load_signer(server, second).standing == "declined"
    with pytest.raises(Conflict, match="declined"):
        sign(server, second)
    (mail,) = mails_to(server, alice.email)
    assert "First declined" in mail.subject
    assert "> Too\n> expensive" in mail.text


def test_declining_must_be_allowed(shared_server: Server, alice: Person) -> None:
    address = fresh_address("jack")
    requests.send(shared_server, shared_server.api(alice.api_key), signers=[{"name": "J", "email_address": address}])
    with pytest.raises(BadRequest, match="does not offer"):
        decline(shared_server, signing_token(shared_server, address))
