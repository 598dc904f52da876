"""Pre-filled data: ``custom_fields`` put into the merge fields that they name (behaviour sheet, F.5). Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from paraph.kit.errors import BadRequest

from .shapes import MERGE_KINDS, FormField

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .wire import CustomFieldBody

TRUE_WORDS: Final = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class CustomValue:
    """One piece of pre-filled data: the merge field's name or api_id, its value, and who may change it."""

    name: str
    value: bool | str | None = None
    editor: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Editors:
    """Who may change merge fields: each word that a sender may call a signer by, with the signer's position, and the
    one position that may change anything. That is the first signer where one signs first, else nobody."""

    words: Mapping[str, int]
    allowed: int | None


def custom_values(customs: Sequence[CustomFieldBody]) -> dict[str, CustomValue]:
    """The pre-filled data of this body by name; raises BadRequest for a name that is given twice, and for a required
    value without an editor."""
    found: dict[str, CustomValue] = {}
    for place, custom in enumerate(customs):
        if custom.required and not custom.editor:
            raise BadRequest(
                "custom_fields with a required parameter must specify an editor parameter.",
                path=f"custom_fields[{place}].editor",
            )
        if custom.name in found:
            raise BadRequest(f"The name “{custom.name}” is given twice.", path=f"custom_fields[{place}].name")
        found[custom.name] = CustomValue(custom.name, custom.value, custom.editor or "", custom.required)
    return found


def merged_field(field: FormField, customs: Mapping[str, CustomValue], editors: Editors) -> FormField:
    """The field with its pre-filled value; names match a field's name or api_id, case counts.

    A merge field stays with its signer (or the ``editor`` of its data) only if that signer may change it; else it is
    the sender's, as the vendor has it.
    """
    if field.kind not in MERGE_KINDS:
        return field
    found = customs.get(field.name) or customs.get(field.api_id) or CustomValue("")
    wanted = editors.words.get(found.editor) if found.editor else field.signer
    signer = wanted if wanted is not None and wanted == editors.allowed else None
    return replace(
        field,
        content="" if field.kind != "text-merge" or found.value is None else _text(found.value),
        is_checked=field.kind == "checkbox-merge" and is_true(found.value),
        signer=signer,
        editor="" if signer is None else found.editor or str(signer),
        required=signer is not None and (found.required if found.editor else field.required),
    )


def lost_editors(
    fields: Iterable[FormField], merged: Iterable[FormField], customs: Mapping[str, CustomValue]
) -> bool:
    """True when somebody was to change a merge field but may not."""
    asked = any(custom.editor for custom in customs.values())
    pairs = zip(fields, merged, strict=True)
    return any(
        after.kind in MERGE_KINDS and after.signer is None and (asked or before.signer is not None)
        for before, after in pairs
    )


def unmatched_names(fields: Iterable[FormField], customs: Iterable[str]) -> tuple[str, ...]:
    """The names of custom fields that lead to no merge field."""
    known = {name for field in fields if field.kind in MERGE_KINDS for name in (field.name, field.api_id)}
    return tuple(name for name in customs if name not in known)


def is_true(value: bool | str | None) -> bool:
    """Whether a custom field's value ticks a checkbox."""
    return value is True or (isinstance(value, str) and value.strip().lower() in TRUE_WORDS)


def _text(value: bool | str) -> str:
    return value if isinstance(value, str) else str(value).lower()
