"""What signers put into fields, as rows keep it: sealed, since a copied signature is a forged one."""

from __future__ import annotations

import hashlib
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Literal

import msgspec

from paraph.documents import Face, FontFamily, MarkContent, Picture, PlainText, Strokes, Tick, TypedText

from .filled import AdoptedPicture

if TYPE_CHECKING:
    from paraph.fields import Value
    from paraph.kit import Kit
    from paraph.kit.crypto import Keyring

PURPOSE = "mark"
VALUE_PURPOSE = "field-value"
Kept = TypedText | Strokes | AdoptedPicture | PlainText | Tick


class _Mark(msgspec.Struct, omit_defaults=True):
    kind: Literal["type", "draw", "upload", "text", "tick"]
    text: str = ""
    face: Face = "dancing-script"
    lines: tuple[tuple[tuple[float, float], ...], ...] = ()
    aspect: float | None = None
    key: str = ""
    sha256: str = ""
    font_size: float | None = None
    family: FontFamily | None = None
    multi_line: bool = False
    ticked: bool = False
    round: bool = False


def seal_mark(keyring: Keyring, content: Kept) -> bytes:
    """The content as a row keeps it."""
    return keyring.seal(PURPOSE, msgspec.msgpack.encode(_as_mark(content)))


def open_mark(keyring: Keyring, sealed: bytes) -> Kept:
    """What ``seal_mark`` was given; raises SealBroken."""
    mark = msgspec.msgpack.decode(keyring.unseal(PURPOSE, sealed), type=_Mark)
    if mark.kind == "type":
        return TypedText(mark.text, mark.face)
    if mark.kind == "draw":
        return Strokes(mark.lines, mark.aspect)
    if mark.kind == "upload":
        return AdoptedPicture(mark.key, mark.sha256)
    if mark.kind == "tick":
        return Tick(mark.ticked, mark.round, framed=True)
    return PlainText(mark.text, mark.font_size, mark.multi_line, family=mark.family)


def seal_value(keyring: Keyring, value: Value) -> bytes:
    """What was put into a field, as a row keeps it."""
    return keyring.seal(VALUE_PURPOSE, msgspec.msgpack.encode(value))


def open_value(keyring: Keyring, sealed: bytes) -> Value:
    """What ``seal_value`` was given; raises SealBroken."""
    value: Value = msgspec.msgpack.decode(keyring.unseal(VALUE_PURPOSE, sealed), type=str | bool)
    return value


def mark_sha256(content: Kept) -> str:
    """SHA-256 (hexadecimal) that binds a value to its audit event without copying it there."""
    return hashlib.sha256(msgspec.msgpack.encode(_as_mark(content))).hexdigest()


async def drawable(content: Kept, files: AsyncExitStack, kit: Kit) -> MarkContent:
    """The content as the documents room draws it; pictures stay readable until ``files`` closes."""
    if isinstance(content, AdoptedPicture):
        return Picture(await files.enter_async_context(kit.files.local(content.key)))
    return content


def _as_mark(content: Kept) -> _Mark:
    if isinstance(content, TypedText):
        return _Mark("type", text=content.text, face=content.face)
    if isinstance(content, Strokes):
        return _Mark("draw", lines=content.lines, aspect=content.aspect)
    if isinstance(content, AdoptedPicture):
        return _Mark("upload", key=content.key, sha256=content.sha256)
    if isinstance(content, Tick):
        return _Mark("tick", ticked=content.ticked, round=content.round)
    return _Mark(
        "text",
        text=content.text,
        font_size=content.font_size,
        family=content.family,
        multi_line=content.multi_line,
    )
