"""Forms as JSON columns keep them. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")


def as_json(kept: object) -> dict[str, Any]:
    """The form, plan, field or whatever holds them as plain JSON values."""
    found: dict[str, Any] = msgspec.to_builtins(kept)
    return found


def from_json(kept: Any, kind: type[T]) -> T:
    """What ``as_json`` was given; raises msgspec.ValidationError for anything else.

    By way of the text: a decoder that is made once is ten times as fast as ``msgspec.convert``, which looks at the
    types anew, and pages of a signer read hundreds of fields.
    """
    return cast(T, _decoder(cast("Hashable", kind)).decode(msgspec.json.encode(kept)))


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)
