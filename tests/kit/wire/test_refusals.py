"""What is wrong is named: a sentence a person can act on, the client's own path, the vendor's error name."""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
import pytest

from paraph.kit.errors import ParaphError
from paraph.kit.wire import Limits, decode, error_body
from tests.kit.wire.clients import BOUNDARY, FORM, JSON, MULTIPART, multipart, read, read_as
from tests.kit.wire.shapes import AppUpdate, Send, SendWithTemplate

SIGNER = {"name": "Jill", "email_address": "jill@example.com"}
GOOD: dict[str, Any] = {"signers": [SIGNER], "file_urls": ["https://e.com/a.pdf"]}


def refused(content_type: str | None, data: bytes, into: type = Send, **more: Any) -> ParaphError:
    with pytest.raises(ParaphError) as caught:
        decode(read(content_type, data, **more).tree, into)
    assert caught.value.name == "bad_request"
    return caught.value


def refused_json(into: type = Send, **members: Any) -> tuple[str | None, str]:
    error = refused(JSON, msgspec.json.encode(GOOD | members if into is Send else members), into)
    assert error.status == 400
    return error.path, error.message


@pytest.mark.parametrize(
    ("members", "path", "message"),
    [
        ({"signers": None}, "signers", "No signers given"),
        ({"signers": []}, "signers", "No signers given"),
        ({"signers": ""}, "signers", "No signers given"),
        ({"file_urls": []}, "files", "Must specify file(s) to be sent."),
        (
            {"signers": [SIGNER, {"name": "x"}]},
            "signers[1].email_address",
            "Must specify an email_address for each signer",
        ),
        ({"signers": [{"email_address": "a@b.co"}]}, "signers[0].name", "signers[0].name is required."),
        (
            {"signers": [{"name": "x", "email_address": "nope"}]},
            "signers[0].email_address",
            "email_address not valid: nope",
        ),
        (
            {"signers": [SIGNER | {"pin": "123"}]},
            "signers[0].pin",
            "signers[0].pin must be at least 4 characters long; it has 3.",
        ),
        ({"signers": [SIGNER | {"order": "first"}]}, "signers[0].order", "signers[0].order must be a whole number."),
        ({"signers": [SIGNER | {"order": 1.5}]}, "signers[0].order", "signers[0].order must be a whole number."),
        ({"signers": [SIGNER | {"order": True}]}, "signers[0].order", "signers[0].order must be a whole number."),
        ({"signers": [SIGNER | {"order": "9" * 25}]}, "signers[0].order", "signers[0].order is too large a number."),
        ({"signers": {"Client": SIGNER}}, "signers", "signers must be a list."),
        ({"signers": "Jill"}, "signers", "signers must be a list."),
        ({"signers": ["Jill"]}, "signers[0]", "signers[0] must be an object with named members."),
        ({"signers": "[{]"}, "signers", "signers is not valid JSON."),
        ({"signers": [SIGNER] * 21}, "signers", "signers must have at most 20 entries, not 21."),
        ({"cc_email_addresses": ["a@b.co", "x@"]}, "cc_email_addresses[1]", "cc_email_addresses[1] not valid: x@"),
        ({"cc_email_addresses": ["a@nodot"]}, "cc_email_addresses[0]", "cc_email_addresses[0] not valid: a@nodot"),
        ({"title": "x" * 256}, "title", "title must be at most 255 characters long; it has 256."),
        ({"title": ["x"]}, "title", "title must be text."),
        ({"title": True}, "title", "title must be text."),
        ({"test_mode": "yes"}, "test_mode", "test_mode must be true or false (1 or 0)."),
        ({"test_mode": 2}, "test_mode", "test_mode must be true or false (1 or 0)."),
        ({"test_mode": [1]}, "test_mode", "test_mode must be true or false (1 or 0)."),
        ({"metadata": "x"}, "metadata", "metadata must be an object with named members."),
        ({"metadata": [1]}, "metadata", "metadata must be an object with named members."),
        ({"metadata": {str(i): 1 for i in range(51)}}, "metadata", "metadata must have at most 50 entries, not 51."),
        (
            {"signing_options": {"draw": True}},
            "signing_options.default_type",
            "signing_options.default_type is required.",
        ),
        (
            {"signing_options": {"default": "paint"}},
            "signing_options.default",
            "signing_options.default must be one of draw, phone, type or upload.",
        ),
        (
            {"files": ["x"]},
            "files[0]",
            "files[0] must be an uploaded file: send multipart/form-data, with a file name on this part.",
        ),
        (
            {"form_fields_per_document": [{"document_index": 0, "api_id": "a", "type": "t", "x": "1e999", "y": 1}]},
            "form_fields_per_document[0].x",
            "form_fields_per_document[0].x must be a number.",
        ),
        (
            {
                "form_fields_per_document": [
                    {"document_index": 0, "api_id": "a", "type": "t", "x": 1, "y": 1, "required": 1, "signer": [0]}
                ]
            },
            "form_fields_per_document[0].signer",
            "form_fields_per_document[0].signer must be a number or text.",
        ),
    ],
)
def test_value(members: dict[str, Any], path: str, message: str) -> None:
    assert refused_json(**members) == (path, message)


