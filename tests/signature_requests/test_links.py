"""What a signing link opens, for whom and how long."""

from __future__ import annotations

import json

import pytest

from paraph.kit.errors import Conflict, Deleted, NotFound, ParaphError
from paraph.signature_requests import (
    check_documents,
)
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import agree, audit_kinds, load_signer, mails_to, sign, signing_token, two_signers


def test_reading_records_nothing(shared_server: Server, alice: Person) -> None:
    """T14: mail scanners open links."""
    server, address, client = shared_server, fresh_address("jack"), shared_server.api(alice.api_key)
    sent = requests.send(server, client, signers=[{"name": "J", "email_address": address}])
    before = audit_kinds(server, sent)
    for _ in range(3):
        load_signer(server, signing_token(server, address))
    assert audit_kinds(server, sent) == before
    assert requests.get(client, sent) == sent.json


def test_foreign_and_altered_links_lead_nowhere(shared_server: Server, alice: Person) -> None:
    """T3: an id is no link."""
    server, address = shared_server, fresh_address("jack")
    sent = requests.send(server, server.api(alice.api_key), signers=[{"name": "J", "email_address": address}])
    token = signing_token(server, address)
    other = requests.send(server, server.api(alice.api_key), title="Other", signers=two_signers())
    for wrong in (
        sent.id,
        sent.signature_id(0),
        other.signature_id(0),
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token + "x",
        "x" + token,
        "",
        ".",
        "é.ü",
        "\ud800",
    ):
        with pytest.raises(NotFound):
            load_signer(server, wrong)


def test_nobody_else_is_shown_a_link(shared_server: Server, alice: Person) -> None:
    """T1, T2: no answer, page or mail to anybody else holds a signer's token."""
    server, client, people = shared_server, shared_server.api(alice.api_key), two_signers((None, None))
    sent = requests.send(server, client, signers=people)
    tokens = [signing_token(server, person["email_address"]) for person in people]
    shown = client.get(f"/v3/signature_request/{sent.id}").text + client.get("/v3/signature_request/list").text
    view_of_first = load_signer(server, tokens[0])
    shown += json.dumps([other.name for other in view_of_first.others])
    for person, token in zip(people, tokens, strict=True):
        assert token not in shown
        elsewhere = [one for one in people if one is not person]
        for one in elsewhere:
            assert all(token not in mail.text + mail.html for mail in mails_to(server, one["email_address"]))


def test_a_cancelled_or_expired_request_cannot_be_signed(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    first, second = fresh_address("jack"), fresh_address("jack")
    doomed = requests.send(server, client, signers=[{"name": "J", "email_address": first}])
    token = signing_token(server, first)
    agree(server, token)
    assert client.post(f"/v3/signature_request/cancel/{doomed.id}").status_code == 200
    assert load_signer(server, token).standing == "cancelled"
    with pytest.raises(Deleted):
        sign(server, token)
    late = requests.send(
        server,
        client,
        signers=[{"name": "J", "email_address": second}],
        expires_at=server.clock.now() + 2 * 86_400,
    )
    token = signing_token(server, second)
    agree(server, token)
    server.move(2 * 86_400)  # the job that records it has not run yet
    assert load_signer(server, token).standing == "expired"
    with pytest.raises(Conflict, match="expired"):
        sign(server, token)
    server.run_jobs()
    assert requests.get(client, late)["signatures"][0]["status_code"] == "expired"


def test_a_changed_byte_is_found_before_it_is_shown_or_signed(lite: Server) -> None:
    """T19."""
    alice, address = make_person(lite, "Alice"), fresh_address("jack")
    requests.send(lite, lite.api(alice.api_key), signers=[{"name": "J", "email_address": address}])
    signer = load_signer(lite, signing_token(lite, address))
    lite.call(check_documents(signer, lite.kit))
    path = lite.kit.files._path(signer.documents[0].pdf_key or "")  # type: ignore[attr-defined]
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(ParaphError, match="not the one that was sent"):
        lite.call(check_documents(signer, lite.kit))
