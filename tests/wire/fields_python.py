"""Fields through the official Python SDK: run as a program, by either generation of the SDK.

    python fields_python.py PHASE STATE_FILE

``send`` places a field of every type, groups, rules and pre-filled data, and sends text tags; ``read``
takes what was filled in out of the strict models.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dropbox_sign import ApiClient, Configuration, api, models

STATE = Path(sys.argv[2])
known = json.loads(STATE.read_text())


def requests() -> api.SignatureRequestApi:
    configuration = Configuration(host=known["url"] + "/v3", username=known["api_key"])
    return api.SignatureRequestApi(ApiClient(configuration))


def placed(kind: str, api_id: str, row: int, **more: object):
    """A field of this type; the models know which parameters go with it."""
    cls = getattr(
        models, "SubFormFieldsPerDocument" + "".join(word.title() for word in kind.replace("_", "-").split("-"))
    )
    fixed = {"document_index": 0, "page": 1, "x": 60, "y": 30 * row, "width": 150, "height": 24}
    return cls(**({"api_id": api_id, "type": kind, "name": api_id, "required": True, "signer": "0"} | fixed | more))


def send() -> None:
    fields = [
        placed("text", "full_name", 1, validation_type="letters_only", font_family="georgia", font_size=11),
        placed("checkbox", "has_pet", 2, is_checked=False, required=False, width=20),
        placed("text", "pet", 3),
        placed("radio", "by_mail", 4, is_checked=False, group="how", width=20),
        placed("radio", "by_phone", 5, is_checked=False, group="how", width=20),
        placed("dropdown", "colour", 6, options=["red", "green"], content="red"),
        placed("hyperlink", "terms", 7, content="terms", content_url="https://example.com/terms"),
        placed("signature", "sig", 8),
        placed("initials", "ini", 9),
        placed("date_signed", "day", 10),
        placed("text-merge", "price", 11, signer="sender"),
        placed("checkbox-merge", "paid", 12, signer="sender", width=20),
    ]
    groups = [models.SubFormFieldGroup(group_id="how", group_label="How?", requirement="require_1")]
    trigger = models.SubFormFieldRuleTrigger(id="has_pet", operator="is", value="1")
    action = models.SubFormFieldRuleAction(field_id="pet", hidden=False, type="change-field-visibility")
    rules = [models.SubFormFieldRule(id="r", trigger_operator="AND", triggers=[trigger], actions=[action])]
    with Path(known["document"]).open("rb") as file:
        sent = requests().signature_request_send(
            models.SignatureRequestSendRequest(
                title="Every field",
                signers=[models.SubSignatureRequestSigner(name="Jack", email_address=known["jack"])],
                files=[file],
                form_fields_per_document=fields,
                form_field_groups=groups,
                form_field_rules=rules,
                custom_fields=[
                    models.SubCustomField(name="price", value="$20,000"),
                    models.SubCustomField(name="paid", value="true"),
                ],
                field_options=models.SubFieldOptions(date_format="YYYY - MM - DD"),
                test_mode=True,
            )
        )
    assert not sent.warnings, sent.warnings
    known["every"] = sent.signature_request.signature_request_id
    with Path(known["tagged"]).open("rb") as file:
        tagged = requests().signature_request_send(
            models.SignatureRequestSendRequest(
                title="Text tags",
                signers=[models.SubSignatureRequestSigner(name="Jill", email_address=known["jill"])],
                files=[file],
                use_text_tags=True,
                hide_text_tags=True,
                custom_fields=[models.SubCustomField(name="town", value="Berlin")],
                test_mode=True,
            )
        )
    known["tags"] = tagged.signature_request.signature_request_id
    STATE.write_text(json.dumps(known))


def read() -> None:
    every = requests().signature_request_get(known["every"]).signature_request
    assert every.is_complete, every.signatures
    data = {one.api_id: one for one in every.response_data}
    assert list(data) == [
        "full_name", "has_pet", "pet", "by_mail", "by_phone", "colour", "sig", "ini", "day"
    ], list(data)  # fmt: skip
    values = {api_id: one.value for api_id, one in data.items() if api_id not in ("sig", "ini", "day")}
    assert values == {
        "full_name": "Jack Lee",
        "has_pet": True,
        "pet": "a cat",
        "by_mail": False,
        "by_phone": True,
        "colour": "green",
    }, values
    assert data["sig"].is_signed is True and data["ini"].is_signed is True
    assert data["day"].value == known["day"] and type(data["day"]).__name__.endswith("DateSigned")
    assert {one.signature_id for one in every.response_data} == {every.signatures[0].signature_id}
    customs = {one.name: one for one in every.custom_fields}
    assert (customs["price"].value, customs["price"].type, customs["price"].editor) == ("$20,000", "text", None)
    assert (customs["paid"].value, customs["paid"].type) == (True, "checkbox")
    listed = requests().signature_request_list(page=1, page_size=20, query="title:Text")
    [tags] = [one for one in listed.signature_requests if one.signature_request_id == known["tags"]]
    assert {one.api_id: one.value for one in tags.response_data if one.type == "text"} == {"name_1": "Jill Lee"}
    assert [(one.name, one.value) for one in tags.custom_fields] == [("town", "Berlin")]


PHASES = {phase.__name__: phase for phase in (send, read)}
PHASES[sys.argv[1]]()
