"""The same form as clients put it on the wire that we cannot run, or that are older than the flat list of fields."""

from __future__ import annotations

import json
from typing import Any

from tests.wire.bodies import WireBody, curl_form

FIELD = {
    "api_id": "who",
    "type": "text",
    "x": 100,
    "y": 50,
    "width": 100,
    "height": 20,
    "page": 1,
    "required": 1,
    "signer": 0,
}
RADIOS = [
    FIELD | {"api_id": name, "type": "radio", "y": 100 + 40 * row, "group": "how", "is_checked": 0}
    for row, name in enumerate(("by_mail", "by_phone"))
]
SIGNATURE = FIELD | {"api_id": "sig", "type": "signature", "y": 200, "document_index": 1}
MERGE = FIELD | {"api_id": "price", "type": "text-merge", "name": "Price", "y": 300, "signer": "sender"}
FIRST, SECOND = [FIELD, *RADIOS, MERGE], [SIGNATURE]
GROUP = {"group_label": "How?", "requirement": "require_1"}
RULE = {
    "id": "r",
    "trigger_operator": "AND",
    "triggers": [{"id": "by_mail", "operator": "is", "value": "1"}],
    "actions": [{"field_id": "who", "hidden": 1, "type": "change-field-visibility"}],
}
EXPECTED = ["who", "by_mail", "by_phone", "price", "sig"]
PLAIN = [("title", "Form"), ("test_mode", "1"), ("signers[0][name]", "Jack")]


def form_bodies(pdf: bytes, address: str) -> list[WireBody]:
    """``POST /v3/signature_request/send`` of one form on two documents."""
    fixed = [*PLAIN, ("signers[0][email_address]", address)]
    flat = [{"document_index": 0} | one for one in FIRST] + SECOND
    lists = json.dumps([FIRST, [{key: value for key, value in SIGNATURE.items() if key != "document_index"}]])
    old = [
        ("form_fields_per_document", lists),
        ("form_field_groups", json.dumps({"how": GROUP})),
        ("form_field_rules", json.dumps([RULE])),
        ("custom_fields", json.dumps([{"name": "Price", "value": "4711"}])),
    ]
    brackets = [
        *_brackets("form_fields_per_document", flat),
        *_brackets("form_field_groups", [{"group_id": "how", **GROUP}]),
        *_brackets("form_field_rules", [RULE]),
        ("custom_fields[Price]", "4711"),
    ]
    nested = [
        *_brackets("form_fields_per_document", [FIRST, SECOND]),
        *_brackets("form_field_groups", {"how": GROUP}),
        *_brackets("form_field_rules", [RULE]),
        *_brackets("custom_fields", [{"name": "Price", "value": "4711"}]),
    ]
    return [
        curl_form([*fixed, *old], pdf, "file[0]", "file[1]", client="sdk 3 of 2020"),
        curl_form([*fixed, *brackets], pdf, "files[0]", "files[1]", client="curl, flat"),
        curl_form([*fixed, *nested], pdf, "files[0]", "files[1]", client="curl, lists of lists"),
    ]


def _brackets(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, one in value.items() for pair in _brackets(f"{name}[{key}]", one)]
    if isinstance(value, list):
        return [pair for place, one in enumerate(value) for pair in _brackets(f"{name}[{place}]", one)]
    return [(name, str(value))]
