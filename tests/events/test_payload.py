"""The payload's exact shape, the published hash vectors, the enumeration."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from dropbox_sign import EventCallbackHelper, EventCallbackRequest
from dropbox_sign.models.event_callback_request_event import EventCallbackRequestEvent

from paraph.events import EVENT_TYPES, event_hash
from paraph.events.payload import multipart_body, render_payload, signature_header, signing_key

VECTOR_KEY = "324e3b0840f065eb51f3fd63231d0d33daa35d4ed10d27718839e81737065782"
VECTOR_TIME = "1348177752"


@pytest.mark.parametrize(
    ("event_type", "expected"),
    [
        ("signature_request_sent", "08d45a6b7677492b78be030cef18cfeaece8fe67e163cc8e526ee638ad483756"),
        ("unknown_error", "c574f5d3090c2936360b4e36cf6835cf3e2206b84fdc6347e6b28ca721ae1371"),
        ("account_confirmed", "6dc5b7aad93cf54915e0089d6c31d61b3833f66f51459171c69f8fa211308848"),
    ],
)
def test_the_vendors_published_vectors(event_type: str, expected: str) -> None:
    assert event_hash(VECTOR_KEY, VECTOR_TIME, event_type) == expected


def rendered(event_type: str = "signature_request_signed", *, app: bool = True, **body: object) -> bytes:
    return render_payload(
        event_type=event_type,
        event_time=1348177752,
        hash_key=VECTOR_KEY,
        event_metadata={
            "related_signature_id": "ad" * 16,
            "reported_for_account_id": "63" * 20,
            "reported_for_app_id": "c1" * 16 if app else None,
            "event_message": None,
        },
        envelope={"account_guid": "63" * 20, "client_id": "c1" * 16 if app else None},
        body=body,
    )


def test_the_shape_is_the_vendors() -> None:
    assert json.loads(rendered(signature_request={"title": "T"})) == {
        "event": {
            "event_time": "1348177752",
            "event_type": "signature_request_signed",
            "event_hash": event_hash(VECTOR_KEY, VECTOR_TIME, "signature_request_signed"),
            "event_metadata": {
                "related_signature_id": "ad" * 16,
                "reported_for_account_id": "63" * 20,
                "reported_for_app_id": "c1" * 16,
                "event_message": None,
            },
        },
        "account_guid": "63" * 20,
        "client_id": "c1" * 16,
        "signature_request": {"title": "T"},
    }


def test_what_the_announcing_room_says_wins_and_what_is_missing_is_left_out() -> None:
    whole = json.loads(rendered(app=False, account_guid="99" * 20))
    assert whole["account_guid"] == "99" * 20
    assert "client_id" not in whole


def test_the_json_is_ascii_whatever_the_text() -> None:
    payload = rendered(signature_request={"title": "Žluťoučký 契約 🖋", "odd": "\u2028</script>"})
    assert payload.isascii()
    assert json.loads(payload)["signature_request"]["title"] == "Žluťoučký 契約 🖋"


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
@pytest.mark.parametrize("app", [True, False])
def test_the_official_sdk_reads_every_type_and_accepts_the_hash(event_type: str, app: bool) -> None:
    parsed = EventCallbackRequest.init(json.loads(rendered(event_type, app=app)))
    assert EventCallbackHelper.is_valid(VECTOR_KEY, parsed)
    assert not EventCallbackHelper.is_valid("0" * 64, parsed)
    assert EventCallbackHelper.get_callback_type(parsed) == ("app_callback" if app else "account_callback")


def test_the_types_are_those_of_the_official_sdk_without_fax() -> None:
    with pytest.raises(ValueError, match="must be one of enum values") as refusal:
        EventCallbackRequestEvent.event_type_validate_enum("no_such_type")
    known = set(re.findall(r"'(\w+)'", str(refusal.value)))
    assert {name for name in known if not name.startswith("fax_")} == EVENT_TYPES
    assert len(EVENT_TYPES) == 23


def test_the_multipart_body_byte_for_byte() -> None:
    content_type, body = multipart_body(b'{"a":1}', "ab" * 16)
    boundary = "paraph-" + "ab" * 16
    assert content_type == f"multipart/form-data; boundary={boundary}"
    assert body == (
        f'--{boundary}\r\nContent-Disposition: form-data; name="json"\r\n\r\n{{"a":1}}\r\n--{boundary}--\r\n'.encode()
    )


def test_the_signature_covers_time_delivery_and_every_byte() -> None:
    key = signing_key(VECTOR_KEY)
    assert VECTOR_KEY.encode() not in key
    first = signature_header(key, now=1, delivery_id="d", payload=b"{}")
    others = [
        signature_header(key, now=2, delivery_id="d", payload=b"{}"),
        signature_header(key, now=1, delivery_id="e", payload=b"{}"),
        signature_header(key, now=1, delivery_id="d", payload=b"{ }"),
        signature_header(signing_key("other"), now=1, delivery_id="d", payload=b"{}"),
    ]
    macs = {header.rpartition("v1=")[2] for header in (first, *others)}
    assert len(macs) == 5
    assert first == "t=1,id=d,v1=" + documented_mac()


def documented_mac() -> str:
    text = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
    block = text.partition("```yaml vector")[2].partition("```")[0]
    return str(yaml.safe_load(block)["v1"])
