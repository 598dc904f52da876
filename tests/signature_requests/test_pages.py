"""The pages about requests, without JavaScript."""

from __future__ import annotations

import httpx
import pytest

from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, log_in, make_person, submit
from tests.helpers.requests import Sent, accepted, decline, mails_to, post_send, sign, signing_token


@pytest.fixture
def browser(shared_lite: Server, anna: Person) -> httpx.Client:
    return log_in(shared_lite, anna)


def page(browser: httpx.Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_list_shows_what_waits_and_what_was_sent(
    shared_lite: Server, anna: Person, browser: httpx.Client
) -> None:
    assert "Nothing sent yet" in page(browser, "/requests")
    bob = make_person(shared_lite, "Bob")
    requests.send(shared_lite, shared_lite.api(anna.api_key), title="My <b>own</b> NDA")
    to_me = {"name": "Alice", "email_address": anna.email}
    requests.send(shared_lite, shared_lite.api(bob.api_key), title="Bob wants this", signers=[to_me])
    shown = page(browser, "/requests")
    waiting, _, sent = shown.partition("Sent by you")
    assert "Bob wants this" in waiting
    assert "My &lt;b&gt;own&lt;/b&gt; NDA" in sent
    assert "0 of 1 signed" in sent
    assert "/sign/" not in shown


def test_the_list_has_pages(lite: Server) -> None:
    alice = make_person(lite, "Alice")
    for number in range(21):
        accepted(post_send(lite.api(alice.api_key), title=f"No {number}."))
    browser = log_in(lite, alice)
    first, second = page(browser, "/requests"), page(browser, "/requests?page=2")
    assert "No 20." in first
    assert "No 0." not in first
    assert "No 0." in second
    assert browser.get("/requests?page=x").status_code == 400


def test_one_request_from_sending_to_sealing(shared_lite: Server, anna: Person, browser: httpx.Client) -> None:
    server, address = shared_lite, fresh_address("jack")
    people = [{"name": "Jack", "email_address": address}]
    sent = requests.send(server, server.api(anna.api_key), signers=people, message="One\nTwo")
    path = f"/requests/{sent.id}"
    shown = page(browser, path)
    for words in ("Waiting for signatures", "Asked to sign", "Mail with the link sent: Jack", "nda.pdf", "Remind"):
        assert words in shown, words
    assert "/sign/" not in shown
    assert browser.get(f"{path}/file").content.startswith(b"%PDF-")
    sign(server, signing_token(server, address))
    shown = page(browser, path)
    for words in ("Complete", "Download the signed document", "Final file sealed", "SHA-256"):
        assert words in shown, words
    assert "Cancel the request" not in shown
    final = server.api(anna.api_key).get(f"/v3/signature_request/files/{sent.id}").content
    assert browser.get(f"{path}/file").content == final


def test_remind_and_cancel_by_form(shared_lite: Server, anna: Person, browser: httpx.Client) -> None:
    server, address = shared_lite, fresh_address("jack")
    sent = requests.send(server, server.api(anna.api_key), signers=[{"name": "Jack", "email_address": address}])
    path = f"/requests/{sent.id}"
    reminder = {"email_address": address, "name": "Jack"}
    assert submit(browser, f"{path}/remind", at=path, **reminder).status_code == 303
    assert len(mails_to(server, address)) == 2
    again = submit(browser, f"{path}/remind", at=path, **reminder)
    assert (again.status_code, "less than an hour ago" in again.text) == (400, True)
    assert browser.post(f"{path}/cancel", data={}).status_code == 403, "no token, no cancelling"
    assert submit(browser, f"{path}/cancel", at=path).status_code == 303
    assert browser.get(path).status_code == 410
    assert browser.get(f"{path}/file").status_code == 410


def test_a_signer_sees_the_request_but_not_the_senders_buttons(shared_lite: Server, anna: Person) -> None:
    bob = make_person(shared_lite, "Bob")
    me = {"name": "Bob", "email_address": bob.email}
    sent = requests.send(shared_lite, shared_lite.api(anna.api_key), signers=[me], allow_decline=True)
    browser = log_in(shared_lite, bob)
    shown = page(browser, f"/requests/{sent.id}")
    assert "Remind" not in shown
    assert "Cancel this request" not in shown
    assert submit(browser, f"/requests/{sent.id}/cancel", at="/settings").status_code == 400
    decline(shared_lite, signing_token(shared_lite, bob.email), "No <thanks>")
    assert "No &lt;thanks&gt;" in page(browser, f"/requests/{sent.id}")


def test_outsiders_find_nothing(shared_lite: Server, anna: Person) -> None:
    sent: Sent = requests.send(shared_lite, shared_lite.api(anna.api_key))
    mallory = log_in(shared_lite, make_person(shared_lite, "Mallory"))
    for path in (f"/requests/{sent.id}", f"/requests/{sent.id}/file", "/requests/x", f"/requests/{'0' * 40}"):
        assert mallory.get(path).status_code == 404, path
    for path in (f"/requests/{sent.id}/cancel", f"/requests/{sent.id}/remind"):
        assert submit(mallory, path, at="/settings").status_code == 404, path
    stranger = shared_lite.client()
    assert stranger.get(f"/requests/{sent.id}").headers["location"].startswith("/login")


def test_a_request_that_failed_says_why(shared_lite: Server, anna: Person, browser: httpx.Client) -> None:
    client = shared_lite.api(anna.api_key)
    sent = accepted(post_send(client, files=[("broken.pdf", b"%PDF-1.7\nnot really")]))
    assert "Being prepared" in page(browser, f"/requests/{sent.id}")
    assert browser.get(f"/requests/{sent.id}/file").status_code == 409
    shared_lite.run_jobs()
    shown = page(browser, f"/requests/{sent.id}")
    assert "Not sent" in shown
    assert "broken.pdf" in shown
    assert browser.get(f"/requests/{sent.id}/file").status_code == 422
