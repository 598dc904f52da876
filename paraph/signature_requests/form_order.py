"""What a send asks for beside people and files: fields, what binds them, pre-filled data, text tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from paraph.documents import HEAD_BYTES, sniff
from paraph.fields import (
    CustomValue,
    Editors,
    FormPlan,
    check_form,
    custom_values,
    lost_editors,
    merged_field,
    plan_form,
    unmatched_names,
)
from paraph.kit.errors import BadRequest
from paraph.kit.wire import Notice

from .looks import fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paraph.fields import Form
    from paraph.kit.wire import FilePart

    from .wire import SendBody

FILLED_BY_NOBODY = frozenset({"hyperlink", "date_signed"})
PDF = "application/pdf"
FIELDS = "form_fields_per_document"
MOST_NAMED = 5
"""Names that a warning lists."""


class Person(Protocol):
    """Who signs, as far as fields care."""

    @property
    def name(self) -> str: ...
    @property
    def email_address(self) -> str: ...
    @property
    def turn(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FormOrder:
    """A checked order of fields. ``plan`` has its pre-filled data in place; ``customs`` are for the fields that text
    tags will bring."""

    plan: FormPlan = FormPlan()
    customs: Mapping[str, CustomValue] = field(default_factory=dict)
    use_text_tags: bool = False
    hide_text_tags: bool = False
    ignore_tag_errors: bool = False


def order_form(body: SendBody, people: Sequence[Person], documents: int) -> tuple[FormOrder, tuple[Notice, ...]]:
    """Return the order of this body, and what its sender should know; raises BadRequest."""
    customs = custom_values(body.custom_fields)
    asked = plan_form(
        body.form_fields_per_document,
        body.form_field_groups,
        body.form_field_rules,
        signers=len(people),
        documents=documents,
    )
    plan = merged_plan(asked, customs, people)
    order = FormOrder(
        plan,
        customs,
        use_text_tags=body.use_text_tags,
        hide_text_tags=body.hide_text_tags and body.use_text_tags,
        ignore_tag_errors=body.ignore_text_tags_extraction_errors,
    )
    if not order.use_text_tags:  # tags may bring what is missing
        check_form(plan.form)
        check_everybody_has_a_field(plan.form, people)
    return order, tuple(_notices(body, asked, order))


def merged_plan(plan: FormPlan, customs: Mapping[str, CustomValue], people: Sequence[Person]) -> FormPlan:
    """The plan with pre-filled data in its merge fields."""
    editors = editors_among(people)
    fields = tuple(replace(one, field=merged_field(one.field, customs, editors)) for one in plan.fields)
    return replace(plan, fields=fields)


def check_everybody_has_a_field(form: Form, people: Sequence[Person]) -> None:
    """Raise BadRequest when some signers have something to fill in and others have not.

    When nobody has, the signature page is for all of them.
    """
    busy = {field.signer for field in form.fields if field.kind not in FILLED_BY_NOBODY} - {None}
    idle = [position for position in range(len(people)) if position not in busy]
    if busy and idle:
        raise BadRequest(
            f"Every signer needs a field to fill in; {people[idle[0]].name} (signers[{idle[0]}]) has none.",
            path=FIELDS,
        )


def has_fields_of_signers(form: Form) -> bool:
    """True when somebody signs on the documents themselves."""
    return any(field.signer is not None and field.kind not in FILLED_BY_NOBODY for field in form.fields)


def editors_among(people: Sequence[Person]) -> Editors:
    """Only who signs before everybody else may change pre-filled data (behaviour sheet, F.5)."""
    first = [position for position, person in enumerate(people) if person.turn == 0]
    words: dict[str, int] = {}
    for position, person in enumerate(people):
        for word in (person.name, person.email_address, str(position), f"signer{position + 1}"):
            words.setdefault(word, position)
    return Editors(words, first[0] if len(first) == 1 else None)


def _notices(body: SendBody, asked: FormPlan, order: FormOrder) -> Iterator[Notice]:
    if body.hide_text_tags and not body.use_text_tags:
        yield Notice("hide_text_tags is ignored: use_text_tags is not set.", "parameter_ignored")
    if order.use_text_tags and any(_is_no_pdf(part) for part in body.files):
        yield Notice(
            "Text tags are read from the PDF that is made of a file; in files of other kinds they may be broken up.",
            "non_pdf_text_tags",
        )
    fields = order.plan.form.fields
    if lost_editors(asked.form.fields, fields, order.customs):
        yield Notice(
            "A merge field cannot be changed by its signer: only the one who signs first and alone may do that.",
            "parameter_ignored",
        )
    if not order.use_text_tags:
        lost = unmatched_names(fields, order.customs)
        if lost:
            yield Notice(f"custom_fields: no merge field is called {_named(lost)}.", "parameter_ignored")
    crowded = [one.field.name or one.field.api_id for one in order.plan.fields if not fits(one.field, one.spot)]
    if crowded:
        name = "custom_field_value_too_long" if len(crowded) == 1 else "custom_field_values_too_long"
        yield Notice(f"Pre-filled data is printed smaller to fit into its field: {_named(crowded)}.", name)


def _named(names: Sequence[str]) -> str:
    more = ", and more" if len(names) > MOST_NAMED else ""
    return ", ".join(f"“{name}”" for name in names[:MOST_NAMED]) + more


def _is_no_pdf(part: FilePart) -> bool:
    with part.open() as file:
        return sniff(file.read(HEAD_BYTES)) != PDF
