"""Text tags from the send to the sealed file: found, hidden, refused by name (documents.md, statement 23)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.documents.samples import pdf_bytes
from tests.documents.tagged import document, plain, shown
from tests.harness import Server
from tests.helpers.accounts import Person
from tests.helpers.filling import final_pdf, page_text, sign_form
from tests.helpers.requests import (
    Sent,
    accepted,
    get,
    load_signer,
    mails_to,
    post_send,
    send,
    signing_token,
    two_signers,
)
from tests.signature_requests.test_events import heard, listen, types

RULE = {
    "id": "r",
    "trigger_operator": "AND",
    "triggers": [{"id": "chk", "operator": "is", "value": "1"}],
    "actions": [{"field_id": "init_1", "hidden": True, "type": "change-field-visibility"}],
}


def page_with(*tags: str) -> bytes:
    """A page with these tags below each other."""
    lines = [shown(tag, 80, 700 - 60 * row) for row, tag in enumerate(tags)]
    return pdf_bytes(document("".join(lines)))


def sent_with(server: Server, person: Person, data: bytes, **how: Any) -> Sent:
    """Two signers, unless told otherwise; text tags are used."""
    asked: dict[str, Any] = {"use_text_tags": True, "signers": two_signers((None, None))} | how
    sent = accepted(post_send(server.api(person.api_key), files=[("a.pdf", data)], **asked))
    server.run_jobs()
    return sent


def test_tags_become_fields_and_vanish_from_the_page(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    sent = sent_with(server, alice, pdf_bytes(plain()), hide_text_tags=True, form_field_rules=[RULE])
    text = page_text(final_pdf(client, sent))
    assert "Clause 1" in text
    assert "signer1" not in text
    first, second = (one["signer_email_address"] for one in sent.json["signatures"])
    seen = load_signer(server, signing_token(server, first))
    assert [(one.kind, one.field.required) for one in seen.fields] == [
        ("signature", True),
        ("initials", True),
        ("checkbox", False),
    ]
    sign_form(server, sent, {"chk": True})  # the rule hides the initials
    sign_form(server, sent, {"name_1": "Ann Lee"}, place=1)
    told = {one["api_id"]: one for one in get(client, sent)["response_data"]}
    assert told["name_1"] == {
        "api_id": "name_1",
        "signature_id": sent.signature_id(1),
        "name": "Full name",
        "required": False,
        "type": "text",
        "value": "Ann Lee",
    }
    assert told["init_1"]["is_signed"] is False
    assert "Ann Lee" in page_text(final_pdf(client, sent))
    assert second != first


def test_tags_stay_text_unless_asked_for(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    sent = send(shared_lite, client, files=[("a.pdf", page_with("[sig|req|signer1]"))])
    seen = load_signer(shared_lite, signing_token(shared_lite, "jack@example.com"))
    assert [one.kind for one in seen.documents] == ["upload", "signature_page"]
    assert "[sig|req|signer1]" in page_text(final_pdf(client, sent))


def test_without_any_tag_the_signature_page_is_added(shared_lite: Server, anna: Person) -> None:
    sent_with(shared_lite, anna, page_with("[yes|no]"), signers=[{"name": "J", "email_address": "j1@example.com"}])
    seen = load_signer(shared_lite, signing_token(shared_lite, "j1@example.com"))
    assert [one.kind for one in seen.documents] == ["upload", "signature_page"]


def test_merge_tags_take_custom_fields(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    tags = ("[sig|req|signer1]", "[text-merge|req|sender|Price|p]", "[text-merge|noreq|signer1|Town|t]")
    custom = [{"name": "Price", "value": "4711 EUR"}, {"name": "t", "value": "Berlin"}]
    [person] = two_signers()[:1]
    sent = sent_with(shared_lite, anna, page_with(*tags), signers=[person], custom_fields=custom, hide_text_tags=True)
    assert "4711 EUR" in page_text(final_pdf(client, sent))
    sign_form(shared_lite, sent, {"t": "Köln"})
    assert "Köln" in page_text(final_pdf(client, sent))
    told = get(client, sent)
    assert [(one["name"], one["value"], one["editor"]) for one in told["custom_fields"]] == [
        ("Price", "4711 EUR", None),
        ("Town", "Köln", "0"),
    ]
    assert ("text-merge", "Köln") in [(one["type"], one["value"]) for one in told["response_data"]]


@pytest.mark.parametrize(
    ("tags", "more", "words"),
    [
        (("[sig|req|signer1]", "[sig|req|signer9]"), {}, "signer9"),
        (("[sig|req|signer1]",), {}, "Second"),  # the other signer has nothing to fill in
        (("[sig|req|signer1]", "[sig|req|signer2]"), {"form_field_rules": [RULE]}, "chk"),
        (("[text|req|signer1|a|same]", "[text|req|signer2|b|same]"), {}, "same"),
    ],
)
def test_a_wrong_tag_fails_the_request_and_says_which(
    shared_lite: Server, anna: Person, tags: tuple[str, ...], more: dict[str, Any], words: str
) -> None:
    listen(shared_lite, anna)
    sent = sent_with(shared_lite, anna, page_with(*tags), **more)
    told = get(shared_lite.api(anna.api_key), sent)
    assert told["has_error"]
    assert {one["status_code"] for one in told["signatures"]} == {"error_text_tag"}
    assert words in told["signatures"][0]["error"]
    assert words in mails_to(shared_lite, anna.email)[-1].text
    [event] = heard(shared_lite, person=anna)
    assert types([event]) == ["invalid"]
    assert words in event["event"]["event_metadata"]["event_message"]
    assert not mails_to(shared_lite, told["signatures"][0]["signer_email_address"])


def test_faults_of_tags_can_be_ignored(shared_lite: Server, anna: Person) -> None:
    data = page_with("[sig|req|signer1]", "[sig|req|signer2]", "[sig|req|signer9]")
    sent = sent_with(shared_lite, anna, data, ignore_text_tags_extraction_errors=True)
    assert {one["status_code"] for one in get(shared_lite.api(anna.api_key), sent)["signatures"]} == {
        "awaiting_signature"
    }


def test_a_pdf_by_another_name_gets_no_warning(shared_lite: Server, anna: Person) -> None:
    pdf = page_with("[sig|req|signer1]", "[sig|req|signer2]")
    answer = post_send(shared_lite.api(anna.api_key), files=[("tags.docx", pdf)], use_text_tags=True)
    assert not answer.json().get("warnings")
    shared_lite.run_jobs()


def test_tags_in_other_files_get_a_warning(shared_lite: Server, anna: Person) -> None:
    answer = post_send(shared_lite.api(anna.api_key), files=[("a.txt", b"[sig|req|signer1]")], use_text_tags=True)
    assert [one["warning_name"] for one in answer.json()["warnings"]] == ["non_pdf_text_tags"]
    shared_lite.run_jobs()
    sent = accepted(answer)
    assert get(shared_lite.api(anna.api_key), sent)["signatures"][0]["status_code"] == "awaiting_signature"
    seen = load_signer(shared_lite, signing_token(shared_lite, "jack@example.com"))
    assert [one.kind for one in seen.fields] == ["signature"]


def test_a_page_that_is_not_there_is_told_once_the_file_is_known(shared_lite: Server, anna: Person) -> None:
    """What comes as text is measured when it is prepared: status, mail and sentence, nobody is asked."""
    form = [{"document_index": 0, "api_id": "s", "type": "signature", "signer": 0, "page": 7}]
    form[0] |= {"x": 1, "y": 1, "width": 90, "height": 30, "required": True}
    answer = post_send(shared_lite.api(anna.api_key), files=[("a.txt", b"Hello")], form_fields_per_document=form)
    shared_lite.run_jobs()
    told = get(shared_lite.api(anna.api_key), accepted(answer))
    assert told["signatures"][0]["status_code"] == "error_component_position"
    assert "page 7" in told["signatures"][0]["error"]
    assert "page 7" in mails_to(shared_lite, anna.email)[-1].text