@pytest.mark.parametrize(
    ("members", "path", "message"),
    [
        ({"charges": -1}, "charges", "charges must be at least 0."),
        ({"charges": "100"}, "charges", "charges must be less than 100."),
        ({"charges": "NaN"}, "charges", "charges must be a number."),
        ({"charges": "Infinity"}, "charges", "charges must be a number."),
    ],
)
def test_range(members: dict[str, Any], path: str, message: str) -> None:
    assert refused_json(AppUpdate, **members) == (path, message)


def test_the_path_uses_the_clients_numbers_and_names() -> None:
    text = b"signers[3][name]=A&signers[3][email_address]=a@b.co&signers[7][name]=B&file_url[0]=x"
    assert refused(FORM, text).path == "signers[7].email_address"
    roles = b"template_id=t&signers[Client][name]=A"
    assert refused(FORM, roles, SendWithTemplate).path == "signers[Client].email_address"


def test_only_one_of_two() -> None:
    body = multipart(
        ('name="signers"', msgspec.json.encode([SIGNER])),
        ('name="file_urls[0]"', "https://e.com/a.pdf"),
        ('name="files[0]"; filename="a.pdf"', "x"),
    )
    error = refused(MULTIPART, body)
    assert (error.path, error.message) == ("files", "Give only one of files or file_urls.")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "The request body is not valid JSON."),
        (b"nope", "The request body is not valid JSON."),
        (b'{"title": NaN}', "The request body is not valid JSON."),
        (b'{"title": Infinity}', "The request body is not valid JSON."),
        (b'{"title": 1e999}', "The request body is not valid JSON."),
        (b'{"title": "\\ud800"}', "The request body is not valid JSON."),
        (b'{"title": "\\ud800 and more text"}', "The request body is not valid JSON."),
        (b'{"title": "\xff"}', "The request body is not valid JSON."),
        (b'{"title": "\xed\xa0\x80"}', "The request body is not valid JSON."),
        (b'{"title": "a\\u0000b"}', "The request body contains a NUL character, which is not allowed."),
        (b'{"metadata": {"a\\u0000b": 1}}', "The request body contains a NUL character, which is not allowed."),
        (
            b'{"metadata": {"n": 123456789012345678901234567890}}',
            "The request body contains a whole number that is too large.",
        ),
        (b'{"metadata": {"n": 9223372036854775808}}', "The request body contains a whole number that is too large."),
        (b"[1]", 'The request body must be a JSON object, such as {"title": "NDA"}.'),
        (b"7", 'The request body must be a JSON object, such as {"title": "NDA"}.'),
        (gzip.compress(b"{}", mtime=0), "The request body is not valid JSON."),
    ],
)
def test_json_text(data: bytes, message: str) -> None:
    error = refused(JSON, data)
    assert (error.status, error.message) == (400, message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"title=%FF", "The form is not valid UTF-8 text."),
        (b"title=%ED%A0%80", "The form is not valid UTF-8 text."),
        (b"\xff=1", "The form is not valid UTF-8 text."),
        (b"title=a%00b", "title contains a NUL character, which is not allowed."),
        (b"ti%00tle=a", "The form contains a NUL character, which is not allowed."),
        (b"signers[0=a", "The parameter name “signers[0” is not of the form name[0][key]."),
        (b"signers]0[=a", "The parameter name “signers]0[” is not of the form name[0][key]."),
        (b"[0]=a", "The parameter name “[0]” is not of the form name[0][key]."),
        (
            b"signers=[]&signers[0][name]=a",
            "signers is given twice: once as a whole and once with brackets. Send one of them.",
        ),
        (b"signers[]=a&signers[x]=b", "signers mixes names and list places in its brackets. Use one."),
    ],
)
def test_form_text(data: bytes, message: str) -> None:
    error = refused(FORM, data)
    assert (error.status, error.message) == (400, message)


