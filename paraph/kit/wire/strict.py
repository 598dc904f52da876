"""Flat bodies for protocol endpoints: text parameters only, each at most once (RFC 6749 section 3.2)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Literal, TypeAlias

from paraph.kit.errors import ParaphError
from paraph.kit.wire.body import FORM_TYPE, JSON_TYPES, media_type, read_all
from paraph.kit.wire.files import Spool
from paraph.kit.wire.forms import multipart_pairs, urlencoded_pairs
from paraph.kit.wire.limits import KIB, Limits, Meter, TooLarge
from paraph.kit.wire.tree import check_key, check_text

FlatEncoding: TypeAlias = Literal["json", "form", "multipart"]

STRICT_LIMITS = Limits(
    body_bytes=64 * KIB,
    text_bytes=64 * KIB,
    text_part_bytes=64 * KIB,
    memory_for_files=64 * KIB,
    parts=100,
    pairs=100,
)


class InvalidRequest(ParaphError):
    """400 ``invalid_request`` of RFC 6749 section 5.2."""

    default_name = "invalid_request"


def flat_encoding(content_type: str | None) -> FlatEncoding:
    """Which encoding a body is in, and so in which shape its errors are answered; no type means a form."""
    kind = media_type(content_type or "")
    if kind in JSON_TYPES or kind.endswith("+json"):
        return "json"
    return "multipart" if kind == "multipart/form-data" else "form"


async def strict_flat(
    chunks: AsyncIterable[bytes], *, content_type: str | None, content_length: int | None = None
) -> tuple[dict[str, str], FlatEncoding]:
    """The parameters of the body and its encoding. Parameters without a value are left out, as if not sent.

    Raises InvalidRequest (400, or 413 past 64 KB or 100 parameters) for a parameter given twice, for anything
    but text, and for text that is not UTF-8. Unknown parameters are the caller's business.
    """
    encoding = flat_encoding(content_type)
    try:
        Meter(STRICT_LIMITS.body_bytes, content_length)
        body = await read_all(chunks, STRICT_LIMITS.body_bytes)
        pairs = await _pairs(body, content_type or "", encoding)
        return _once_each(pairs), encoding
    except ParaphError as error:
        raise _as_invalid_request(error) from error


async def _pairs(body: bytes, content_type: str, encoding: FlatEncoding) -> list[tuple[str, object]]:
    if not body.strip():
        return []
    if encoding == "json":
        return _json_pairs(body)
    if encoding == "multipart":
        return await _multipart_pairs(body, content_type)
    if media_type(content_type) not in (FORM_TYPE, ""):
        raise InvalidRequest(f"Send {FORM_TYPE}, application/json or multipart/form-data.")
    return list(urlencoded_pairs(body, STRICT_LIMITS))


class _Members(list[tuple[str, object]]):
    """The members of a JSON object in their order, repeated names included."""


def _json_pairs(body: bytes) -> list[tuple[str, object]]:
    try:
        members = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_Members)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The request body is not valid JSON.", detail=str(error)) from error
    if not isinstance(members, _Members):
        raise InvalidRequest("The request body must be a JSON object.")
    return members


async def _multipart_pairs(body: bytes, content_type: str) -> list[tuple[str, object]]:
    spool = Spool(STRICT_LIMITS.memory_for_files, None)
    try:
        return list(await multipart_pairs(_in_one(body), content_type, STRICT_LIMITS, spool))
    finally:
        spool.close()


async def _in_one(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _once_each(pairs: Iterable[tuple[str, object]]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= STRICT_LIMITS.pairs:
            raise TooLarge(f"The request has more than {STRICT_LIMITS.pairs} parameters.")
        check_key(name, STRICT_LIMITS, what="The request")
        if name in flat:
            raise InvalidRequest(f"{name} is given more than once.", path=name)
        flat[name] = _text(name, value)
    return {name: value for name, value in flat.items() if value}


def _text(name: str, value: object) -> str:
    if value is None:
        return ""  # null is the same as not sent
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be text.", path=name)
    check_text(value, what=name)
    return value


def _as_invalid_request(error: ParaphError) -> InvalidRequest:
    return InvalidRequest(error.message, status=error.status, path=error.path, detail=error.detail)
