"""A signer names somebody else: a new link, a dead one, and everybody who must know is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from paraph.events import set_callback
from paraph.events.models import events
from paraph.signature_requests import chain_of, is_intact, load_for_signer
from paraph.signature_requests.bounce import record_bounce
from paraph.signature_requests.reassign import MOST_REASSIGNMENTS
from paraph.signing.models import phone_pads, signing_drafts
from tests.harness import Server, running_server
from tests.helpers.accounts import fresh_address, make_person
from tests.helpers.signing import EXAMPLE, Sent, Signer, send

TITLE = "The lease of Rose Lane"
REASON = "Ann signs for us this month."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for what does not touch the database engine."""
    with running_server(tmp_path_factory.mktemp("site")) as running:
        yield running


def fresh(server: Server, *names: str, **options: Any) -> Sent:
    return send(server, make_person(server, "Jack"), *names, title=TITLE, allow_reassign="1", **options)


def pass_on(signer: Signer, email: str, name: str = "Ann Stand-in", reason: str = REASON) -> httpx.Response:
    return signer.post("/reassign", {"name": name, "email": email, "reason": reason})


def successor(sent: Sent, email: str, name: str = "Ann Stand-in") -> Signer:
    return Signer(sent.server, name, email, sent.server.client()).find_link()


def chain(sent: Sent, signer: Signer) -> list[dict[str, Any]]:
    token = signer.base.removeprefix("/sign/")
    server = sent.server
    found = server.read(lambda tx: chain_of(tx, load_for_signer(tx, token, server.kit).request.id))
    assert is_intact(found)
    return [event.facts for event in found]


def test_from_one_hand_to_the_next(shared_server: Server) -> None:
    server = shared_server
    jack = make_person(server, "Jack")
    server.write(lambda tx: set_callback(tx, account_pk=jack.pk, url="https://e.example.com/", kit=server.kit))
    sent = send(server, jack, "Jill Signer", "Joe Signer", title=TITLE, allow_reassign="1")
    jill, before = sent.signer, sent.json()["signatures"][0]
    jill.ready_to_finish()
    assert "Somebody else should sign this" in jill.get().text
    assert "Let somebody else sign" in jill.get("/reassign").text
    ann = fresh_address("ann")
    page = pass_on(jill, ann)
    assert "You passed this document on" in page.text
    after = sent.json()["signatures"][0]
    assert after["signature_id"] != before["signature_id"]
    assert {key: after[key] for key in ("signer_name", "signer_email_address", "status_code", "order")} == {
        "signer_name": "Ann Stand-in",
        "signer_email_address": ann,
        "status_code": "awaiting_signature",
        "order": None,
    }
    assert after["reassigned_by"] == jill.email
    assert after["reassigned_from"] == before["signature_id"]
    assert after["reassignment_reason"] == REASON
    assert after["last_viewed_at"] is None
    check_the_old_link(jill, ann)
    heir = successor(sent, ann)
    assert "Jill" not in heir.get().text
    event = next(one for one in chain(sent, heir) if one["event"] == "reassigned")
    assert event["signature"] == after["signature_id"]
    assert event["from"]["signature"] == before["signature_id"]
    assert (event["to"]["email_address"], event["reason"]) == (ann, REASON)
    check_what_was_told(server, jack.pk, ann, after["signature_id"])
    heir.sign()
    sent.signers[1].sign()
    server.run_jobs()
    assert sent.json()["is_complete"] is True
    found = sent.sender.get("/v3/signature_request/list", params={"query": f"to:{ann.partition('@')[0]}"}).json()
    assert found["list_info"]["num_results"] == 1
    gone = sent.sender.get(
        "/v3/signature_request/list", params={"query": f"to:{jill.email.partition('@')[0]}"}
    ).json()
    assert gone["list_info"]["num_results"] == 0


