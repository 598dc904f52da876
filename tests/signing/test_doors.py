"""Codes before anything is shown: access codes, codes by text message, and every page behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from paraph.kit.db import ReadTx
from paraph.kit.http.endpoints import WebEndpoint, endpoints_in
from paraph.main import WEB
from paraph.signature_requests import chain_of, is_intact, load_for_signer
from paraph.signature_requests.access_models import signer_checks
from paraph.signature_requests.models import signature_requests, signatures
from paraph.signature_requests.send_code import CODE_SECONDS, CODES_AN_HOUR, PAUSE_SECONDS
from paraph.signature_requests.try_code import FIRST_LOCK_SECONDS, TRIES
from paraph.signing.doors import PROOF_SECONDS
from tests.harness import Server, running_server
from tests.helpers.accounts import fresh_address, log_in, mailed_link, make_person
from tests.helpers.receiver import receiving, replies
from tests.helpers.signing import EXAMPLE, Sent, Signer, send
from tests.signature_requests.test_events import heard, listen, types

PIN = "Ross-7531"
NUMBER = "+4930123450123"
TITLE = "The secret lease"
HOUR = 3600
OPEN = {("GET", "/sign/{token}/access"), ("POST", "/sign/{token}/access"), ("POST", "/sign/{token}/access/text")}
"""The door's own forms. Reporting a sender is open too, and shows nothing of the request (its own test)."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for what does not touch the database engine."""
    with running_server(tmp_path_factory.mktemp("site")) as running:
        yield running


def fresh(server: Server, *names: str, pin: str = PIN, number: str = "", use: str = "", **options: Any) -> Sent:
    asked = {"signers[0][pin]": pin, "signers[0][sms_phone_number]": number}
    if number:
        asked |= {"signers[0][sms_phone_number_type]": use or "authentication", "test_mode": "0"}
    return send(server, make_person(server, "Jack"), *names, title=TITLE, **asked, **options)


def facts(sent: Sent, *kinds: str) -> list[dict[str, Any]]:
    """The facts of these events of the chain, which is intact."""
    token = sent.signer.base.removeprefix("/sign/")

    def read(tx: ReadTx) -> list[dict[str, Any]]:
        chain = chain_of(tx, load_for_signer(tx, token, sent.server.kit).request.id)
        assert is_intact(chain)
        return [event.facts for event in chain if event.kind in kinds]

    return sent.server.read(read)


def enter(signer: Signer, code: str, method: str = "access_code") -> httpx.Response:
    return signer.post("/access", {"method": method, "code": code})


def texted_code(server: Server, number: str = NUMBER) -> str:
    """The newest code that this phone got."""
    words = [mail["text"] for mail in server.mails() if mail["to"] == number]
    found = re.search(r"\b(\d{6})\b", words[-1])
    assert found is not None
    return found.group(1)


# --- access codes -------------------------------------------------------------------------------------------------


def test_nothing_is_shown_before_the_code(site: Server) -> None:
    sent = fresh(site)
    page = sent.signer.get()
    assert page.status_code == 200
    assert "This document needs a code" in page.text
    assert "Jack" in page.text, "the person must know whom to ask for the code"
    for secret in (TITLE, "Jill Signer", "lease.pdf", "Thank you.", PIN):
        assert secret not in page.text
    assert sent.json()["signatures"][0]["has_pin"] is True
    assert PIN not in sent.sender.get(f"/v3/signature_request/{sent.request_id}").text


def test_the_right_code_opens_and_the_browser_keeps_a_proof(site: Server) -> None:
    sent = fresh(site)
    signer = sent.signer
    answer = enter(signer, f" {PIN} ")
    assert (answer.status_code, answer.headers["location"]) == (303, signer.base)
    cookie = answer.headers["set-cookie"]
    for part in (f"Path={signer.base}", "HttpOnly", "SameSite=Lax", f"Max-Age={PROOF_SECONDS}"):
        assert part in cookie
    assert TITLE in signer.get().text
    assert signer.view().status_code == 204
    picture = signer.get("/documents/0/pages/1.jpg")
    assert (picture.status_code, picture.headers["cache-control"]) == (200, "no-store")
    (event,) = facts(sent, "authenticated")
    assert (event["method"], event["target"], event["signature"]) == (
        "access_code",
        "",
        sent.json()["signatures"][0]["signature_id"],
    )


