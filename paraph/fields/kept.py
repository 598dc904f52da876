"""Forms as JSON columns keep them. Pure."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def as_json(kept: object) -> dict[str, Any]:
    """The form, plan, field or whatever holds them as plain JSON values."""
    found: dict[str, Any] = msgspec.to_builtins(kept)
    return found


def from_json(kept: Any, kind: type[T]) -> T:
    """What ``as_json`` was given; raises msgspec.ValidationError for anything else."""
    return msgspec.convert(kept, kind)