def check_the_old_link(jill: Signer, ann: str) -> None:
    page = jill.get()
    assert (page.status_code, "You passed this document on" in page.text) == (200, True)
    assert TITLE not in page.text
    assert ann not in page.text
    for answer in (jill.view(), jill.get("/review"), jill.get("/documents/0.pdf"), pass_on(jill, "x@example.com")):
        assert answer.status_code == 404


def check_what_was_told(server: Server, jack_pk: int, ann: str, signature_id: str) -> None:
    mails = server.mails()
    (asked,) = [mail for mail in mails if mail["to"] == ann]
    assert "was asked first and named you" in asked["text"]
    (told,) = [mail for mail in mails if mail["subject"] == "Ann Stand-in signs in place of Jill Signer"]
    assert f"> {REASON}" in told["text"]
    rows = server.read(lambda tx: tx.all(select(events.c.payload).where(events.c.account_pk == jack_pk)))
    told_events = [json.loads(row.payload)["event"] for row in rows]
    (event,) = [one for one in told_events if one["event_type"] == "signature_request_reassigned"]
    assert event["event_metadata"]["related_signature_id"] == signature_id


def test_what_was_begun_does_not_go_along(site: Server) -> None:
    sent = fresh(
        site,
        attachments=[{"name": "ID", "signer_index": 0}],
        signing_options={"draw": True, "type": True, "phone": True, "default_type": "draw"},
    )
    jill = sent.signer.ready_to_finish()
    own = sent.json()["attachments"][0]["id"]
    jill.post(f"/attachments/{own}", files={"file": ("id.pdf", EXAMPLE.read_bytes())})
    jill.post("/phone", {"kind": "signature"})
    ann = fresh_address("ann")
    number = sent.json()["signatures"][0]["signature_id"]
    whole = site.read(lambda tx: load_for_signer(tx, jill.base.removeprefix("/sign/"), site.kit)).request
    site.write(lambda tx: record_bounce(tx, whole.id, number, "no such mailbox", site.kit))
    assert "no such mailbox" in sent.json()["signatures"][0]["error"]
    pass_on(jill, ann)
    assert sent.json()["signatures"][0]["error"] is None, "that was about the address of somebody else"
    assert sent.json()["attachments"][0]["uploaded_at"] is None
    assert site.read(lambda tx: tx.all(select(phone_pads))) == []
    assert site.read(lambda tx: tx.all(select(signing_drafts))) == []
    heir = successor(sent, ann)
    assert heir.get("/review").headers["location"] == heir.base
    assert heir.adopt_typed().headers["location"] == heir.base, "nobody agrees for somebody else"
    assert "Agree and continue" in heir.get().text


def test_the_access_code_stays(site: Server) -> None:
    sent = fresh(site, **{"signers[0][pin]": "7531"})
    jill, ann = sent.signer, fresh_address("ann")
    assert pass_on(jill, ann).status_code == 403
    jill.post("/access", {"method": "access_code", "code": "7531"})
    assert "same access code as before" in jill.get("/reassign").text
    pass_on(jill, ann)
    heir = successor(sent, ann)
    assert TITLE not in heir.get().text
    heir.post("/access", {"method": "access_code", "code": "7531"})
    assert TITLE in heir.get().text
    assert sent.json()["signatures"][0]["has_pin"] is True


def test_a_signature_that_is_bound_to_a_phone_stays_with_it(site: Server) -> None:
    options = {"signers[0][sms_phone_number]": "+4930777000111", "test_mode": "0"}
    sent = fresh(site, **options)
    jill = sent.signer
    jill.post("/access/text")
    text = next(mail["text"] for mail in reversed(site.mails()) if mail["to"] == "+4930777000111")
    code = next(word for word in text.split() if word.isdecimal() and len(word) == 6)
    jill.post("/access", {"method": "sms_code", "code": code})
    assert "Somebody else should sign this" not in jill.get().text
    assert jill.get("/reassign").headers["location"] == jill.base
    assert pass_on(jill, "ann@example.com").headers["location"] == jill.base
    delivered = fresh(site, **options, **{"signers[0][sms_phone_number_type]": "delivery"})
    pass_on(delivered.signer, fresh_address("ann"))
    told = delivered.json()["signatures"][0]
    assert (told["has_sms_delivery"], told["sms_phone_number"]) == (False, None)