@pytest.mark.parametrize("asked", [{"pin": PIN}, {"pin": "", "number": NUMBER}], ids=["pin", "sms"])
def test_an_account_at_the_address_is_no_way_around(shared_server: Server, asked: dict[str, str]) -> None:
    """Whoever reads the mailbox can sign up with it: the code is there to stop just them."""
    thief = make_person(shared_server, "Jill Signer")
    listen(shared_server, thief)
    client = shared_server.api(thief.api_key)
    jack = make_person(shared_server, "Jack")
    people = {"signers[0][email_address]": thief.email, "signers[1][email_address]": fresh_address("open")}
    codes = {"signers[0][pin]": asked["pin"], "test_mode": "0"}
    codes |= {"signers[0][sms_phone_number]": asked["number"]} if "number" in asked else {}
    sent = send(shared_server, jack, "Jill", "Open", title=TITLE, prepare=False, **people, **codes)
    shared_server.run_jobs()
    paths = ("", "files/", "files_as_file_url/", "files_as_data_uri/", "final_copy/", "evidence/")
    for path in paths:
        answer = client.get(f"/v3/signature_request/{path}{sent.request_id}")
        assert (answer.status_code, TITLE in answer.text) == (404, False), path
    assert client.get("/v3/signature_request/list").json()["signature_requests"] == []
    browser = log_in(shared_server, thief)
    for path in ("", "/file", "/evidence"):
        assert browser.get(f"/requests/{sent.request_id}{path}").status_code == 404, path
    assert TITLE not in browser.get("/requests").text
    assert heard(shared_server, person=thief) == []
    assert sent.sender.get(f"/v3/signature_request/files/{sent.request_id}").status_code == 200


def test_who_signed_behind_the_door_sees_it_in_their_account(shared_server: Server) -> None:
    jill = make_person(shared_server, "Jill Signer")
    listen(shared_server, jill)
    where = {"signers[0][email_address]": jill.email}
    sent = send(shared_server, make_person(shared_server, "Jack"), prepare=False, **where, **{"signers[0][pin]": PIN})
    shared_server.run_jobs()
    signer = sent.signer
    signer.email = jill.email
    enter(signer.find_link(), PIN)
    signer.sign()
    shared_server.run_jobs()
    assert shared_server.api(jill.api_key).get(f"/v3/signature_request/{sent.request_id}").status_code == 200
    assert types(heard(shared_server, person=jill)) == ["signed", "all_signed", "downloadable"]
    link = mailed_link(shared_server, jill.email, "/")
    assert "/sign/" in link, "the copy too opens with the code"
    assert "/sign/" not in mailed_link(shared_server, sent.json()["requester_email_address"], "/")


def test_every_page_and_form_is_behind_the_door(shared_server: Server) -> None:
    """All routes of the signing room, whoever adds one; with the finished document there to be had."""
    sent = fresh(shared_server)
    enter(sent.signer, PIN)
    sent.signer.sign()
    shared_server.run_jobs()
    stranger = Signer(shared_server, "Eve", "eve@example.com", shared_server.client(), sent.signer.base)
    open_final = sent.signer.get("/final.pdf")
    assert open_final.status_code == 200
    walked = 0
    for endpoint in endpoints_in(WEB, WebEndpoint):
        if not endpoint.path.startswith("/sign/{token}") or (endpoint.method, endpoint.path) in OPEN:
            continue
        tail = re.sub(r"\{\w+\}", "0", endpoint.path.removeprefix("/sign/{token}"))
        answer = stranger.browser.request(
            endpoint.method, stranger.base + tail, data={"by": "script"} if endpoint.method == "POST" else None
        )
        walked += 1
        for secret in (TITLE, "Jill Signer", "lease.pdf"):
            assert secret not in answer.text, endpoint.path
        if tail not in ("/report", ""):
            assert answer.status_code == 403, f"{endpoint.method} {endpoint.path}"
            assert answer.headers["content-type"].startswith("text/html"), endpoint.path
    assert walked >= 15
    assert len(facts(sent, "downloaded")) == 1


