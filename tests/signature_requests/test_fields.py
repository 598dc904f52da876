"""Fields from the send to the sealed file: placed, filled in, stamped, told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from paraph.documents import PlainText, Tick
from paraph.fields import Value
from paraph.signature_requests import AnswersRefused, AuditEvent, chain_of, lock_for_signer, record_signed
from paraph.signature_requests.models import request_fields
from paraph.signature_requests.queries import find_request
from tests.harness import START, Server
from tests.helpers.accounts import Person, fresh_address
from tests.helpers.filling import field, fill_form, final_pdf, page_text, sign_form
from tests.helpers.requests import (
    BROWSER,
    Sent,
    agree,
    get,
    load_signer,
    send,
    sign,
    signing_token,
    two_signers,
    view,
)

TODAY = datetime.fromtimestamp(START, UTC)
EVERY_KIND = [
    field("text", "full_name", name="Full name"),
    field("checkbox", "agree", name="I agree"),
    field("radio", "by_mail", group="how", required=False),
    field("radio", "by_phone", group="how", required=False),
    field("dropdown", "colour"),
    field("hyperlink", "terms"),
    field("signature", "sig"),
    field("initials", "ini"),
    field("date_signed", "day"),
    field("text-merge", "price", name="Price", signer="sender"),
    field("checkbox-merge", "paid", name="Paid", signer="sender"),
    field("text", "clerk", signer="me_now", content="Clerk 42"),
    field("text-merge", "town", name="Town"),
]
HOW = [{"group_id": "how", "group_label": "How do we reach you?", "requirement": "require_1"}]
CUSTOM = [
    {"name": "Price", "value": "4711 EUR"},
    {"name": "paid", "value": "true"},
    {"name": "Town", "value": "Berlin", "editor": "Jack"},
]
ANSWERS: dict[str, Value] = {
    "full_name": "Jack Example",
    "agree": True,
    "by_phone": True,
    "colour": "green",
    "town": "Köln",
}


def chain(server: Server, sent: Sent) -> tuple[AuditEvent, ...]:
    """The audit chain of a request."""
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    return server.read(lambda tx: chain_of(tx, request.id))


def problems_of(server: Server, token: str, values: dict[str, Any], **how: Any) -> list[tuple[str, str]]:
    """What the signer has to mend."""
    with pytest.raises(AnswersRefused) as caught:
        sign(server, token, fill_form(values, **how))
    return [(problem.api_id, problem.code) for problem in caught.value.problems]


def test_every_kind_from_the_send_to_the_sealed_file(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    sent = send(
        server,
        client,
        form_fields_per_document=EVERY_KIND,
        form_field_groups=HOW,
        custom_fields=CUSTOM,
        field_options={"date_format": "DD - MM - YYYY"},
    )
    before = final_pdf(client, sent)
    assert "4711 EUR" in page_text(before)  # what the sender gave is in the file that is signed
    assert "Clerk 42" in page_text(before)
    assert "our terms" in page_text(before)
    assert "Berlin" not in page_text(before)  # its signer may still change this one
    assert get(client, sent)["response_data"] == []
    sign_form(server, sent, ANSWERS, has_initials=True)
    told = get(client, sent)
    assert told["is_complete"]
    day = TODAY.strftime("%d - %m - %Y")
    assert {one["api_id"]: one["value"] for one in told["response_data"]} == ANSWERS | {
        "by_mail": False,
        "sig": None,
        "ini": None,
        "day": day,
    }
    assert [one["api_id"] for one in told["response_data"]] == [
        one["api_id"] for one in EVERY_KIND if one["api_id"] not in ("terms", "price", "paid", "clerk")
    ]
    by_id = {one["api_id"]: one for one in told["response_data"]}
    assert by_id["sig"]["is_signed"] is by_id["ini"]["is_signed"] is True
    assert by_id["full_name"] == {
        "api_id": "full_name",
        "signature_id": sent.signature_id(0),
        "name": "Full name",
        "required": True,
        "type": "text",
        "value": "Jack Example",
    }
    assert [(one["name"], one["type"], one["value"], one["editor"]) for one in told["custom_fields"]] == [
        ("Price", "text", "4711 EUR", None),
        ("Paid", "checkbox", True, None),
        ("Town", "text", "Köln", "Jack"),
    ]
    sealed = page_text(final_pdf(client, sent))
    for text in ("Jack Example", "green", "Köln", "JE", day, "4711 EUR", "Clerk 42"):
        assert text in sealed
    listed = client.get("/v3/signature_request/list").json()["signature_requests"]
    assert listed[0]["response_data"] == told["response_data"]


def test_what_the_signer_emptied_is_told_as_empty(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    form = [field("text-merge", "town", name="Town", required=False), field("signature", "sig")]
    custom = [{"name": "Town", "value": "Berlin", "editor": "Jack"}]
    sent = send(shared_lite, client, form_fields_per_document=form, custom_fields=custom)
    assert [one["value"] for one in get(client, sent)["custom_fields"]] == ["Berlin"]
    sign_form(shared_lite, sent, {"town": ""})
    told = get(client, sent)
    assert [one["value"] for one in told["custom_fields"]] == [None]
    assert [one["value"] for one in told["response_data"] if one["api_id"] == "town"] == [None]


def test_no_signature_page_is_added_to_documents_with_fields(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    sent = send(shared_lite, client, form_fields_per_document=[field("signature")])
    token = signing_token(shared_lite, "jack@example.com")
    assert [document.kind for document in load_signer(shared_lite, token).documents] == ["upload"]
    assert get(client, sent)["has_error"] is False


def test_only_what_the_sender_gave_leaves_signing_to_the_signature_page(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    merged = [field("text-merge", "price", signer="sender")]
    sent = send(
        shared_lite, client, form_fields_per_document=merged, custom_fields=[{"name": "price", "value": "12 EUR"}]
    )
    seen = load_signer(shared_lite, signing_token(shared_lite, "jack@example.com"))
    assert [document.kind for document in seen.documents] == ["upload", "signature_page"]
    assert [one.kind for one in seen.fields] == ["signature", "date_signed"]
    assert "12 EUR" in page_text(final_pdf(client, sent))


def test_what_must_be_mended_is_named_and_nothing_is_stored(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    form = [
        field("signature", "sig"),
        field("text", "number", validation_type="numbers_only"),
        field("text", "code", validation_type="custom_regex", validation_custom_regex="^[A-Z]{3}$"),
        field("dropdown", "colour"),
        field("radio", "one", group="g"),
        field("radio", "two", group="g"),
        field("checkbox", "agree"),
    ]
    group = [{"group_id": "g", "group_label": "Which?", "requirement": "require_1"}]
    [person] = two_signers()[:1]
    sent = send(server, client, signers=[person], form_fields_per_document=form, form_field_groups=group)
    token = signing_token(server, person["email_address"])
    wrong = {"number": "twelve", "code": "ab", "colour": "blue", "agree": "yes"}
    assert problems_of(server, token, wrong) == [
        ("number", "invalid"),
        ("code", "invalid"),
        ("colour", "not_an_option"),
        ("one", "choose_one"),
        ("agree", "tick_required"),
    ]
    assert get(client, sent)["response_data"] == []
    sign(server, token, fill_form({"number": "12", "code": "ABC", "colour": "red", "two": True, "agree": True}))
    values = {one["api_id"]: one["value"] for one in get(client, sent)["response_data"]}
    assert values == {
        "sig": None,
        "number": "12",
        "code": "ABC",
        "colour": "red",
        "one": False,
        "two": True,
        "agree": True,
    }


def test_rules_hold_on_the_write_whatever_the_page_says(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    form = [
        field("signature", "sig"),
        field("checkbox", "married", required=False),
        field("text", "spouse", name="Spouse"),
        field("date_signed", "day"),
    ]
    rule = {
        "id": "r1",
        "trigger_operator": "AND",
        "triggers": [{"id": "married", "operator": "is", "value": "1"}],
        "actions": [{"field_id": "spouse", "hidden": False, "type": "change-field-visibility"}],
    }
    people = two_signers()
    alone, couple = (
        send(server, client, signers=[person], form_fields_per_document=form, form_field_rules=[rule])
        for person in people
    )
    sign_form(server, alone, {"spouse": "Nobody may slip this in"})
    assert {one["api_id"]: one["value"] for one in get(client, alone)["response_data"]}["spouse"] is None
    signed = next(event for event in chain(server, alone) if event.kind == "signed")
    assert signed.facts["hidden"] == ["spouse"]
    assert [one["field"] for one in signed.facts["fields"]] == ["sig", "married", "day"]
    assert "slip" not in page_text(final_pdf(client, alone))
    token = signing_token(server, people[1]["email_address"])
    assert problems_of(server, token, {"married": True}) == [("spouse", "required")]
    sign_form(server, couple, {"married": True, "spouse": "Kim"})
    assert "Kim" in page_text(final_pdf(client, couple))


def test_a_later_signer_sees_what_the_earlier_ones_filled_in(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    people = two_signers()
    form = [
        field("signature", "sig_1"),
        field("text", "iban", masked=True, name="IBAN"),
        field("checkbox", "agree", required=False),
        field("signature", "sig_2", signer=1),
    ]
    sent = send(server, client, signers=people, form_fields_per_document=form)
    sign_form(server, sent, {"iban": "DE02 1203 0000", "agree": True})
    seen = load_signer(server, signing_token(server, people[1]["email_address"]))
    given = {one.api_id: one.content for one in seen.given}
    assert set(given) == {"sig_1", "iban", "agree"}
    assert isinstance(given["iban"], PlainText)
    assert given["iban"].text == "*" * 8
    assert given["agree"] == Tick(True, framed=True)
    assert [one.api_id for one in seen.form.fields] == ["sig_2"]
    told = {one["api_id"]: one for one in get(client, sent)["response_data"]}
    assert (told["iban"]["value"], told["iban"]["masked"]) == ("DE02 1203 0000", True)
    sign_form(server, sent, place=1)
    sealed = page_text(final_pdf(client, sent))
    assert "DE02" not in sealed
    assert "*" * 8 in sealed


def test_who_sign_at_the_same_moment_all_find_their_values_in_the_file(shared_server: Server, alice: Person) -> None:
    """T17."""
    server, client = shared_server, shared_server.api(alice.api_key)
    people = [{"name": f"Person {n}", "email_address": fresh_address(f"p{n}")} for n in range(6)]
    form = [
        one
        for n in range(6)
        for one in (field("text", f"text_{n}", signer=n), field("signature", f"sig_{n}", signer=n))
    ]
    sent = send(server, client, signers=people, form_fields_per_document=form)
    tokens = [signing_token(server, person["email_address"]) for person in people]
    for token in tokens:
        view(server, token)
        agree(server, token)

    def finish(n: int) -> None:
        filled = fill_form({f"text_{n}": f"value number {n}"})
        server.write(
            lambda tx: record_signed(tx, lock_for_signer(tx, tokens[n], server.kit), filled, BROWSER, server.kit)
        )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(finish, range(6)))
    server.run_jobs()
    told = get(client, sent)
    assert told["is_complete"]
    values = [one["value"] for one in told["response_data"] if one["type"] == "text"]
    assert values == [f"value number {n}" for n in range(6)]
    sealed = page_text(final_pdf(client, sent))
    assert all(value in sealed for value in values)


def test_a_signer_without_a_signature_field_signs_by_filling_in(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    sent = send(shared_lite, client, form_fields_per_document=[field("text", "name")])
    token = signing_token(shared_lite, "jack@example.com")
    filled = fill_form({"name": "Jack"})
    view(shared_lite, token)
    agree(shared_lite, token)
    sign(shared_lite, token, type(filled)(None, "Agree and finish", "en", "", values={"name": "Jack"}))
    assert get(client, sent)["is_complete"]


def test_requests_of_the_first_release_can_still_be_signed(shared_lite: Server, anna: Person) -> None:
    """Their fields have no definition: a signature and a date for each signer."""
    client = shared_lite.api(anna.api_key)
    [person] = two_signers()[:1]
    sent = send(shared_lite, client, signers=[person])
    shared_lite.write(lambda tx: tx.execute(update(request_fields).values(definition=None)))
    token = signing_token(shared_lite, person["email_address"])
    assert [(one.kind, one.field.required) for one in load_signer(shared_lite, token).fields] == [
        ("signature", True),
        ("date_signed", False),
    ]
    sign(shared_lite, token)
    assert {one["type"]: one.get("is_signed") for one in get(client, sent)["response_data"]} == {
        "signature": True,
        "date_signed": None,
    }
