"""Pre-filled data: ``custom_fields`` put into the merge fields that they name (behaviour sheet, F.5). Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from paraph.kit.errors import BadRequest

from .shapes import MERGE_KINDS, FormPlan, PlannedField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .shapes import FormField
    from .wire import CustomFieldBody

TRUE_WORDS: Final = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class MergedForm:
    """The plan with its values in place; ``unmatched`` are the names that no merge field has."""

    plan: FormPlan
    unmatched: tuple[str, ...] = ()


def merge_values(
    plan: FormPlan, customs: Sequence[CustomFieldBody], *, editors: Mapping[str, int], may_edit: bool
) -> MergedForm:
    """Return the plan with pre-filled values; names match a field's name or api_id, case counts.

    ``editors`` leads from each word that a sender may call a signer by to their position. ``may_edit`` is False when
    several people sign in no order: the vendor then ignores the editor. Raises BadRequest for a required value
    without an editor.
    """
    for place, custom in enumerate(customs):
        if custom.required and not custom.editor:
            raise BadRequest("A required custom field needs an editor.", path=f"custom_fields[{place}].editor")
    fields = tuple(_merged(planned, customs, editors if may_edit else {}) for planned in plan.fields)
    return MergedForm(replace(plan, fields=fields), unmatched_names(plan, customs))


def unmatched_names(plan: FormPlan, customs: Sequence[CustomFieldBody]) -> tuple[str, ...]:
    """The names of custom fields that lead to no merge field."""
    known = {name for planned in plan.fields for name in _names(planned.field)}
    return tuple(custom.name for custom in customs if custom.name not in known)


def is_true(value: bool | str | None) -> bool:
    """Whether a custom field's value ticks a checkbox."""
    return value is True or (isinstance(value, str) and value.strip().lower() in TRUE_WORDS)


def _names(field: FormField) -> tuple[str, ...]:
    return (field.name, field.api_id) if field.kind in MERGE_KINDS else ()


def _merged(planned: PlannedField, customs: Sequence[CustomFieldBody], editors: Mapping[str, int]) -> PlannedField:
    field = planned.field
    found = next((custom for custom in customs if custom.name in _names(field)), None)
    if found is None:
        return planned
    signer = editors.get(found.editor) if found.editor else None
    changed = replace(
        field,
        content=str(found.value or "") if field.kind == "text-merge" else "",
        is_checked=is_true(found.value) if field.kind == "checkbox-merge" else False,
        signer=signer,
        editor=found.editor if found.editor and signer is not None else "",
        required=found.required and signer is not None,
    )
    return PlannedField(changed, planned.spot)