def test_who_cannot_open_it_can_still_report_the_sender(site: Server) -> None:
    signer = fresh(site).signer
    assert "Report this sender" in signer.get().text
    page = signer.get("/report")
    assert (page.status_code, TITLE in page.text) == (200, False)
    assert signer.post("/report", {"reason": "I know nobody of this name."}).status_code == 200


def test_a_proof_is_good_for_one_link_and_for_some_hours(site: Server) -> None:
    sent, other = fresh(site), fresh(site)
    proof = enter(sent.signer, PIN).headers["set-cookie"].partition(";")[0].partition("=")[2]
    for forged in (proof, f"{proof}x", proof.replace(".", "", 1), "", "ä", "a.b"):
        answer = site.client().get(other.signer.base, headers={"cookie": f"paraph_door={forged}".encode()})
        assert TITLE not in answer.text
    assert TITLE in site.client(cookies={"paraph_door": proof}).get(sent.signer.base).text
    site.move(PROOF_SECONDS + 1)
    assert TITLE not in site.client(cookies={"paraph_door": proof}).get(sent.signer.base).text


def test_five_wrong_codes_shut_the_door_for_longer_each_time(site: Server) -> None:
    sent = fresh(site)
    signer = sent.signer
    for _ in range(TRIES - 1):
        answer = enter(signer, "0000")
        assert answer.status_code == 400
        assert "This code is not right" in answer.text
    assert enter(signer, "0000").headers["location"] == signer.base
    assert "Too many wrong codes" in signer.get().text
    assert enter(signer, PIN).headers["location"] == signer.base
    assert "Too many wrong codes" in signer.get().text, "the right code does not help while it is shut"
    told = [event["reason"] for event in facts(sent, "authentication_failed")]
    assert told == ["wrong"] * (TRIES - 1) + ["locked"]
    assert facts(sent, "authenticated") == []
    mails = [mail for mail in site.mails() if mail["subject"] == f"Wrong codes for {TITLE}"]
    assert mails
    site.move(FIRST_LOCK_SECONDS + 1)
    for _ in range(TRIES):
        enter(signer, "0000")
    site.move(FIRST_LOCK_SECONDS + 1)
    assert "Too many wrong codes" in signer.get().text, "the second time it takes twice as long"
    site.move(FIRST_LOCK_SECONDS)
    assert enter(signer, PIN).status_code == 303
    assert TITLE in signer.get().text


def test_twenty_wrong_codes_at_once_count_as_five(shared_server: Server) -> None:
    sent = fresh(shared_server)
    browsers = [shared_server.client() for _ in range(20)]

    def wrong(browser: httpx.Client) -> int:
        return browser.post(f"{sent.signer.base}/access", data={"method": "access_code", "code": "0000"}).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(wrong, browsers))
    assert set(statuses) <= {303, 400}
    assert statuses.count(400) == TRIES - 1
    assert [event["tries"] for event in facts(sent, "authentication_failed")] == [1, 2, 3, 4, 5]


def test_what_is_over_is_said_without_the_code_but_not_what_it_was(site: Server) -> None:
    sent = fresh(site)
    assert sent.sender.post(f"/v3/signature_request/cancel/{sent.request_id}").status_code == 200
    page = sent.signer.get().text
    assert "This request was cancelled" in page
    assert TITLE not in page
    assert sent.signer.get("/review").status_code == 403


