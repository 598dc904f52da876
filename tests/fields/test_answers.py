"""What a signer hands in, held against the form."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paraph.fields import Answers, Form, FormField, ValidationType, Value, check_answers, hidden_fields, preset_values

from .making import field, group, plan, rule


def form_of(*fields: Any, **bound: Any) -> Form:
    return plan(*fields, **bound).form.of(0)


def problems(form: Form, values: dict[str, Value], *, signed: bool = True) -> list[tuple[str, str]]:
    found = check_answers(form, values, has_signature=signed, has_initials=signed)
    return [] if isinstance(found, Answers) else [(one.api_id, one.code) for one in found]


def kept(form: Form, values: dict[str, Value]) -> dict[str, Value]:
    found = check_answers(form, values, has_signature=True, has_initials=True)
    assert isinstance(found, Answers), found
    return found.values


GOOD: list[tuple[ValidationType, str]] = [
    ("numbers_only", "12"),
    ("numbers_only", "-3.5"),
    ("numbers_only", "1,234.50"),
    ("numbers_only", "1.234,50"),
    ("letters_only", "Zoë Müller"),
    ("letters_only", "王小明"),
    ("letters_only", "नमस्ते"),
    ("phone_number", "+1 (555) 123-4567"),
    ("bank_routing_number", "021000021"),
    ("bank_account_number", "1234 5678 9012"),
    ("email_address", "ann@example.com"),
    ("email_address", "ann@bücher.example"),
    ("zip_code", "10115"),
    ("zip_code", "10115-1234"),
    ("social_security_number", "123-45-6789"),
    ("employer_identification_number", "12-3456789"),
]
BAD: list[tuple[ValidationType, str]] = [
    ("numbers_only", "12a"),
    ("numbers_only", "1-2"),
    ("numbers_only", "٣"),
    ("numbers_only", "."),
    ("letters_only", "R2D2"),
    ("phone_number", "12345"),
    ("phone_number", "call me"),
    ("bank_routing_number", "02100002"),
    ("bank_account_number", "12345"),
    ("email_address", "ann@"),
    ("email_address", "a b@example.com"),
    ("zip_code", "1011"),
    ("social_security_number", "123-45-678"),
    ("employer_identification_number", "1-23456789"),
]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_a_validation_takes_what_it_should(kind: ValidationType, text: str) -> None:
    assert kept(form_of(field("text", "a", validation_type=kind)), {"a": text}) == {"a": text}


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_a_validation_refuses_the_rest(kind: ValidationType, text: str) -> None:
    assert problems(form_of(field("text", "a", validation_type=kind)), {"a": text}) == [("a", "invalid")]


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        ("^[A-Z]{2}$", "DE", True),
        ("[A-Z]{2}", "a DE b", True),  # as JavaScript's test: found anywhere
        ("^[A-Z]{2}$", "DEU", False),
        (r"^\d+$", "٣", False),  # as in JavaScript, digits are 0 to 9
        ("(a+)+$", "a" * 5000 + "!", False),
    ],
)
def test_a_pattern_is_looked_for_as_javascript_does(pattern: str, text: str, is_found: bool) -> None:
    form = form_of(field("text", "a", validation_type="custom_regex", validation_custom_regex=pattern))
    assert (problems(form, {"a": text}) == []) is is_found


def test_hostile_patterns_together_cost_no_more_than_a_second() -> None:
    fields = [
        field(
            "text", f"t{number}", validation_type="custom_regex", validation_custom_regex=f"(a+){{1,{number + 1}}}+$b"
        )
        for number in range(200)
    ]
    form = form_of(*fields)
    started = time.monotonic()
    problems(form, {f"t{number}": "a" * 4000 + "!" for number in range(200)})
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("ticked", "requirement", "code"),
    [
        ((), "require_1", "choose_one"),
        ((), "require_0-1", None),
        ((), "require_1-ormore", "choose_at_least_one"),
        (("a",), "require_1", None),
        (("a", "b"), "require_1", "choose_at_most_one"),
        (("a", "b"), "require_0-1", "choose_at_most_one"),
        (("a", "b"), "require_1-ormore", None),
    ],
)
def test_groups_count_their_ticks(ticked: tuple[str, ...], requirement: str, code: str | None) -> None:
    boxes = [field("checkbox", name, group="g") for name in "ab"]
    form = form_of(*boxes, groups=[group(requirement=requirement)])
    expected = [("a", code)] if code else []
    assert problems(form, dict.fromkeys(ticked, True)) == expected


def test_what_is_missing_is_told_in_the_order_of_the_form() -> None:
    form = form_of(
        field("initials", "ini"),
        field("text", "name"),
        field("checkbox", "agree"),
        field("dropdown", "colour"),
        field("signature", "sig"),
        field("text", "maybe", required=False),
    )
    assert problems(form, {"colour": "blue", "maybe": "x" * 5001}, signed=False) == [
        ("ini", "initials_required"),
        ("name", "required"),
        ("agree", "tick_required"),
        ("colour", "not_an_option"),
        ("sig", "signature_required"),
        ("maybe", "too_long"),
    ]
    assert problems(form, {"name": "bell\x07", "agree": True, "colour": "red"}) == [("name", "unprintable")]


def test_a_hidden_field_blocks_nobody_and_keeps_nothing() -> None:
    form = form_of(
        field("checkbox", "box", required=False),
        field("text", "text"),
        field("signature", "sig"),
        rules=[rule("r", "box", "1", "text", "sig", hidden=False)],
    )
    assert kept(form, {"text": "sneaked in"}) == {"box": False}
    assert problems(form, {"box": True}) == [("text", "required")]
    assert kept(form, {"box": True, "text": "x"}) == {"box": True, "text": "x"}


def test_linked_fields_hold_one_value() -> None:
    form = form_of(field("text", "a", link_id="n"), field("text", "b", link_id="n"))
    assert kept(form, {"b": "Ann"}) == {"a": "Ann", "b": "Ann"}


def test_presets_are_what_the_sender_and_the_name_say() -> None:
    form = form_of(
        field("text", "first", auto_fill_type="firstName"),
        field("text", "last", auto_fill_type="lastName"),
        field("text", "mail", auto_fill_type="email"),
        field("text", "firm", auto_fill_type="company"),
        field("text", "given", content="x", auto_fill_type="name"),
        field("checkbox", "box", is_checked=True),
    )
    assert preset_values(form, name="Ann van Lee", email_address="ann@example.com") == {
        "first": "Ann",
        "last": "van Lee",
        "mail": "ann@example.com",
        "firm": "",
        "given": "x",
        "box": True,
    }


NAMES = [f"f{number}" for number in range(7)]


@st.composite
def chains(draw: st.DrawFn) -> Form:
    """Fields with rules that lead only onward."""
    kinds = [draw(st.sampled_from(["checkbox", "text"])) for _ in NAMES]
    targets = draw(st.lists(st.integers(1, len(NAMES) - 1), unique=True))
    rules = []
    for target in targets:
        trigger = draw(st.integers(0, target - 1))
        value = (
            draw(st.sampled_from(["1", "0"])) if kinds[trigger] == "checkbox" else draw(st.sampled_from(["x", ""]))
        )
        operator = draw(st.sampled_from(["is", "not"]))
        hidden = draw(st.booleans())
        if value or kinds[trigger] == "checkbox":
            rules.append(rule(f"r{target}", NAMES[trigger], value, NAMES[target], operator=operator, hidden=hidden))
    fields = [field(kind, name, required=False) for kind, name in zip(kinds, NAMES, strict=True)]
    return form_of(*fields, rules=rules)


@settings(max_examples=150, deadline=None)
@given(
    chains(), st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, st.sampled_from([True, False, "x", "y", ""])))
)
def test_visibility_settles_and_answers_agree_with_it(form: Form, values: dict[str, Value]) -> None:
    found = check_answers(form, values, has_signature=True, has_initials=True)
    assert isinstance(found, Answers)
    assert not set(found.values) & found.hidden
    # what was kept, handed in again, is kept again
    again = check_answers(form, found.values, has_signature=True, has_initials=True)
    assert isinstance(again, Answers)
    assert again.hidden == found.hidden
    assert again.values == found.values


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*NAMES, "nobody"]), st.one_of(st.text(max_size=40), st.booleans(), st.none()))
)
def test_nothing_that_is_handed_in_breaks_it(values: dict[str, Any]) -> None:
    kinds = ["text", "checkbox", "dropdown", "signature", "text-merge", "date_signed", "hyperlink"]
    form = form_of(*[field(kind, name) for kind, name in zip(kinds, NAMES, strict=True)])
    found = check_answers(form, values, has_signature=False, has_initials=False)
    assert isinstance(found, tuple)
    assert isinstance(hidden_fields(form, values), frozenset)
    assert all(isinstance(one.field, FormField) for one in found)