def test_unknown_content_type() -> None:
    error = refused("text/xml", b"<a/>")
    assert "text/xml is not supported" in error.message


@pytest.mark.parametrize(
    ("content_type", "data", "message"),
    [
        ("multipart/form-data", b"x", "The Content-Type multipart/form-data needs a boundary parameter."),
        (
            'multipart/form-data; boundary=""',
            b"x",
            "The Content-Type multipart/form-data needs a boundary parameter.",
        ),
        (
            "multipart/form-data; boundary=" + "b" * 300,
            b"x",
            "The Content-Type multipart/form-data needs a boundary parameter.",
        ),
        (MULTIPART, b"hello", "The multipart body ends before its closing boundary."),
        (MULTIPART, multipart(('name="a"', "b"))[:-6], "The multipart body ends before its closing boundary."),
        (MULTIPART, multipart(("x=y", "b")), "A part of the request has no name."),
        (MULTIPART, multipart(('name=""', "b")), "A part of the request has no name."),
        (MULTIPART, multipart(('name="a\x00b"', "b")), "The form contains a NUL character, which is not allowed."),
        (
            MULTIPART,
            multipart(('name="title"', b"\xff")),
            "title is not UTF-8 text. If it is a file, send its file name too.",
        ),
        (
            MULTIPART,
            multipart(('name="title"\r\nContent-Type: text/plain; charset=utf-7', "x")),
            "title uses the charset utf-7; send UTF-8.",
        ),
        (
            MULTIPART,
            multipart(('name="files[0]"; filename="a.pdf"\r\nContent-Transfer-Encoding: base64', "eA==")),
            "files[0] uses Content-Transfer-Encoding base64; send the bytes as they are.",
        ),
        (
            MULTIPART,
            multipart(('name="title"\r\nContent-Length: 7', "x")),
            "The multipart body is malformed: Segment size does not match Content-Length header.",
        ),
        (
            MULTIPART,
            f"--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n--{BOUNDARY}--".encode(),
            "The multipart body is malformed: Missing Content-Disposition segment header.",
        ),
    ],
)
def test_multipart_text(content_type: str, data: bytes, message: str) -> None:
    error = refused(content_type, data)
    assert (error.status, error.message) == (400, message)


def test_one_place_for_a_file_takes_one_file() -> None:
    twice = ('name="custom_logo_file"; filename="a.png"', "x")
    error = refused(MULTIPART, multipart(twice, twice), AppUpdate)
    assert error.path == "custom_logo_file"
    place = ('name="files[0]"; filename="a.pdf"', "x")
    error = refused(MULTIPART, multipart(('name="signers"', msgspec.json.encode([SIGNER])), place, place))
    assert (error.path, error.message) == (
        "files[0]",
        "files[0] was uploaded more than once; only one file goes here.",
    )


@pytest.mark.parametrize(
    "name", ["title", "test_mode", "expires_at", "signers", "metadata", "metadata[a]", "file_urls"]
)
def test_a_file_where_a_value_belongs(name: str) -> None:
    body = multipart(('name="signers[0][name]"', "x"), (f'name="{name}"; filename="x.txt"', "x"))
    assert refused(MULTIPART, body).status == 400