def test_a_code_is_stored_as_a_keyed_hash_and_mentioned_in_the_mail(site: Server) -> None:
    sent = fresh(site)
    rows = site.read(
        lambda tx: tx.all(
            select(signatures, signature_requests.c.fingerprint).join(
                signature_requests, signature_requests.c.id == signatures.c.request_pk
            )
        )
    )
    assert all(PIN not in str(row) for row in rows)
    (mail,) = [mail for mail in site.mails() if mail["to"] == sent.signer.email]
    assert "opens with an access code" in mail["text"]
    assert PIN not in mail["text"]


def test_an_unknown_link_is_answered_as_ever(site: Server) -> None:
    base = fresh(site).signer.base
    wrong = base[:-1] + ("A" if base[-1] != "A" else "B")
    browser = site.client()
    assert browser.get(wrong).status_code == 404
    assert browser.post(f"{wrong}/access", data={"method": "access_code", "code": PIN}).status_code == 404
    assert browser.post(f"{wrong}/access/text").status_code == 404


# --- codes by text message ----------------------------------------------------------------------------------------


def test_a_code_by_text_message(site: Server) -> None:
    number = "+4930555000111"
    sent = fresh(site, pin="", number=number)
    signer = sent.signer
    page = signer.get().text
    assert "•••• 0111" in page
    assert number not in page
    assert not any(mail["to"] == number for mail in site.mails()), "looking sends nothing (T14)"
    assert signer.post("/access/text").status_code == 303
    assert "Enter the code from the text message" in signer.get().text
    code = texted_code(site, number)
    assert enter(signer, f"{code[:3]} {code[3:]}", "sms_code").status_code == 303
    assert TITLE in signer.get().text
    signer.sign()
    (left,), (passed,) = facts(sent, "code_sent"), facts(sent, "authenticated")
    assert left["target"] == passed["target"] == "•••• 0111"
    assert passed["method"] == "sms_code"
    told = sent.json()["signatures"][0]
    assert (told["has_sms_auth"], told["has_sms_delivery"], told["sms_phone_number"]) == (True, False, number)


def test_the_access_code_first_and_then_the_text_message(shared_server: Server) -> None:
    number = "+4930555000222"
    sent = fresh(shared_server, number=number)
    signer = sent.signer
    assert signer.post("/access/text").status_code == 303
    assert not any(mail["to"] == number for mail in shared_server.mails()), "nothing is sent before the first code"
    assert enter(signer, PIN).status_code == 303
    page = signer.get().text
    assert "First, a code for your phone" in page
    assert TITLE not in page
    signer.post("/access/text")
    assert enter(signer, texted_code(shared_server, number), "sms_code").status_code == 303
    assert TITLE in signer.get().text
    assert [event["method"] for event in facts(sent, "authenticated")] == ["access_code", "sms_code"]


def test_a_code_is_used_once_and_is_for_this_signing_alone(shared_server: Server) -> None:
    number = "+4930555000333"
    sent, other = (fresh(shared_server, pin="", number=number) for _ in range(2))
    sent.signer.post("/access/text")
    code = texted_code(shared_server, number)
    shared_server.move(PAUSE_SECONDS)
    other.signer.post("/access/text")
    assert enter(other.signer, code, "sms_code").status_code == 400
    browsers = [shared_server.client() for _ in range(20)]

    def right(browser: httpx.Client) -> bool:
        answer = browser.post(f"{sent.signer.base}/access", data={"method": "sms_code", "code": code})
        assert answer.status_code in (303, 400)
        return "paraph_door" in answer.headers.get("set-cookie", "")

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(right, browsers)).count(True) == 1
    assert len(facts(sent, "authenticated")) == 1


def test_a_code_that_ran_out_and_one_never_sent(site: Server) -> None:
    number = "+4930555000444"
    sent = fresh(site, pin="", number=number)
    never = enter(sent.signer, "000000", "sms_code")
    assert "no longer good" in never.text
    sent.signer.post("/access/text")
    site.move(CODE_SECONDS)
    late = enter(sent.signer, texted_code(site, number), "sms_code")
    assert (late.status_code, "no longer good" in late.text) == (400, True)
    assert [event["reason"] for event in facts(sent, "authentication_failed")] == ["expired"]


