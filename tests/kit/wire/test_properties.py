"""The same request from every encoding; and whatever arrives, nothing but a named failure comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from paraph.kit.errors import ParaphError
from paraph.kit.wire import InvalidRequest, decode, encode, error_body, tree_from_query
from tests.kit.wire.clients import CAPTURES, FORM, JSON, MULTIPART, capture, flat, multipart, read, read_as
from tests.kit.wire.shapes import AppUpdate, Send, SendWithTemplate

EXAMPLES = settings(max_examples=60, deadline=None)

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TEXT = st.text(CHARACTERS, min_size=1, max_size=20) | st.sampled_from(
    ["[1]", "{}", "null", "true", "1", " ", '"', "é&=+%"]
)
KEY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\x00[]"\r\n%\\'), min_size=1, max_size=8)
EMAIL = st.sampled_from(["a@example.com", "b.c+d@sub.example.org", "jörg@exämple.de"])
WHOLE = st.integers(-(2**63), 2**63 - 1)
NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=32)


def members(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


SIGNER = members(
    {"name": TEXT, "email_address": EMAIL}, {"order": WHOLE, "pin": st.text("0123456789", min_size=4, max_size=12)}
)
FIELD = members(
    {
        "document_index": st.integers(0, 9),
        "api_id": TEXT,
        "type": TEXT,
        "x": NUMBER,
        "y": NUMBER,
        "required": st.booleans(),
        "signer": TEXT,
    },
    {"page": st.integers(1, 99)},
)
OPTIONS = members(
    {"default_type": st.sampled_from(["draw", "phone", "type", "upload"])},
    {"draw": st.booleans(), "type": st.booleans()},
)
REQUEST = members(
    {
        "signers": st.lists(SIGNER, min_size=1, max_size=3),
        "file_urls": st.lists(TEXT, min_size=2, max_size=3),
        "title": TEXT,
        "test_mode": st.booleans(),
    },
    {
        "message": TEXT,
        "allow_decline": st.booleans(),
        "expires_at": WHOLE,
        "cc_email_addresses": st.lists(EMAIL, min_size=1, max_size=3),
        "metadata": st.dictionaries(KEY, TEXT, min_size=1, max_size=4),
        "signing_options": OPTIONS,
        "form_fields_per_document": st.lists(FIELD, min_size=1, max_size=2),
        "custom_fields": st.lists(
            members({"name": TEXT}, {"value": TEXT, "required": st.booleans()}), min_size=1, max_size=2
        ),
    },
)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | NUMBER | TEXT | st.just(""),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEY | st.sampled_from(["name", "role", "0"]), inner, max_size=3)
    ),
    max_leaves=12,
)


def as_text(value: Any) -> str:
    """A value as the text of a form part: JSON unless it is text already."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def brackets(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """A value as bracketed pairs, booleans as 1 and 0 as in the old documentation."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from brackets(member, f"{name}[{key}]")
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from brackets(entry, f"{name}[{index + 1}]")
    elif isinstance(value, bool):
        yield name, "1" if value else "0"
    else:
        yield name, as_text(value)


def bracket_pairs(request: dict[str, Any]) -> list[tuple[str, str]]:
    return [pair for name, value in request.items() for pair in brackets(value, name)]


def form_part(name: str, text: str) -> tuple[str, str]:
    return f'name="{name}"', text


def every_encoding(request: dict[str, Any]) -> dict[str, tuple[str, bytes]]:
    pairs = bracket_pairs(request)
    in_text = {name: as_text(value) for name, value in request.items()}
    return {
        "json": (JSON, json.dumps(request, ensure_ascii=False).encode()),
        "ascii json": (JSON, json.dumps(request).encode()),
        "json in strings": (JSON, json.dumps(in_text).encode()),
        "json in parts": (MULTIPART, multipart(*[form_part(*pair) for pair in in_text.items()])),
        "json in a form": (FORM, urlencode(in_text).encode()),
        "brackets in parts": (MULTIPART, multipart(*[form_part(*pair) for pair in pairs])),
        "brackets in parts, backwards": (MULTIPART, multipart(*[form_part(*pair) for pair in reversed(pairs)])),
        "brackets in a form": (FORM, urlencode(pairs).encode()),
    }


