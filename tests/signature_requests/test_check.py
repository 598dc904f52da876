"""What may be sent, clause by clause; pure."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from paraph import documents, fields
from paraph.kit.errors import BadRequest
from paraph.kit.wire import FilePart, decode
from paraph.signature_requests.check import asks_for_something, check_send
from paraph.signature_requests.wire import SendBody

NOW = 1_790_000_000
DAY = 86_400
FILE = FilePart("files[0]", "a.pdf", "application/pdf", size=1, sha256="00" * 32, held=b"x")


def plan(**more: Any) -> Any:
    body = {"files": [FILE], "signers": [{"name": "Jack", "email_address": "jack@example.com"}]} | more
    return check_send(decode(body, SendBody), NOW)


def path_of(**fields: Any) -> str | None:
    with pytest.raises(BadRequest) as caught:
        plan(**fields)
    return caught.value.path


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("files", {"files": None}),
        ("file_urls", {"file_urls": ["https://example.com/a.pdf"]}),
        ("signers", {"signers": None}),
        ("signers", {"signers": []}),
        ("signers[0].email_address", {"signers": [{"name": "Jack"}]}),
        ("signers[0].email_address", {"signers": [{"name": "Jack", "email_address": "jack"}]}),
        ("signers[0].name", {"signers": [{"email_address": "jack@example.com"}]}),
        ("signers[0].name", {"signers": [{"name": "\u202e \t", "email_address": "jack@example.com"}]}),
        ("signers[1].email_address", {"signers": [{"name": "J", "email_address": "j@example.com"}] * 2}),
        ("signers[0].order", {"signers": [{"name": "J", "email_address": "j@example.com", "order": -1}]}),
        ("title", {"title": "x" * 256}),
        ("subject", {"subject": "x" * 256}),
        ("message", {"message": "x" * 5001}),
        ("cc_email_addresses[1]", {"cc_email_addresses": ["a@example.com", "b"]}),
        ("metadata", {"metadata": {str(n): 1 for n in range(11)}}),
        ("metadata", {"metadata": {"a": {str(n): 1 for n in range(50)}}}),
        ("metadata", {"metadata": {"k" * 41: 1}}),
        ("metadata.a", {"metadata": {"a": "x" * 1001}}),
        ("metadata.a.b[0]", {"metadata": {"a": {"b": ["x" * 1001]}}}),
        ("signing_options.default_type", {"signing_options": {"draw": True}}),
        ("signing_options.default_type", {"signing_options": {"draw": True, "default_type": "type"}}),
        ("field_options.date_format", {"field_options": {"date_format": "YY"}}),
        ("signing_redirect_url", {"signing_redirect_url": "javascript:alert(1)"}),
        ("signing_redirect_url", {"signing_redirect_url": "/local"}),
        ("signing_redirect_url", {"signing_redirect_url": "https://[::1"}),
        ("expires_at", {"expires_at": NOW + DAY - 1}),
        ("expires_at", {"expires_at": NOW + 90 * DAY + 1}),
        ("expires_at", {"expires_at": NOW - DAY}),
        ("form_fields_per_document[0].document_index", {"form_fields_per_document": [{"api_id": "x"}]}),
        ("form_fields_per_document[0].document_index", {"form_fields_per_document": '[{"api_id":"x"}]'}),
        ("use_text_tags", {"use_text_tags": "perhaps"}),
        ("grouped_signers", {"grouped_signers": [{"group": "G"}]}),
        ("custom_fields[0].name", {"custom_fields": [{"value": "b"}]}),
        ("is_eid", {"is_eid": "true"}),
        ("is_qualified_signature", {"is_qualified_signature": True}),
        (
            "signing_options.force_advanced_signature_details",
            {"signing_options": {"draw": True, "default_type": "draw", "force_advanced_signature_details": True}},
        ),
    ],
)
def test_a_wrong_parameter_is_named(path: str, fields: dict[str, Any]) -> None:
    assert path_of(**fields) == path


def test_defaults_that_sdks_send_are_no_request_for_anything() -> None:
    nothing = {
        "allow_reassign": False,
        "hide_text_tags": "false",
        "use_text_tags": "0",
        "is_eid": False,
        "is_qualified_signature": "false",
        "form_fields_per_document": "[]",
        "form_field_groups": [],
        "custom_fields": "null",
        "attachments": "[]",
        "grouped_signers": "",
        "signing_options": "null",
        "ignore_text_tags_extraction_errors": False,
        "signer_experience": {"form_view": "disabled"},
    }
    assert plan(**nothing).signers[0].name == "Jack"


@pytest.mark.parametrize("nothing", [None, "", "0", "False", "null", [], {}, "[]", "{}", "[[], null]", 0, False])
def test_nothing_asks_for_nothing(nothing: Any) -> None:
    assert not asks_for_something(nothing)


@pytest.mark.parametrize("something", ["1", "true", "[1]", "{broken", {"a": None}, [0, 1], 1, True])
def test_something_asks_for_something(something: Any) -> None:
    assert asks_for_something(something)


def test_expiry_is_rounded_down_to_the_hour() -> None:
    wanted = NOW + 7 * DAY + 1234
    assert plan(expires_at=wanted).expires_at == wanted - wanted % 3600


def test_orders_are_normalised() -> None:
    people = [
        {"name": "A", "email_address": "a@example.com", "order": 7},
        {"name": "B", "email_address": "b@example.com", "order": 3},
        {"name": "C", "email_address": "c@example.com", "order": "7"},
    ]
    made = plan(signers=people)
    assert [signer.turn for signer in made.signers] == [1, 0, 1]
    assert made.is_ordered


def test_texts_that_play_tricks_are_straightened() -> None:
    made = plan(
        title="Pay\u202efdp.\r\n exe\u200b", signers=[{"name": " Zo\u00eb\n", "email_address": "z@example.com"}]
    )
    assert made.title == "Payfdp. exe"
    assert made.signers[0].name == "Zoë"


def test_both_rooms_know_the_same_families_of_letters() -> None:
    """Neither may import the other; here is where both are seen."""
    assert get_args(documents.FontFamily) == get_args(fields.FontFamily)
