"""Forms as JSON columns keep them. Pure."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from .shapes import Form, FormField, FormPlan

T = TypeVar("T", Form, FormField, FormPlan)


def as_json(kept: Form | FormField | FormPlan) -> dict[str, Any]:
    """The form, plan or field as plain JSON values."""
    found: dict[str, Any] = msgspec.to_builtins(kept)
    return found


def from_json(kept: Any, kind: type[T]) -> T:
    """What ``as_json`` was given; raises msgspec.ValidationError for anything else."""
    return msgspec.convert(kept, kind)
