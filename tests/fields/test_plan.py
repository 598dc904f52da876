"""What may be asked for: each refusal names the parameter."""

from __future__ import annotations

from typing import Any

import pytest

from paraph.fields import FieldKind, FormPlan, as_json, from_json
from paraph.kit.errors import BadRequest

from .making import field, group, plan, rule

KINDS: list[FieldKind] = [
    "text",
    "checkbox",
    "dropdown",
    "hyperlink",
    "signature",
    "initials",
    "date_signed",
    "text-merge",
    "checkbox-merge",
]
FIELDS = "form_fields_per_document"
RULES = "form_field_rules"
GROUPS = "form_field_groups"
PAIR = (field("radio", "a"), field("radio", "b"))
BOX, TEXT = field("checkbox", "box"), field("text", "text")
LATER = field("text", "later", signer=1)


@pytest.mark.parametrize(
    ("path", "fields", "groups", "rules"),
    [
        (f"{FIELDS}[0].type", [field("stamp", "a")], [], []),
        (f"{FIELDS}[0].x", [field("text", "a", x="NaN")], [], []),
        (f"{FIELDS}[0].x", [field("text", "a", x=float("inf"))], [], []),
        (f"{FIELDS}[0].y", [field("text", "a", y=2**31)], [], []),
        (f"{FIELDS}[0].width", [field("text", "a", width=0)], [], []),
        (f"{FIELDS}[0].page", [field("text", "a", page=0)], [], []),
        (f"{FIELDS}[0].document_index", [field("text", "a", document_index=2)], [], []),
        (f"{FIELDS}[0].signer", [field("text", "a", signer=2)], [], []),
        (f"{FIELDS}[0].signer", [field("text", "a", signer="-1")], [], []),
        (f"{FIELDS}[0].signer", [field("text", "a", signer="²")], [], []),
        (f"{FIELDS}[0].signer", [field("signature", "a", signer="me_now")], [], []),
        (f"{FIELDS}[1].api_id", [field("text", "a"), field("signature", "a")], [], []),
        (f"{FIELDS}[0].font_size", [field("text", "a", font_size=50)], [], []),
        (f"{FIELDS}[0].font_family", [field("text", "a", font_family="comic")], [], []),
        (f"{FIELDS}[0].options", [field("dropdown", "a", options=[])], [], []),
        (f"{FIELDS}[0].options", [field("dropdown", "a", options=["x", "x"])], [], []),
        (f"{FIELDS}[0].content", [field("dropdown", "a", content="blue")], [], []),
        (f"{FIELDS}[0].content", [field("hyperlink", "a", content=" ")], [], []),
        (f"{FIELDS}[0].content_url", [field("hyperlink", "a", content_url="javascript:alert(1)")], [], []),
        (f"{FIELDS}[0].content_url", [field("hyperlink", "a", content_url="https://a b")], [], []),
        (f"{FIELDS}[0].group", [field("radio", "a", group=None)], [], []),
        (f"{FIELDS}[0].group", [*PAIR], [], []),
        (f"{FIELDS}[0].validation_type", [field("text", "a", validation_type="iban")], [], []),
        (f"{FIELDS}[0].validation_custom_regex", [field("text", "a", validation_type="custom_regex")], [], []),
        (
            f"{FIELDS}[0].validation_custom_regex",
            [field("text", "a", validation_type="custom_regex", validation_custom_regex="(")],
            [],
            [],
        ),
        (
            f"{FIELDS}[0].validation_custom_regex",
            [field("text", "a", validation_type="custom_regex", validation_custom_regex="[a-z]{100000}")],
            [],
            [],
        ),
        (f"{GROUPS}[1].group_id", [*PAIR], [group(), group()], []),
        (f"{GROUPS}[0]", [field("radio", "a")], [group()], []),
        (f"{GROUPS}[0]", [field("radio", "a"), field("checkbox", "b", group="g")], [group()], []),
        (f"{GROUPS}[0]", [field("radio", "a"), field("radio", "b", signer=1)], [group()], []),
        (f"{GROUPS}[0]", [field("radio", "a", is_checked=1), field("radio", "b", is_checked=True)], [group()], []),
        (f"{GROUPS}[0].requirement", [*PAIR], [group(requirement="require_1-ormore")], []),
        (f"{GROUPS}[0].requirement", [*PAIR], [group(requirement="require_2")], []),
        (f"{RULES}[0].triggers", [BOX, TEXT], [], [rule("r", "box", "1", "text") | {"triggers": []}]),
        (f"{RULES}[0].triggers[0].id", [BOX, TEXT], [], [rule("r", "nobody", "1", "text")]),
        (f"{RULES}[0].triggers[0].id", [field("signature", "s"), TEXT], [], [rule("r", "s", "1", "text")]),
        (f"{RULES}[0].triggers[0].operator", [BOX, TEXT], [], [rule("r", "box", ["1"], "text", operator="any")]),
        (f"{RULES}[0].triggers[0].value", [BOX, TEXT], [], [rule("r", "box", "yes", "text")]),
        (f"{RULES}[0].triggers[0].value", [BOX, TEXT], [], [rule("r", "text", "(", "box", operator="match")]),
        (
            f"{RULES}[0].triggers[0].values",
            [field("dropdown", "d"), TEXT],
            [],
            [rule("r", "d", [], "text", operator="any")],
        ),
        (f"{RULES}[0].actions", [BOX, TEXT], [], [rule("r", "box", "1")]),
        (f"{RULES}[0].actions[0].field_id", [BOX, TEXT], [], [rule("r", "box", "1", "nobody")]),
        (f"{RULES}[0].actions[0].field_id", [BOX, LATER], [], [rule("r", "box", "1", "later")]),
        (f"{RULES}[0].actions[0].field_id", [BOX], [], [rule("r", "box", "1", "box")]),
        (f"{RULES}[0].actions[0].field_id", [BOX, field("hyperlink", "l")], [], [rule("r", "box", "1", "l")]),
        (f"{RULES}[1].id", [BOX, TEXT], [], [rule("r", "box", "1", "text")] * 2),
        (f"{RULES}[1].actions", [BOX, TEXT], [], [rule("r", "box", "1", "text"), rule("s", "box", "0", "text")]),
        (
            f"{RULES}[0].trigger_operator",
            [BOX, TEXT],
            [],
            [rule("r", "box", "1", "text") | {"trigger_operator": "OR"}],
        ),
        (f"{RULES}[0]", [BOX, TEXT], [], [rule("r", "box", "1", "text"), rule("s", "text", "x", "box")]),
    ],
)
def test_a_refusal_names_the_parameter(path: str, fields: Any, groups: Any, rules: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        plan(*fields, groups=groups, rules=rules)
    assert caught.value.path == path
    assert caught.value.message.endswith((".", "?")) or ":" in caught.value.message


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken_and_kept(kind: FieldKind) -> None:
    made = plan(field(kind, "a", name="Name", font_size=9, font_family="georgia"))
    [one] = made.fields
    assert (one.field.kind, one.field.name, one.field.font_family) == (kind, "Name", "georgia")
    assert from_json(as_json(made), FormPlan) == made


def test_what_old_callers_wrote_is_taken() -> None:
    """The help pages know ``date``, ``checked``, 0 and 1 for flags, numbers as text, and fields without id."""
    bare = {key: value for key, value in field("text", "x").items() if key not in ("api_id", "required")}
    made = plan(
        field("date", "day"),
        field("radio", "a", is_checked=None, checked=1),
        field("radio", "b"),
        bare,
        bare | {"x": "12.5", "required": "1"},
        groups=[group()],
    )
    day, first, _, one, two = (planned.field for planned in made.fields)
    assert day.kind == "date_signed"
    assert first.is_checked
    assert (one.api_id, one.required, two.api_id, two.required) == ("field_1", False, "field_2", True)
    assert made.fields[4].spot.x == 12.5


def test_rules_may_follow_each_other_but_not_come_back() -> None:
    chain = [field("checkbox", name) for name in "abcd"]
    rules = [rule(f"r{one}", one, "1", two) for one, two in ("ab", "bc", "cd")]
    assert len(plan(*chain, rules=rules).rules) == 3
    with pytest.raises(BadRequest):
        plan(*chain, rules=[*rules, rule("back", "d", "1", "a")])
