"""One decoder for request bodies: JSON, multipart, urlencoded or nothing at all become the same tree.

The rules are those of the behaviour sheet, G.1: what clients of the vendor really send.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from paraph.kit.errors import BadRequest
from paraph.kit.wire.decode import decode
from paraph.kit.wire.files import Spool
from paraph.kit.wire.forms import multipart_pairs, urlencoded_pairs
from paraph.kit.wire.keys import grow
from paraph.kit.wire.limits import DEFAULT_LIMITS, Limits, Meter, TooLarge, in_words
from paraph.kit.wire.tree import BYTE_ORDER_MARK, Tree, read_json

Encoding: TypeAlias = Literal["json", "form", "multipart", "empty"]

FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPES = frozenset({"application/json", "text/json"})
# What tools send when nobody chose: the first character tells JSON from a form.
UNCHOSEN_TYPES = frozenset({"", "text/plain", "application/octet-stream"})

StructT = TypeVar("StructT")


@dataclass(frozen=True, slots=True)
class Body:
    """A request body as one tree, and how it was encoded."""

    tree: dict[str, Tree] = field(default_factory=dict)
    encoding: Encoding = "empty"

    def decode(self, into: type[StructT]) -> StructT:
        """The body as an ``into`` struct. Raises BadRequest that names the parameter and its fault."""
        return decode(self.tree, into)


@asynccontextmanager
async def read_body(
    chunks: AsyncIterable[bytes],
    *,
    content_type: str | None,
    content_length: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    spool_dir: Path | None = None,
) -> AsyncIterator[Body]:
    """The body of one request. Files of the body are gone when the block ends, however it ends.

    ``spool_dir`` is where large files wait (the system's temporary folder by default). Raises BadRequest for
    a malformed body and TooLarge (413) past a limit, before the block begins; what ``chunks`` raises, such
    as a lost connection, passes through.
    """
    spool = Spool(limits.memory_for_files, spool_dir)
    try:
        stream = _metered(chunks, Meter(limits.body_bytes, content_length))
        yield await _read(stream, content_type or "", limits, spool)
    finally:
        spool.close()


def tree_from_query(query: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, Tree]:
    """The tree of a raw query string. Raises as an urlencoded body does."""
    return grow(urlencoded_pairs(query, limits), limits)


def media_type(content_type: str) -> str:
    """The bare type of a Content-Type header, lower case."""
    return content_type.partition(";")[0].strip().lower()


async def read_all(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    """Everything ``chunks`` yields. Raises TooLarge past ``limit`` bytes."""
    meter, held = Meter(limit, None), bytearray()
    async for chunk in chunks:
        meter.add(chunk)
        held += chunk
    return bytes(held)


async def _read(stream: AsyncIterator[bytes], content_type: str, limits: Limits, spool: Spool) -> Body:
    kind = media_type(content_type)
    first = await anext(stream, b"")
    if not first:
        return Body()
    if kind == "multipart/form-data":
        pairs = await multipart_pairs(_prepended(first, stream), content_type, limits, spool)
        return Body(grow(pairs, limits), "multipart")
    text = await _read_text(_prepended(first, stream), limits)
    if kind in JSON_TYPES or kind.endswith("+json") or _looks_like_json(kind, text):
        return Body(_json_object(text, limits), "json")
    if kind == FORM_TYPE or kind in UNCHOSEN_TYPES:
        return Body(grow(urlencoded_pairs(text, limits), limits), "form")
    raise BadRequest(
        f"The Content-Type {kind[:60]} is not supported. Send application/json, multipart/form-data or {FORM_TYPE}."
    )


def _looks_like_json(kind: str, text: bytes) -> bool:
    # `curl -d '{…}'` calls its JSON a form; no parameter name begins with a brace.
    return kind in (UNCHOSEN_TYPES | {FORM_TYPE}) and text.startswith(b"{")


def _json_object(text: bytes, limits: Limits) -> dict[str, Tree]:
    tree = read_json(text, limits) if text else None
    if tree is None or tree == "":
        return {}
    if not isinstance(tree, dict):
        raise BadRequest('The request body must be a JSON object, such as {"title": "NDA"}.')
    return tree


async def _read_text(chunks: AsyncIterable[bytes], limits: Limits) -> bytes:
    try:
        text = await read_all(chunks, limits.text_bytes)
    except TooLarge as error:
        raise TooLarge(
            f"The request body is larger than {in_words(limits.text_bytes)}. Upload files as multipart/form-data."
        ) from error
    return text.removeprefix(BYTE_ORDER_MARK).strip()


async def _metered(chunks: AsyncIterable[bytes], meter: Meter) -> AsyncIterator[bytes]:
    """The non-empty chunks, counted."""
    async for chunk in chunks:
        if chunk:
            meter.add(chunk)
            yield chunk


async def _prepended(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
