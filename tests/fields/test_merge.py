"""Pre-filled data and who may change it."""
# ruff: noqa: RUF012 - msgspec copies an empty list of a struct's default for each instance

from __future__ import annotations

from typing import Any

import pytest

from paraph.fields import (
    CustomFieldBodies,
    CustomValue,
    Editors,
    FormField,
    custom_values,
    merged_field,
    unmatched_names,
)
from paraph.kit.errors import BadRequest
from paraph.kit.wire import Request, decode

EDITORS = Editors({"Ann": 0, "Bob": 1}, 0)
NOBODY = Editors({"Ann": 0, "Bob": 1}, None)


class Body(Request):
    custom_fields: CustomFieldBodies = []


def values_of(given: Any) -> dict[str, CustomValue]:
    return custom_values(decode({"custom_fields": given}, Body).custom_fields)


@pytest.mark.parametrize(
    "given",
    [
        [{"name": "Price", "value": "12"}, {"name": "Paid", "value": "true"}],
        '[{"name": "Price", "value": "12"}, {"name": "Paid", "value": "true"}]',
        {"Price": "12", "Paid": "true"},
        '{"Price": 12, "Paid": true}',
    ],
)
def test_all_forms_mean_the_same(given: Any) -> None:
    found = values_of(given)
    price = merged_field(FormField("p", "text-merge", None, name="Price"), found, EDITORS)
    paid = merged_field(FormField("Paid", "checkbox-merge", None), found, EDITORS)
    assert (price.content, paid.is_checked) == ("12", True)


@pytest.mark.parametrize(
    ("signer", "custom", "editors", "expected"),
    [
        (None, {}, EDITORS, (None, "", False)),
        (None, {"editor": "Ann", "required": True}, EDITORS, (0, "Ann", True)),
        (None, {"editor": "Ann"}, EDITORS, (0, "Ann", False)),
        (None, {"editor": "Ann"}, NOBODY, (None, "", False)),
        (None, {"editor": "Bob"}, EDITORS, (None, "", False)),
        (None, {"editor": "Stranger"}, EDITORS, (None, "", False)),
        (0, {}, EDITORS, (0, "0", True)),
        (1, {}, EDITORS, (None, "", False)),
        (0, {}, NOBODY, (None, "", False)),
    ],
)
def test_only_who_signs_first_may_change_it(
    signer: int | None, custom: dict[str, Any], editors: Editors, expected: tuple[int | None, str, bool]
) -> None:
    field = FormField("p", "text-merge", signer, required=signer is not None)
    found = merged_field(field, values_of([{"name": "p", "value": "x"} | custom]), editors)
    assert (found.signer, found.editor, found.required) == expected
    assert found.content == "x"


def test_case_counts_and_other_fields_stay() -> None:
    found = values_of([{"name": "price", "value": "x"}])
    field = FormField("p", "text-merge", None, name="Price")
    assert merged_field(field, found, EDITORS).content == ""
    assert unmatched_names([field], found) == ("price",)
    text = FormField("price", "text", 0)
    assert merged_field(text, found, EDITORS) is text


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ([{"name": "a", "required": True}], "custom_fields[0].editor"),
        ([{"name": "a"}, {"name": "a"}], "custom_fields[1].name"),
        ([{"value": "a"}], "custom_fields[0].name"),
        ([{"name": "a", "value": "x" * 5001}], "custom_fields[0].value"),
    ],
)
def test_a_refusal_names_the_parameter(given: Any, path: str) -> None:
    with pytest.raises(BadRequest) as caught:
        values_of(given)
    assert caught.value.path == path