def test_new_codes_are_limited_and_do_not_bring_new_tries(site: Server) -> None:
    number = "+4930555000555"
    sent = fresh(site, pin="", number=number)
    signer = sent.signer
    signer.post("/access/text")
    again = signer.post("/access/text")
    assert (again.status_code, "a moment ago" in again.text) == (400, True)
    for _ in range(TRIES - 1):
        enter(signer, "x", "sms_code")
    site.move(PAUSE_SECONDS)
    signer.post("/access/text")
    enter(signer, "x", "sms_code")
    assert "Too many wrong codes" in signer.get().text
    assert signer.post("/access/text").headers["location"] == signer.base
    assert len(facts(sent, "code_sent")) == 2
    site.move(FIRST_LOCK_SECONDS)
    site.move(HOUR - site.clock.now() % HOUR)  # codes are counted by the hour of the clock
    for _ in range(CODES_AN_HOUR + 1):
        last = signer.post("/access/text")
        site.move(PAUSE_SECONDS)
    assert "Many codes were sent" in last.text


def test_codes_are_hashed_and_in_no_row_and_no_log(site: Server, caplog: pytest.LogCaptureFixture) -> None:
    number = "+4930555000666"
    sent = fresh(site, pin="", number=number)
    with caplog.at_level("DEBUG"):
        sent.signer.post("/access/text")
        code = texted_code(site, number)
        enter(sent.signer, code, "sms_code")
    assert code not in caplog.text
    rows = site.read(lambda tx: tx.all(select(signer_checks)))
    assert all(code not in str(row) for row in rows)


def test_the_link_by_text_message_too(site: Server) -> None:
    number = "+4930555000777"
    sent = fresh(site, pin="", number=number, use="delivery")
    (text,) = [mail["text"] for mail in site.mails() if mail["to"] == number]
    assert f"{site.url}{sent.signer.base}" in text
    assert TITLE in sent.signer.get().text, "no door: the number is for the link alone"
    (invited,) = facts(sent, "invited")
    assert invited["texted_to"] == "•••• 0777"
    told = sent.json()["signatures"][0]
    assert (told["has_sms_auth"], told["has_sms_delivery"]) == (False, True)


def test_without_a_gateway_a_public_server_says_so_and_sends_nothing(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", public_url="https://sign.example.com") as server:
        jack = make_person(server, "Jack")
        fields = {
            "signers[0][name]": "Jill",
            "signers[0][email_address]": fresh_address("jill"),
            "signers[0][sms_phone_number]": NUMBER,
        }
        client = server.api(jack.api_key)
        answer = client.post(
            "/v3/signature_request/send", data=fields, files=[("files[]", ("a.pdf", EXAMPLE.read_bytes()))]
        )
        assert answer.status_code == 400
        assert answer.json()["error"]["error_path"] == "signers[0].sms_phone_number"
        account = client.get("/v3/account").json()["account"]
        assert account["settings"] == {
            "signer_access_codes": True,
            "sms_delivery": False,
            "sms_authentication": False,
        }


def test_a_phone_that_no_message_reaches_is_told_to_the_sender(tmp_path: Path) -> None:
    with receiving() as gateway, running_server(tmp_path / "data", sms_url=gateway.url) as server:
        gateway.always = replies(400)
        sent = fresh(server, pin="", number=NUMBER)
        sent.signer.post("/access/text")
        server.run_jobs()
        (refused,) = facts(sent, "text_refused")
        assert (refused["what"], refused["target"], refused["reason"]) == (
            "code",
            "•••• 0123",
            "the gateway answered 400",
        )
        told = next(mail for mail in server.mails() if mail["subject"] == "No text message reaches Jill Signer")
        assert NUMBER not in told["text"]
