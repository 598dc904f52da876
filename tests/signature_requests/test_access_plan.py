"""What a sender may ask of signers beside the signature, clause by clause; pure."""

from __future__ import annotations

from typing import Any

import pytest

from paraph.kit.errors import BadRequest
from paraph.kit.wire import FilePart, decode
from paraph.signature_requests.check import SendPlan, check_send
from paraph.signature_requests.wire import SendBody

FILE = FilePart("files[0]", "a.pdf", "application/pdf", size=1, sha256="00" * 32, held=b"x")
JACK = {"name": "Jack", "email_address": "jack@example.com"}
PHONE = "+4930123456"


def plan(signer: dict[str, Any] | None = None, **fields: Any) -> SendPlan:
    body = {"files": [FILE], "signers": [JACK | (signer or {})]} | fields
    return check_send(decode(body, SendBody), 1_790_000_000)


@pytest.mark.parametrize(
    ("path", "signer", "fields"),
    [
        ("signers[0].pin", {"pin": "123"}, {}),
        ("signers[0].pin", {"pin": " 123 "}, {}),
        ("signers[0].pin", {"pin": "1234567890123"}, {}),
        ("signers[0].pin", {"pin": "12\x0734"}, {}),
        ("signers[0].pin", {"pin": 123}, {}),
        ("signers[0].sms_phone_number", {"sms_phone_number": "030123456"}, {}),
        ("signers[0].sms_phone_number", {"sms_phone_number": "+0123456789"}, {}),
        ("signers[0].sms_phone_number", {"sms_phone_number": "+49 30 123456"}, {}),
        ("signers[0].sms_phone_number", {"sms_phone_number": "+1234567890123456"}, {}),
        ("signers[0].sms_phone_number", {"sms_phone_number": "+\u0664\u0669\u0663\u0660\u0661\u0662\u0663"}, {}),
        ("signers[0].sms_phone_number", {"sms_phone_number": PHONE}, {"test_mode": True}),
        ("signers[0].sms_phone_number_type", {"sms_phone_number": PHONE, "sms_phone_number_type": "call"}, {}),
        ("attachments[0].name", {}, {"attachments": [{"signer_index": 0}]}),
        ("attachments[0].name", {}, {"attachments": [{"signer_index": 0, "name": " \u200b"}]}),
        ("attachments[0].signer_index", {}, {"attachments": [{"name": "Passport"}]}),
        ("attachments[1].signer_index", {}, {"attachments": [{"name": "A", "signer_index": n} for n in (0, 1)]}),
        ("attachments[0].signer_index", {}, {"attachments": [{"name": "A", "signer_index": -1}]}),
        ("attachments[0].required", {}, {"attachments": [{"name": "A", "signer_index": 0, "required": "perhaps"}]}),
        ("attachments", {}, {"attachments": [{"name": "A", "signer_index": 0}] * 51}),
        ("allow_reassign", {}, {"allow_reassign": "perhaps"}),
    ],
)
def test_a_wrong_parameter_is_named(path: str, signer: dict[str, Any], fields: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as caught:
        plan(signer, **fields)
    assert caught.value.path == path


@pytest.mark.parametrize("pin", ["1234", "abcDEF-12345", "pässé", 123456])
def test_access_codes_that_are_taken(pin: str | int) -> None:
    assert plan({"pin": pin}).signers[0].access.pin == str(pin)


def test_an_empty_code_or_number_is_none() -> None:
    access = plan({"pin": "", "sms_phone_number": "", "sms_phone_number_type": "delivery"}).signers[0].access
    assert (access.pin, access.phone_number, access.phone_use) == (None, None, None)


def test_a_code_is_in_no_repr() -> None:
    made = plan({"pin": "7531-secret"})
    assert "7531-secret" not in repr(made)


def test_a_number_is_for_authentication_unless_it_is_said_otherwise() -> None:
    assert plan({"sms_phone_number": PHONE}).signers[0].access.phone_use == "authentication"
    made = plan({"sms_phone_number": PHONE, "sms_phone_number_type": "delivery"}).signers[0].access
    assert (made.phone_number, made.phone_use) == (PHONE, "delivery")


def test_who_is_checked_by_phone_cannot_reassign() -> None:
    made = plan({"sms_phone_number": PHONE}, allow_reassign=True)
    assert [notice.warning_name for notice in made.notices] == ["reassign_unsupported"]
    assert plan({"pin": "1234"}, allow_reassign=True).notices == ()


def test_attachments_as_json_text_and_with_defaults() -> None:
    made = plan(attachments='[{"name": "ID \\u202e card", "signer_index": "0"}]').attachments
    assert [(one.name, one.signer, one.is_required, one.instructions) for one in made] == [
        ("ID card", 0, False, None)
    ]


def test_a_phone_is_a_way_of_its_own() -> None:
    only = plan(signing_options={"phone": True, "default_type": "phone"}).signing_options
    assert (only.allowed, only.default) == (("phone",), "phone")
    both = plan(signing_options={"draw": 1, "phone": "1", "default_type": "draw"}).signing_options
    assert (both.allowed, both.default) == (("draw", "phone"), "draw")
