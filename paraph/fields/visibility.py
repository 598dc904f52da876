"""Which fields a signer sees, by the rules of the form. Pure; the page's script follows the same steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .patterns import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .shapes import FieldRule, Form, FormField, Trigger, Value

TICKED, NOT_TICKED = "1", "0"


def hidden_fields(form: Form, values: Mapping[str, Value], matcher: Matcher | None = None) -> frozenset[str]:
    """Return the api_ids that are hidden with these values.

    A hidden field counts as empty for the rules that it triggers. Rules never form a ring (``check_rules``), so
    looking at them as often as there are rules settles every chain.
    """
    hidden: frozenset[str] = frozenset()
    fields = {field.api_id: field for field in form.fields}
    rules = [
        (rule, trigger, targets_of(form, rule))
        for rule in form.rules
        if (trigger := fields.get(rule.trigger.field_id)) is not None
    ]
    matching = matcher or Matcher()
    for _ in range(len(form.rules) + 1):
        now = frozenset(_hidden_by(rules, values, hidden, matching))
        if now == hidden:
            break
        hidden = now
    return hidden


def targets_of(form: Form, rule: FieldRule) -> dict[str, bool]:
    """What each field that the rule acts on becomes when the trigger holds: api_id → hidden."""
    found: dict[str, bool] = {}
    for action in rule.actions:
        members = [field.api_id for field in form.members(action.group_id)] if action.group_id else [action.field_id]
        found.update(dict.fromkeys(members, action.hidden))
    return found


def _hidden_by(
    rules: Iterable[tuple[FieldRule, FormField, dict[str, bool]]],
    values: Mapping[str, Value],
    hidden: frozenset[str],
    matcher: Matcher,
) -> set[str]:
    found: set[str] = set()
    for rule, trigger, targets in rules:
        seen = None if trigger.api_id in hidden else values.get(trigger.api_id)
        holds = _holds(rule.trigger, trigger, seen, matcher)
        found |= {api_id for api_id, becomes_hidden in targets.items() if becomes_hidden is holds}
    return found


def _holds(trigger: Trigger, field: FormField, value: Value | None, matcher: Matcher) -> bool:
    given = (TICKED if value is True else NOT_TICKED) if field.is_ticked_kind else str(value or "")
    if trigger.operator == "match":
        return matcher.matches(trigger.values[0], given)
    is_among = given in trigger.values
    return is_among if trigger.operator in ("is", "any") else not is_among
