"""What binds fields together: groups and rules, checked against the fields they name. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paraph.kit.errors import BadRequest

from .patterns import BadPattern, check_pattern
from .shapes import Action, FieldRule, Trigger
from .visibility import NOT_TICKED, TICKED, targets_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .shapes import FieldKind, Form, FormField, Operator
    from .wire import ActionBody, RuleBody, TriggerBody

OPERATORS: Final[dict[FieldKind, frozenset[Operator]]] = {
    "text": frozenset({"is", "not", "match"}),
    "dropdown": frozenset({"is", "not", "any", "none"}),
    "checkbox": frozenset({"is", "not"}),
    "radio": frozenset({"is", "not"}),
}
FEWEST_RADIO_BUTTONS: Final = 2


def rule_of(body: RuleBody, path: str) -> FieldRule:
    """The rule that this says; raises BadRequest for a rule that is none by itself."""
    if body.trigger_operator != "AND":
        raise BadRequest("trigger_operator must be AND.", path=f"{path}.trigger_operator")
    if len(body.triggers) != 1:
        raise BadRequest(f"A rule has exactly one trigger, not {len(body.triggers)}.", path=f"{path}.triggers")
    if not body.actions:
        raise BadRequest("A rule needs at least one action.", path=f"{path}.actions")
    actions = tuple(_action(action, f"{path}.actions[{place}]") for place, action in enumerate(body.actions))
    return FieldRule(body.id, _trigger(body.triggers[0], f"{path}.triggers[0]"), actions)


def check_form(form: Form) -> None:
    """Raise BadRequest for groups and rules that do not fit the fields."""
    check_groups(form)
    check_rules(form)


def check_groups(form: Form) -> None:
    """Raise BadRequest when groups and their members do not fit each other."""
    known = {}
    for place, group in enumerate(form.groups):
        if group.group_id in known:
            raise BadRequest(
                f"The group_id “{group.group_id}” is used twice.", path=f"form_field_groups[{place}].group_id"
            )
        known[group.group_id] = group
        _check_members(form, place)
    for place, field in enumerate(form.fields):
        if field.group and field.group not in known:
            raise BadRequest(
                f"The group “{field.group}” of the field “{field.api_id}” is not among form_field_groups.",
                path=f"form_fields_per_document[{place}].group",
            )


def check_rules(form: Form) -> None:
    """Raise BadRequest when rules name what is not there, cross signers, contradict or chase each other."""
    fields = {field.api_id: field for field in form.fields}
    ids: set[str] = set()
    targeted: set[str] = set()
    for place, rule in enumerate(form.rules):
        path = f"form_field_rules[{place}]"
        if rule.rule_id in ids:
            raise BadRequest(f"The id “{rule.rule_id}” is used twice; it must be unique.", path=f"{path}.id")
        ids.add(rule.rule_id)
        trigger = _check_trigger(rule.trigger, fields, path)
        for number, action in enumerate(rule.actions):
            for target in _check_action(action, trigger, form, fields, f"{path}.actions[{number}]"):
                if target.api_id in targeted:
                    raise BadRequest(f"The field “{target.api_id}” is a target twice.", path=f"{path}.actions")
                targeted.add(target.api_id)
    _check_rings(form)


def _action(body: ActionBody, path: str) -> Action:
    if bool(body.field_id) == bool(body.group_id):
        raise BadRequest("An action needs either field_id or group_id.", path=path)
    if (body.type == "change-group-visibility") != bool(body.group_id):
        raise BadRequest(
            f"{body.type} does not go with {'group_id' if body.group_id else 'field_id'}.", path=f"{path}.type"
        )
    return Action(body.hidden, body.field_id or "", body.group_id or "")


def _trigger(body: TriggerBody, path: str) -> Trigger:
    if body.operator in ("any", "none"):
        if not body.values or body.value is not None:
            raise BadRequest(f"The operator {body.operator} needs values.", path=f"{path}.values")
        return Trigger(body.id, body.operator, tuple(body.values))
    if body.value is None or body.values:
        raise BadRequest(f"The operator {body.operator} needs value.", path=f"{path}.value")
    return Trigger(body.id, body.operator, (body.value,))


def _check_members(form: Form, place: int) -> None:
    group = form.groups[place]
    path = f"form_field_groups[{place}]"
    members = form.members(group.group_id)
    if len({member.kind for member in members}) > 1:
        raise BadRequest(f"The group “{group.label}” mixes checkboxes and radio buttons.", path=path)
    if len({member.signer for member in members}) > 1:
        raise BadRequest(f"The fields of the group “{group.label}” belong to different signers.", path=path)
    if not members or members[0].kind != "radio":
        return
    if len(members) < FEWEST_RADIO_BUTTONS:
        raise BadRequest(f"The group “{group.label}” needs at least two radio buttons.", path=path)
    if sum(member.is_checked for member in members) > 1:
        raise BadRequest(f"Only one radio button of the group “{group.label}” can be checked.", path=path)
    if group.requirement == "require_1-ormore":
        raise BadRequest("Radio buttons take require_0-1 or require_1.", path=f"{path}.requirement")


def _check_trigger(trigger: Trigger, fields: Mapping[str, FormField], path: str) -> FormField:
    field = fields.get(trigger.field_id)
    at = f"{path}.triggers[0]"
    if field is None:
        raise BadRequest(f"There is no field “{trigger.field_id}”.", path=f"{at}.id")
    if field.kind not in OPERATORS or field.signer is None:
        raise BadRequest(f"A {field.kind} field cannot trigger a rule.", path=f"{at}.id")
    if trigger.operator not in OPERATORS[field.kind]:
        raise BadRequest(
            f"The operator {trigger.operator} does not go with a {field.kind} field.", path=f"{at}.operator"
        )
    if field.is_ticked_kind and trigger.values[0] not in (TICKED, NOT_TICKED):
        raise BadRequest(f"A {field.kind} is compared with “0” or “1”.", path=f"{at}.value")
    if trigger.operator == "match":
        try:
            check_pattern(trigger.values[0])
        except BadPattern as bad:
            raise BadRequest(f"The value cannot be used as a regular expression: {bad}.", path=f"{at}.value") from bad
    return field


def _check_action(
    action: Action, trigger: FormField, form: Form, fields: Mapping[str, FormField], path: str
) -> Sequence[FormField]:
    """The fields that the action hides or shows."""
    name, kind, target = ("group_id", "group", action.group_id)
    targets = form.members(target) if target else ()
    if not target:
        name, kind, target = ("field_id", "field", action.field_id)
        targets = (fields[target],) if target in fields else ()
    if not targets:
        raise BadRequest(f"There is no {kind} “{target}”.", path=f"{path}.{name}")
    if any(field.kind == "hyperlink" for field in targets):
        raise BadRequest("A hyperlink is part of the document; it cannot be hidden or shown.", path=f"{path}.{name}")
    if any(field.signer != trigger.signer for field in targets):
        raise BadRequest("Trigger and target must belong to the same signer.", path=f"{path}.{name}")
    if any(field.api_id == trigger.api_id for field in targets):
        raise BadRequest("A field cannot hide or show itself.", path=f"{path}.{name}")
    return targets


def _check_rings(form: Form) -> None:
    """Refuse rules that lead back to their own trigger: no order of looking at them would settle."""
    leads: dict[str, set[str]] = {}
    for rule in form.rules:
        leads.setdefault(rule.trigger.field_id, set()).update(targets_of(form, rule))
    done: set[str] = set()
    for place, rule in enumerate(form.rules):
        start = rule.trigger.field_id
        reached: set[str] = set()
        pending = [start]
        while pending and start not in done:
            following = leads.get(pending.pop(), set()) - reached
            if start in following:
                raise BadRequest(
                    f"The rules lead from the field “{start}” back to itself.", path=f"form_field_rules[{place}]"
                )
            reached |= following
            pending += following
        done.add(start)