SMALL = Limits(
    body_bytes=4096, text_bytes=1024, text_part_bytes=512, parts=5, pairs=5, depth=4, key_chars=40, values=50
)


@pytest.mark.parametrize(
    ("content_type", "data", "message"),
    [
        (
            JSON,
            b'{"a": "' + b"x" * 1024 + b'"}',
            "The request body is larger than 1 KB. Upload files as multipart/form-data.",
        ),
        (FORM, b"a=" + b"x" * 1024, "The request body is larger than 1 KB. Upload files as multipart/form-data."),
        (JSON, b"x" * 5000, "The request body is larger than the limit of 4 KB."),
        (
            MULTIPART,
            multipart(('name="f"; filename="f"', "x" * 5000)),
            "The request body is larger than the limit of 4 KB.",
        ),
        (
            MULTIPART,
            multipart(('name="t"', "x" * 600)),
            "t is larger than 512 bytes. Upload files with a file name on their part.",
        ),
        (MULTIPART, multipart(*[('name="t"', "x" * 400)] * 3), "The text of the request is larger than 1 KB."),
        (MULTIPART, multipart(*[('name="t"', "x")] * 6), "The request has more than 5 parts."),
        (MULTIPART, multipart(*[('name="t"; filename=""', "")] * 6), "The request has more than 5 parts."),
        (FORM, b"&".join([b"a=1"] * 6), "The form has more than 5 parameters."),
        (FORM, b"&" * 6, "The form has more than 5 parameters."),
        (FORM, b"a[b][c][d][e]=1", "A parameter name is nested more than 4 levels deep."),
        (FORM, b"a" * 41 + b"=1", "The form has a parameter name longer than 40 characters."),
        (MULTIPART, multipart((f'name="{"a" * 41}"', "x")), "The name of a part is longer than 40 characters."),
        (JSON, b'{"a":[[[[[1]]]]]}', "The request body is nested more than 4 levels deep."),
        (JSON, b'{"a":' + b"[" * 400 + b"]" * 400 + b"}", "The request body is nested more than 4 levels deep."),
        (JSON, b'{"a":' + b"[" * 900, "The request body is not valid JSON."),
        (JSON, b'{"' + b"a" * 41 + b'":1}', "The request body has a parameter name longer than 40 characters."),
        (JSON, b'{"a":[' + b"1," * 60 + b"1]}", "The request body holds more than 50 values."),
    ],
)
def test_limits_are_named(content_type: str, data: bytes, message: str) -> None:
    error = refused(content_type, data, limits=SMALL)
    assert error.message == message
    assert error.status == (400 if "valid JSON" in message else 413)


def test_default_limits_hold_hostile_shapes() -> None:
    deep = refused(JSON, b'{"title":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert deep.message == "The request body is nested more than 32 levels deep."
    in_text = refused(JSON, msgspec.json.encode(GOOD | {"metadata": '{"a":' + "[" * 5000 + "]" * 5000 + "}"}))
    assert (in_text.path, in_text.status) == ("metadata", 413)
    brackets = refused(FORM, b"a" + b"[x]" * 5000 + b"=1")
    assert brackets.status == 413
    parts = refused(MULTIPART, multipart(*[('name="a"', "b")] * 10_000))
    assert parts.message == "The request has more than 1000 parts."


def test_headers_of_a_part_are_bounded() -> None:
    long = refused(MULTIPART, multipart((f'name="a"\r\nX-Long: {"y" * 9000}', "b")))
    many = refused(MULTIPART, multipart(('name="a"' + "\r\nX-One: y" * 17, "b")))
    assert long.message == many.message == "A part has a header over 8 KB or more than 16 headers."
    assert long.status == 413


def test_the_envelope_of_a_refusal() -> None:
    error = refused(JSON, b'{"signers": [{"name": "x", "email_address": "nope"}]}')
    assert error_body(error) == {
        "error": {
            "error_msg": "email_address not valid: nope",
            "error_name": "bad_request",
            "error_path": "signers[0].email_address",
        }
    }
    assert read_as(Send, JSON, msgspec.json.encode(GOOD)).signers[0].name == "Jill"
