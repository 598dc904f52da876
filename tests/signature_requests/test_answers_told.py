"""Who is told what signers filled in: answers, events and pages (T1, T34)."""

from __future__ import annotations

import pytest

from tests.harness import Server
from tests.helpers.accounts import Person, log_in, make_person
from tests.helpers.filling import field, sign_form
from tests.helpers.requests import Sent, get, send
from tests.signature_requests.test_events import heard, listen, types

FORM = [
    field("text", "name", name="Full name"),
    field("text", "iban", name="IBAN", masked=True),
    field("checkbox", "agree", name="I agree"),
    field("signature", "sig_1"),
    field("signature", "sig_2", signer=1),
]
ANSWERS = {"name": "Jack Lee", "iban": "DE02 1203", "agree": True}


@pytest.fixture
def bob(shared_server: Server) -> Person:
    """The second signer, who has an account."""
    return make_person(shared_server, "Bob")


def sent_to(server: Server, sender: Person, second: Person) -> Sent:
    signers = [
        {"name": "Jack", "email_address": f"jack-{second.pk}@example.com", "order": 0},
        {"name": "Bob", "email_address": second.email, "order": 1},
    ]
    return send(server, server.api(sender.api_key), signers=signers, form_fields_per_document=FORM)


def test_events_show_what_was_filled_in_then_and_masked_values_to_the_sender_alone(
    shared_server: Server, alice: Person, bob: Person
) -> None:
    for person in (alice, bob):
        listen(shared_server, person)
    sent = sent_to(shared_server, alice, bob)
    sign_form(shared_server, sent, ANSWERS)
    sign_form(shared_server, sent, place=1)
    told = [one for one in heard(shared_server, person=alice) if one["event"]["event_type"].endswith("_signed")]
    assert types(told) == ["signed", "signed", "all_signed"]
    ids = [[one["api_id"] for one in payload["signature_request"]["response_data"]] for payload in told]
    assert ids[0] == ["name", "iban", "agree", "sig_1"]
    assert ids[1] == ids[2] == [*ids[0], "sig_2"]
    assert told[0]["signature_request"]["response_data"][1]["value"] == "DE02 1203"
    unsigned = [one for one in heard(shared_server, person=alice) if types([one]) == ["sent"]]
    assert unsigned[0]["signature_request"]["response_data"] == []
    of_bob = [one for one in heard(shared_server, person=bob) if types([one]) == ["all_signed"]]
    assert of_bob[0]["signature_request"]["response_data"][0]["value"] == "Jack Lee"
    assert of_bob[0]["signature_request"]["response_data"][1]["value"] == "*" * 8
    assert "DE02" not in str(heard(shared_server, person=bob))


def test_answers_tell_masked_values_to_the_sender_alone(shared_server: Server, alice: Person, bob: Person) -> None:
    sent = sent_to(shared_server, alice, bob)
    sign_form(shared_server, sent, ANSWERS)
    clear = {one["api_id"]: one["value"] for one in get(shared_server.api(alice.api_key), sent)["response_data"]}
    masked = {one["api_id"]: one["value"] for one in get(shared_server.api(bob.api_key), sent)["response_data"]}
    assert (clear["iban"], masked["iban"]) == ("DE02 1203", "*" * 8)
    assert masked["name"] == "Jack Lee"


def test_nobody_but_the_sender_is_told_the_phone_of_another_signer(
    shared_server: Server, alice: Person, bob: Person
) -> None:
    number = "+4930123456789"
    listen(shared_server, bob)
    listen(shared_server, alice)
    jack = {"name": "Jack", "email_address": f"jack-{bob.pk}@example.com"}
    texted = jack | {"sms_phone_number": number, "sms_phone_number_type": "delivery"}
    people = [texted, {"name": "Bob", "email_address": bob.email}]
    sent = send(shared_server, shared_server.api(alice.api_key), signers=people, test_mode=False)
    clear, hidden = (get(shared_server.api(one.api_key), sent)["signatures"][0] for one in (alice, bob))
    assert (clear["sms_phone_number"], hidden["sms_phone_number"]) == (number, None)
    assert clear["has_sms_delivery"] is hidden["has_sms_delivery"] is True
    assert number in str(heard(shared_server, person=alice))
    assert heard(shared_server, person=bob)
    assert number not in str(heard(shared_server, person=bob))


def test_the_page_of_a_request_lists_values_for_its_sender(shared_server: Server, alice: Person, bob: Person) -> None:
    sent = sent_to(shared_server, alice, bob)
    sign_form(shared_server, sent, ANSWERS)
    page = log_in(shared_server, alice).get(f"/requests/{sent.id}").text
    assert "Full name" in page
    assert "Jack Lee" in page
    assert "<summary>Hidden in the document</summary>DE02 1203" in page
    foreign = log_in(shared_server, bob).get(f"/requests/{sent.id}").text
    assert "Filled in" not in foreign
    assert "DE02" not in foreign