def test_only_where_the_sender_allows_it(site: Server) -> None:
    jill = send(site, make_person(site, "Jack")).signer
    assert "Somebody else should sign this" not in jill.get().text
    assert jill.get("/reassign").headers["location"] == jill.base
    assert pass_on(jill, "ann@example.com").headers["location"] == jill.base
    assert "asks you" in jill.get().text


@pytest.mark.parametrize(
    ("name", "email", "reason", "field"),
    [
        ("", "ann@example.com", "x", "name"),
        (" \x07 ", "ann@example.com", "x", "name"),
        ("A" * 256, "ann@example.com", "x", "name"),
        ("Ann", "", "x", "email"),
        ("Ann", "ann@example", "x", "email"),
        ("Ann", "a@example.com, b@example.com", "x", "email"),
        ("Ann", "ann@example.com\r\nBcc: b@example.com", "x", "email"),
        ("Ann", "ann@example.com", "  ", "reason"),
        ("Ann", "ann@example.com", "x" * 1001, "reason"),
    ],
)
def test_a_wrong_entry_is_named(willing: Signer, name: str, email: str, reason: str, field: str) -> None:
    answer = pass_on(willing, email, name, reason)
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text


@pytest.fixture(scope="module")
def willing(site: Server) -> Signer:
    """A signer who may pass on; each test that uses it is refused."""
    return fresh(site, "Jill Signer", "Joe Signer").signer


def test_not_to_somebody_who_signs_already(site: Server) -> None:
    sent = fresh(site, "Jill Signer", "Joe Signer")
    for address in (sent.signers[1].email.upper(), sent.signers[0].email):
        answer = pass_on(sent.signer, address)
        assert (answer.status_code, "asked to sign this document already" in answer.text) == (400, True)


def test_not_after_signing_nor_out_of_turn(site: Server) -> None:
    sent = fresh(site, "Jill Signer", "Joe Signer", ordered=True)
    jill, joe = sent.signers
    jill.sign()
    assert pass_on(jill, "ann@example.com").headers["location"] == jill.base
    assert sent.status() == "signed"
    site.run_jobs()
    joe.find_link()
    other = fresh(site, "Jill Signer", "Joe Signer", ordered=True)
    other.sender.post(f"/v3/signature_request/cancel/{other.request_id}")
    assert pass_on(other.signer, "ann@example.com").headers["location"] == other.signer.base


def test_not_for_ever(site: Server) -> None:
    sent = fresh(site)
    holder = sent.signer
    for _ in range(MOST_REASSIGNMENTS):
        address = fresh_address("next")
        assert pass_on(holder, address).status_code == 200
        holder = successor(sent, address)
    answer = pass_on(holder, fresh_address("next"))
    assert (answer.status_code, "passed on many times" in answer.text) == (400, True)


def test_twenty_hand_overs_at_once_are_one(shared_server: Server) -> None:
    sent = fresh(shared_server)
    signers = [Signer(shared_server, "J", "j", shared_server.client(), sent.signer.base) for _ in range(20)]

    def act(place: int) -> bool:
        answer = pass_on(signers[place], f"ann{place}@example.com")
        assert answer.status_code in (200, 303, 404)
        return answer.status_code == 200

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(act, range(20))).count(True) == 1
    shared_server.run_jobs()
    told = [
        mail for mail in shared_server.mails() if mail["to"].startswith("ann") and mail["to"].endswith("@example.com")
    ]
    assert sent.json()["signatures"][0]["signer_email_address"] in {mail["to"] for mail in told}