@EXAMPLES
@given(REQUEST, st.sampled_from([1, 3, 17, 65_536]))
def test_the_same_request_from_every_encoding(request: dict[str, Any], size: int) -> None:
    expected = decode(request, Send)
    assert expected.title == request["title"]
    assert expected.file_urls == request["file_urls"]
    assert [signer.name for signer in expected.signers] == [signer["name"] for signer in request["signers"]]
    for how, (content_type, data) in every_encoding(request).items():
        assert read_as(Send, content_type, data, size=size) == expected, how


@EXAMPLES
@given(st.dictionaries(KEY, JSON_VALUES, max_size=3))
def test_metadata_of_any_shape_is_kept_and_can_be_sent_back(metadata: dict[str, Any]) -> None:
    request = {
        "signers": [{"name": "J", "email_address": "a@example.com"}],
        "file_urls": ["u", "v"],
        "metadata": metadata,
    }
    for content_type, data in (
        (JSON, json.dumps(request).encode()),
        (MULTIPART, multipart(*[form_part(name, as_text(value)) for name, value in request.items()])),
    ):
        kept = read_as(Send, content_type, data).metadata
        assert kept == metadata
        assert msgspec.json.decode(msgspec.json.encode(kept)) == metadata


def sayable(error: ParaphError) -> None:
    """Every failure is the client's, and can be written as an answer."""
    assert error.status in (400, 413)
    assert encode(error_body(error))


def survives(content_type: str, data: bytes) -> None:
    """Decodes or fails with a name; anything else would be an answer 500."""
    for into in (Send, SendWithTemplate, AppUpdate):
        try:
            read_as(into, content_type, data)
        except ParaphError as error:
            sayable(error)
    with suppress(InvalidRequest):
        flat(content_type, data)


CONTENT_TYPES = st.sampled_from(
    [JSON, FORM, MULTIPART, "", "text/plain", "multipart/form-data; boundary=a"]
) | st.text(st.characters(max_codepoint=255), max_size=40).map(lambda rest: "multipart/form-data; boundary=" + rest)


@EXAMPLES
@given(CONTENT_TYPES, st.binary(max_size=200))
def test_random_bytes(content_type: str, data: bytes) -> None:
    survives(content_type, data)


NAMES = st.sampled_from([*Send.__struct_encode_fields__, "file", "oauth", "domain", "template_id", "ccs"])
SHAPES = st.sampled_from(
    ["", "[]", "[0]", "[1]", "[x]", "[0][name]", "[][name]", "[x][y]", "[0][0]", "[", "]", "[[]]"]
)
SCRAPS = TEXT | st.sampled_from(
    ["[", "{", "[{}]", '{"0":1}', "[[]]", "[null]", '{"a":{}}', "1e999", "9" * 40, "-1", "nan"]
)


@EXAMPLES
@given(st.lists(st.tuples(st.builds(str.__add__, NAMES, SHAPES), SCRAPS), max_size=6))
def test_hostile_forms(pairs: list[tuple[str, str]]) -> None:
    survives(FORM, urlencode(pairs).encode())
    parts = [
        (f'name="{name}"; filename="x"' if index % 3 == 0 else f'name="{name}"', text)
        for index, (name, text) in enumerate(pairs)
    ]
    survives(MULTIPART, multipart(*parts))


@EXAMPLES
@given(st.dictionaries(NAMES, JSON_VALUES | SCRAPS, max_size=5))
def test_hostile_json(tree: dict[str, Any]) -> None:
    survives(JSON, json.dumps(tree).encode())


@EXAMPLES
@given(st.sampled_from(sorted(p.name for p in CAPTURES.iterdir() if not p.name.startswith("."))), st.data())
def test_damaged_captures(name: str, data: st.DataObject) -> None:
    content_type, body = capture(name)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 40)))
    survives(content_type, body[:start] + data.draw(st.binary(max_size=8)) + body[end:])


@EXAMPLES
@given(st.binary(max_size=100))
def test_random_queries(query: bytes) -> None:
    try:
        tree_from_query(query)
    except ParaphError as error:
        sayable(error)


@EXAMPLES
@given(st.text(max_size=30))
def test_a_tree_is_only_read_with_text_that_can_be_stored(text: str) -> None:
    try:
        body = read(JSON, json.dumps({"a": text}).encode())
    except ParaphError:
        assert "\x00" in text or any(0xD800 <= ord(char) < 0xE000 for char in text)
    else:
        assert body.tree == {"a": text}
