"""The fields of a PDF form as fields of ours: names become ids, radio buttons of one name a group. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from paraph.fields import FieldGroup, FormField, Place, PlacedField
from paraph.kit.wire import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.documents import FormFieldKind, FoundFormField
    from paraph.fields import FieldKind, Requirement

FIRST_SIGNER: Final = 0
"""A form does not say who fills it in; the caller gives the fields to others."""
FEWEST_OF_A_GROUP: Final = 2
KINDS: Final[dict[FormFieldKind, FieldKind]] = {
    "text": "text",
    "checkbox": "checkbox",
    "radio": "radio",
    "dropdown": "dropdown",
    "signature": "signature",
}


@dataclass(frozen=True, slots=True)
class AnnotatedForm:
    """The fields that can be filled in, their groups, and what had to be changed or left out."""

    fields: tuple[PlacedField, ...]
    groups: tuple[FieldGroup, ...]
    warnings: tuple[Notice, ...]


def fields_of_form(found: Sequence[FoundFormField]) -> AnnotatedForm:
    """Never raises. Read-only fields are left out; a dropdown without options becomes a text field, a radio button
    without another of its name a checkbox."""
    reader = _Reader()
    names = [one.name for one in found if one.kind == "radio"]
    for one in found:
        reader.take(one, has_others=names.count(one.name) >= FEWEST_OF_A_GROUP)
    return AnnotatedForm(tuple(reader.fields), tuple(reader.groups.values()), tuple(reader.warnings))


@dataclass(slots=True)
class _Reader:
    fields: list[PlacedField] = field(default_factory=list)
    groups: dict[str, FieldGroup] = field(default_factory=dict)
    warnings: list[Notice] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def take(self, one: FoundFormField, *, has_others: bool) -> None:
        if one.is_read_only:
            self._warn(f"The field “{one.name}” is read-only and was left out.", "read_only_field")
            return
        kind = self._kind(one, has_others=has_others)
        box = one.box
        self.fields.append(
            PlacedField(
                FormField(
                    api_id=self._id(one.name),
                    kind=kind,
                    signer=FIRST_SIGNER,
                    name=one.label or one.name,
                    required=one.is_required,
                    content=self._content(one, kind),
                    is_checked=one.is_checked,
                    group=self._group(one, kind),
                    options=one.options if kind == "dropdown" else (),
                ),
                Place(0, box.page, box.x, box.y, box.width, box.height),
            )
        )

    def _kind(self, one: FoundFormField, *, has_others: bool) -> FieldKind:
        if one.kind == "dropdown" and not one.options:
            self._warn(f"The dropdown “{one.name}” has no options and became a text field.", "form_field_changed")
            return "text"
        if one.kind == "radio" and not has_others:
            self._warn(f"The radio button “{one.name}” stands alone and became a checkbox.", "form_field_changed")
            return "checkbox"
        return KINDS[one.kind]

    def _content(self, one: FoundFormField, kind: FieldKind) -> str:
        if kind == "dropdown":
            return one.value if one.value in one.options else ""
        return one.value if kind == "text" else ""

    def _group(self, one: FoundFormField, kind: FieldKind) -> str:
        if kind != "radio":
            return ""
        requirement: Requirement = "require_1" if one.is_required else "require_0-1"
        group_id = one.name or "radio"
        self.groups.setdefault(group_id, FieldGroup(group_id, one.label or group_id, requirement))
        return group_id

    def _id(self, name: str) -> str:
        base = name or "field"
        number, found = 1, base
        while found in self.taken:
            number += 1
            found = f"{base}_{number}"
        self.taken.add(found)
        return found

    def _warn(self, message: str, name: str) -> None:
        self.warnings.append(Notice(message, name))
