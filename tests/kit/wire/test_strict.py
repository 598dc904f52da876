"""Flat bodies for the token endpoint: three encodings, each parameter once, nothing but text (oauth C1, T1 to T4)."""

from __future__ import annotations

import asyncio

import pytest

from paraph.kit.wire import InvalidRequest, flat_encoding, strict_flat
from tests.kit.wire.clients import FORM, JSON, MULTIPART, chunked, flat, multipart

SAME = {"grant_type": "authorization_code", "code": "a+b c%", "state": "é"}


@pytest.mark.parametrize(
    ("content_type", "data", "encoding"),
    [
        (JSON, '{"grant_type":"authorization_code","code":"a+b c%","state":"é"}'.encode(), "json"),
        (
            "application/json; charset=utf-8",
            b'{"grant_type":"authorization_code","code":"a+b c%","state":"\\u00e9"}',
            "json",
        ),
        (FORM, b"grant_type=authorization_code&code=a%2Bb+c%25&state=%C3%A9", "form"),
        (FORM + "; charset=UTF-8", b"grant_type=authorization_code&code=a%2Bb%20c%25&state=%C3%A9", "form"),
        (None, b"grant_type=authorization_code&code=a%2Bb+c%25&state=%C3%A9", "form"),
        (
            MULTIPART,
            multipart(('name="grant_type"', "authorization_code"), ('name="code"', "a+b c%"), ('name="state"', "é")),
            "multipart",
        ),
    ],
)
def test_the_same_parameters_from_every_encoding(content_type: str | None, data: bytes, encoding: str) -> None:
    assert flat(content_type, data) == (SAME, encoding)
    assert flat_encoding(content_type) == encoding


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        (JSON, b'{"code":"","state":null,"client_id":"c"}'),
        (FORM, b"code=&state&client_id=c"),
        (MULTIPART, multipart(('name="code"', ""), ('name="client_id"', "c"))),
    ],
)
def test_a_parameter_without_value_was_not_sent(content_type: str, data: bytes) -> None:
    assert flat(content_type, data)[0] == {"client_id": "c"}


@pytest.mark.parametrize("content_type", [None, JSON, FORM, MULTIPART, "text/plain"])
def test_an_empty_body_has_no_parameters(content_type: str | None) -> None:
    assert flat(content_type, b"")[0] == {}


@pytest.mark.parametrize(
    ("content_type", "data", "message"),
    [
        (JSON, b'{"code":"a","code":"a"}', "code is given more than once."),
        (JSON, b'{"code":"a","code":null}', "code is given more than once."),
        (FORM, b"code=a&code=b", "code is given more than once."),
        (FORM, b"code=&code=b", "code is given more than once."),
        (FORM, b"code=a&%63ode=b", "code is given more than once."),
        (MULTIPART, multipart(('name="code"', "a"), ('name="code"', "a")), "code is given more than once."),
        (JSON, b'{"code":1}', "code must be text."),
        (JSON, b'{"code":true}', "code must be text."),
        (JSON, b'{"code":["a"]}', "code must be text."),
        (JSON, b'{"code":{"a":"b"}}', "code must be text."),
        (MULTIPART, multipart(('name="code"; filename="x"', "a")), "code must be text."),
        (JSON, b'["code"]', "The request body must be a JSON object."),
        (JSON, b'"code"', "The request body must be a JSON object."),
        (JSON, b"{", "The request body is not valid JSON."),
        (JSON, '{"code":"é"}'.encode("latin-1"), "The request body is not valid JSON."),
        (JSON, '{"code":"a"}'.encode("utf-16"), "The request body is not valid JSON."),
        (JSON, b"[" * 60_000, "The request body is not valid JSON."),
        (JSON, b'{"code":' + b"1" * 6000 + b"}", "The request body is not valid JSON."),
        (FORM, b"code=%E9", "The form is not valid UTF-8 text."),
        (
            MULTIPART,
            multipart(('name="code"', b"\xe9")),
            "code is not UTF-8 text. If it is a file, send its file name too.",
        ),
        (JSON, b'{"code":"a\\u0000"}', "code contains a NUL character, which is not allowed."),
        (JSON, b'{"code":"\\ud800"}', "code contains half of a Unicode surrogate pair, which is not valid text."),
        (FORM, b"code=a%00", "code contains a NUL character, which is not allowed."),
        ("text/xml", b"<a/>", "Send application/x-www-form-urlencoded, application/json or multipart/form-data."),
    ],
)
def test_refused(content_type: str, data: bytes, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        flat(content_type, data)
    assert (caught.value.message, caught.value.name, caught.value.status) == (message, "invalid_request", 400)


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        (JSON, b'{"code":"' + b"x" * 1_000_000 + b'"}'),
        (FORM, b"code=" + b"x" * 65_536),
        (MULTIPART, multipart(('name="code"', "x" * 65_536))),
        (FORM, b"&".join(b"a%d=1" % i for i in range(101))),
        (JSON, b"{" + b",".join(b'"a%d":"1"' % i for i in range(101)) + b"}"),
        (MULTIPART, multipart(*[(f'name="a{i}"', "1") for i in range(101)])),
        (FORM, b"a" * 600 + b"=1"),
    ],
)
def test_too_much(content_type: str, data: bytes) -> None:
    with pytest.raises(InvalidRequest) as caught:
        flat(content_type, data)
    assert (caught.value.name, caught.value.status) == ("invalid_request", 413)


def test_an_announced_size_is_refused_unread() -> None:
    async def never() -> None:
        stream = chunked(b"code=a")
        with pytest.raises(InvalidRequest, match="64 KB"):
            await strict_flat(stream, content_type=FORM, content_length=70_000)
        assert [chunk async for chunk in stream] == [b"code=a", b""]

    asyncio.run(never())
