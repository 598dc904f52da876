"""Forms at the send: what is refused, what is warned of, and the two ways to write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness import Server
from tests.helpers.accounts import Person
from tests.helpers.filling import field
from tests.helpers.requests import accepted, error_of, load_signer, post_send, signing_token, two_signers


@pytest.mark.parametrize(
    ("how", "path"),
    [
        ({"form_fields_per_document": [field("signature", page=9)]}, "form_fields_per_document[0]"),
        ({"form_fields_per_document": [field("signature", x=700)]}, "form_fields_per_document[0]"),
        ({"form_fields_per_document": [field("signature", x=2**31)]}, "form_fields_per_document[0].x"),
        ({"form_fields_per_document": '[{"x": NaN}]'}, "form_fields_per_document"),
        (
            {"form_fields_per_document": [field("signature", "a"), field("text", "a")]},
            "form_fields_per_document[1].api_id",
        ),
        ({"form_fields_per_document": [field("signature", signer=1)]}, "form_fields_per_document[0].signer"),
        (
            {"form_fields_per_document": [field("signature", document_index=1)]},
            "form_fields_per_document[0].document_index",
        ),
        (
            {"form_fields_per_document": [[], [field("signature", document_index=None)]]},
            "form_fields_per_document[1][0].document_index",
        ),
        ({"form_fields_per_document": [field("dropdown", options=[])]}, "form_fields_per_document[0].options"),
        (
            {"form_fields_per_document": [field("hyperlink", content_url="javascript:x")]},
            "form_fields_per_document[0].content_url",
        ),
        ({"form_fields_per_document": [field("signature")], "signers": two_signers()}, "form_fields_per_document"),
        ({"custom_fields": [{"name": "a", "required": True}]}, "custom_fields[0].editor"),
    ],
)
def test_refusals_name_the_place(shared_lite: Server, anna: Person, how: dict[str, Any], path: str) -> None:
    answer = post_send(shared_lite.api(anna.api_key), **how)
    assert answer.status_code == 400, answer.text
    assert error_of(answer)["error_path"] == path
    listed = shared_lite.api(anna.api_key).get("/v3/signature_request/list").json()
    assert listed["signature_requests"] == [], "nothing was sent"


def test_warnings_tell_what_is_odd(shared_lite: Server, anna: Person) -> None:
    form = [
        field("signature", "a", x=500, y=100, width=200, height=30),
        field("text", "b", x=510, y=105, width=40, height=30),
        field("text-merge", "c", signer="sender", y=400, width=20),
    ]
    custom = [{"name": "C", "value": "x"}, {"name": "c", "value": "much longer than its field"}]
    answer = post_send(
        shared_lite.api(anna.api_key), form_fields_per_document=form, custom_fields=custom, hide_text_tags=True
    )
    assert answer.status_code == 200
    assert [one["warning_name"] for one in answer.json()["warnings"]] == [
        "form_fields_placement",
        "form_fields_overlap",
        "parameter_ignored",
        "parameter_ignored",
        "custom_field_value_too_long",
    ]


@pytest.mark.parametrize(
    "form",
    [
        [[field("signature", document_index=None, api_id="flat")]],
        json.dumps([[field("signature", api_id="flat")]]),
        json.dumps([field("signature", api_id="flat", signer="0")]),
    ],
)
def test_old_and_new_forms_mean_the_same(shared_lite: Server, anna: Person, form: Any) -> None:
    [person] = two_signers()[:1]
    accepted(post_send(shared_lite.api(anna.api_key), signers=[person], form_fields_per_document=form))
    shared_lite.run_jobs()
    seen = load_signer(shared_lite, signing_token(shared_lite, person["email_address"]))
    assert [(one.api_id, one.page, one.x) for one in seen.fields] == [("flat", 1, 60.0)]
