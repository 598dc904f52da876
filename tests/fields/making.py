"""Forms for the tests of this room."""
# ruff: noqa: RUF012 - msgspec copies an empty list of a struct's default for each instance

from __future__ import annotations

from typing import Any

from paraph.fields import FieldBodies, FormPlan, GroupBodies, RuleBodies, check_form, plan_form
from paraph.kit.wire import Request, decode


class Bodies(Request):
    """What a send says about fields."""

    form_fields_per_document: FieldBodies = []
    form_field_groups: GroupBodies = []
    form_field_rules: RuleBodies = []


PLACE = {"document_index": 0, "x": 10, "y": 20, "width": 100, "height": 20, "page": 1}
MORE: dict[str, dict[str, Any]] = {
    "dropdown": {"options": ["red", "green"]},
    "radio": {"is_checked": False, "group": "g"},
    "hyperlink": {"content": "terms", "content_url": "https://example.com"},
}


def field(kind: str, api_id: str, **more: Any) -> dict[str, Any]:
    """A field of the first signer."""
    return PLACE | {"api_id": api_id, "type": kind, "signer": "0", "required": True} | MORE.get(kind, {}) | more


def group(group_id: str = "g", requirement: str = "require_1") -> dict[str, Any]:
    return {"group_id": group_id, "group_label": "Which?", "requirement": requirement}


def rule(rule_id: str, trigger: str, value: Any, *targets: str, operator: str = "is", hidden: bool = True) -> Any:
    """If the trigger's field has this value, hide (or show) these fields."""
    several = operator in ("any", "none")
    return {
        "id": rule_id,
        "trigger_operator": "AND",
        "triggers": [{"id": trigger, "operator": operator, ("values" if several else "value"): value}],
        "actions": [{"field_id": target, "hidden": hidden, "type": "change-field-visibility"} for target in targets],
    }


def plan(*fields: Any, groups: Any = (), rules: Any = (), signers: int = 2, documents: int = 2) -> FormPlan:
    """The checked plan of these bodies."""
    body = {
        "form_fields_per_document": list(fields),
        "form_field_groups": list(groups),
        "form_field_rules": list(rules),
    }
    bodies = decode(body, Bodies)
    made = plan_form(
        bodies.form_fields_per_document,
        bodies.form_field_groups,
        bodies.form_field_rules,
        signers=signers,
        documents=documents,
    )
    check_form(made.form)
    return made
