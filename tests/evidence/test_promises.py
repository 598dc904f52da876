"""What the evidence says of who did what; and two promises about time: no file and no mail too early (T36, T37)."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from paraph.signature_requests import chain_of, is_intact, lock_for_signer, record_signed
from paraph.signature_requests.queries import find_request
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import fresh_address, log_in, make_person, submit
from tests.helpers.oauth import make_world
from tests.helpers.requests import BROWSER, Sent, accepted, agree, error_of, fill, mails_to, post_send, sign, view

SOON = ("files", "files_as_data_uri", "files_as_file_url", "final_copy", "evidence")


def events_of(server: Server, sent: Sent, kind: str) -> list[dict[str, Any]]:
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    chain = server.read(lambda tx: chain_of(tx, request.id))
    assert is_intact(chain)
    return [event.facts for event in chain if event.kind == kind]


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def signer(address: str) -> list[dict[str, str]]:
    return [{"name": "Jack", "email_address": address}]


def test_an_api_key_is_named_and_never_shown(place: Server) -> None:
    alice, jack = make_person(place, "Alice"), fresh_address("jack")
    client = place.api(alice.api_key)
    sent = requests.send(place, client, signers=signer(jack))
    place.move(3700)
    assert client.post(f"/v3/signature_request/remind/{sent.id}", json={"email_address": jack}).status_code == 200
    assert client.post(f"/v3/signature_request/cancel/{sent.id}").status_code == 200
    expected = {
        "kind": "api_key",
        "account_id": alice.account_id,
        "email_address": alice.email,
        "credential": fingerprint(alice.api_key),
    }
    for kind in ("created", "reminded", "cancelled"):
        (facts,) = events_of(place, sent, kind)
        assert facts["caller"] == expected, kind
        assert facts["address"] == "127.0.0.1"
        assert alice.api_key not in str(facts)


def test_a_token_names_its_app_and_itself(place: Server) -> None:
    world, jack = make_world(place), fresh_address("jack")
    token = world.connect().access_token
    client = place.api(token=token)
    sent = requests.complete(place, client, signers=signer(jack))
    assert client.get(f"/v3/signature_request/files/{sent.id}").status_code == 200
    (created,), (fetched,) = events_of(place, sent, "created"), events_of(place, sent, "downloaded")
    for facts in (created, fetched):
        caller = facts["caller"]
        assert (caller["kind"], caller["client_id"]) == ("bearer", world.app.client_id)
        assert (caller["credential"], caller["email_address"]) == (fingerprint(token), world.user.email)
        assert token not in str(facts)
    assert (fetched["how"], fetched["what"]) == ("api", "pdf")


def test_each_way_to_the_file_is_told_apart(place: Server) -> None:
    alice, jack = make_person(place, "Alice"), fresh_address("jack")
    client, browser = place.api(alice.api_key), log_in(place, alice)
    sent = requests.complete(place, client, signers=signer(jack))
    url = client.get(f"/v3/signature_request/files_as_file_url/{sent.id}").json()["file_url"]
    fetches = (
        client.get(f"/v3/signature_request/files_as_data_uri/{sent.id}"),
        client.get(f"/v3/signature_request/files/{sent.id}", params={"file_type": "zip"}),
        browser.get(f"/requests/{sent.id}/file"),
        place.client().get(url.removeprefix(place.kit.settings.public_url)),
        place.client().get(f"/sign/{requests.signing_token(place, jack)}/final.pdf"),
        place.client().get(f"/sign/{requests.signing_token(place, jack)}/evidence.zip"),
        browser.get(f"/requests/{sent.id}/evidence"),
    )
    assert [answer.status_code for answer in fetches] == [200] * len(fetches)
    told = [(one["how"], one["what"], one["by"]) for one in events_of(place, sent, "downloaded")]
    assert told == [
        ("api", "data_uri", alice.email),
        ("api", "zip", alice.email),
        ("page", "pdf", alice.email),
        ("link", "pdf", "link"),
        ("signing_page", "pdf", jack),
        ("signing_page", "evidence", jack),
        ("page", "evidence", alice.email),
    ]


def test_a_person_on_our_pages_is_a_session(place: Server) -> None:
    alice, jack = make_person(place, "Alice"), fresh_address("jack")
    sent = requests.send(place, place.api(alice.api_key), signers=signer(jack))
    browser = log_in(place, alice)
    answer = submit(browser, f"/requests/{sent.id}/cancel", at=f"/requests/{sent.id}")
    assert answer.status_code == 303
    (cancelled,) = events_of(place, sent, "cancelled")
    assert (cancelled["caller"]["kind"], cancelled["caller"]["email_address"]) == ("session", alice.email)


@pytest.mark.parametrize("path", SOON)
def test_files_asked_for_too_early(place: Server, path: str) -> None:
    """T36: 409 while there is none, and again from the last signature until the seal."""
    alice, jack = make_person(place, "Alice"), fresh_address("jack")
    client = place.api(alice.api_key)
    sent = accepted(post_send(client, signers=signer(jack)))

    def ask() -> httpx.Response:
        return client.get(f"/v3/signature_request/{path}/{sent.id}")

    early = ask()
    assert (early.status_code, error_of(early)["error_name"]) == (409, "conflict")
    place.run_jobs()
    assert ask().status_code == (409 if path == "evidence" else 200)
    token = requests.signing_token(place, jack)
    view(place, token)
    agree(place, token)
    place.write(lambda tx: record_signed(tx, lock_for_signer(tx, token, place.kit), fill(), BROWSER, place.kit))
    unsealed = ask()
    assert (unsealed.status_code, error_of(unsealed)["error_name"]) == (409, "conflict")
    assert events_of(place, sent, "downloaded") == []
    place.run_jobs()
    assert ask().status_code == 200


def test_no_mail_leaves_before_the_send(place: Server) -> None:
    """T37: a request that was only accepted, or refused, or whose files fail, mails no signer."""
    alice, jack = make_person(place, "Alice"), fresh_address("jack")
    client = place.api(alice.api_key)
    assert post_send(client, signers=signer(jack), title="x" * 300).status_code == 400
    broken = accepted(post_send(client, signers=signer(jack), files=[("a.pdf", b"%PDF-1.7\nnothing")]))
    sound = accepted(post_send(client, signers=signer(jack), title="Sound"))
    assert mails_to(place, jack) == []
    place.run_jobs()
    assert [mail.subject for mail in mails_to(place, jack)] == ["Alice asks you to sign Sound"]
    assert events_of(place, broken, "sent") == []
    (sent,) = events_of(place, sound, "sent")
    (invited,) = events_of(place, sound, "invited")
    assert sent["sequence"] < invited["sequence"]
    sign(place, requests.signing_token(place, jack))
