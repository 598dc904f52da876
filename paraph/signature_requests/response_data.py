"""What signers put in and what the sender pre-filled, as answers and events tell it (behaviour sheet, F.1).

The official Python SDK parses these strictly: each type has its own kind of value, and ``editor`` is a word or null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paraph.fields import INK_KINDS, MERGE_KINDS, TICK_KINDS

from .looks import MASK
from .marks import open_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paraph.fields import FormField, Value
    from paraph.kit.crypto import Keyring

    from .form import RequestField
    from .shapes import WholeRequest

NOT_TOLD: Final = frozenset({"hyperlink"})
"""Kinds of fields that answers have no type for: nobody puts anything in."""


def response_data(whole: WholeRequest, keyring: Keyring, *, is_unmasked: bool) -> list[dict[str, Any]]:
    """One entry for each field of those who have signed, in the order of the form; empty until somebody has.

    What nobody saw or filled in has the value null. Masked values are told only with ``is_unmasked``.
    """
    ids = {signature.id: signature.signature_id for signature in whole.signatures}
    return [
        {
            "api_id": one.api_id,
            "signature_id": ids[one.signature_pk],
            "name": one.field.name,
            "required": one.field.required,
            "type": one.kind,
            **_told(one, keyring, is_unmasked),
        }
        for one in whole.answered
        if one.kind not in NOT_TOLD and one.signature_pk is not None
    ]


def custom_fields(whole: WholeRequest, keyring: Keyring) -> list[dict[str, Any]]:
    """The pre-filled data, with what signers made of it: null for what they emptied, or what is no longer kept."""
    changed = {
        one.api_id: None if one.value is None else open_value(keyring, one.value)
        for one in whole.answered
        if one.kind in MERGE_KINDS
    }
    kept = whole.request.custom_fields or ()
    return [{**entry, "value": changed.get(entry["api_id"], entry["value"])} for entry in kept]


def custom_fields_of(fields: Iterable[FormField]) -> list[dict[str, Any]]:
    """SignatureRequestResponseCustomField… of the merge fields among these."""
    return [
        {
            "name": field.name or field.api_id,
            "type": "checkbox" if field.is_ticked_kind else "text",
            "value": field.is_checked if field.is_ticked_kind else field.content or None,
            "api_id": field.api_id,
            "editor": field.editor or None,
            "required": field.required,
        }
        for field in fields
        if field.kind in MERGE_KINDS
    ]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one signer put into one field, in words for the sender's page."""

    label: str
    signer: str
    value: str
    is_masked: bool


def entries_of(whole: WholeRequest, keyring: Keyring) -> tuple[Entry, ...]:
    """What was typed, chosen and ticked so far; signatures and what was left empty are seen in the document."""
    names = {signature.id: signature.name for signature in whole.signatures}
    return tuple(
        Entry(
            one.field.name or one.api_id,
            names[one.signature_pk],
            _in_words(open_value(keyring, one.value)),
            one.field.masked,
        )
        for one in whole.answered
        if one.value is not None and one.signature_pk is not None
    )


def _in_words(value: Value) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value


def _told(one: RequestField, keyring: Keyring, is_unmasked: bool) -> dict[str, Any]:
    if one.kind in INK_KINDS:
        # not by its mark, which retention deletes
        return {"value": None, "is_signed": one.filled_at is not None}
    value = None if one.value is None else open_value(keyring, one.value)
    if one.field.masked:
        return {"value": value if is_unmasked or value is None else MASK, "masked": True}
    return {"value": _flag_word(value) if one.kind == "checkbox-merge" else _typed(one, value)}


def _flag_word(value: Value | None) -> str | None:
    return None if value is None else "1" if value is True else "0"


def _typed(one: RequestField, value: Value | None) -> Value | None:
    return value is True if one.kind in TICK_KINDS and value is not None else value
