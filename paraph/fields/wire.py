"""Fields on the wire (SubFormFieldsPerDocumentBase and its kin); no judgement beyond types and choices."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from paraph.kit.wire import Request, rule

from .shapes import DEFAULT_FONT_SIZE, AutoFill, FieldKind, FontFamily, Operator, Requirement, ValidationType

MAX_FIELDS = 2000
MAX_GROUPS = 500
MAX_RULES = 500
MAX_OPTIONS = 500
MAX_ACTIONS = 500
MAX_CUSTOM_FIELDS = 2000
LONGEST_ID_CHARACTERS = 200
LONGEST_TEXT_CHARACTERS = 5000
LARGEST_PIXELS = 1_000_000

Id = Annotated[str, Meta(max_length=LONGEST_ID_CHARACTERS)]
Words = Annotated[str, Meta(max_length=LONGEST_TEXT_CHARACTERS)]
Coordinate = Annotated[float, Meta(ge=-LARGEST_PIXELS, le=LARGEST_PIXELS)]
Side = Annotated[float, Meta(gt=0, le=LARGEST_PIXELS)]


class FieldBody(Request):
    """Any of the ten SubFormFieldsPerDocument… schemas; which members count is decided by ``type``."""

    document_index: Annotated[int, Meta(ge=0)]
    type: Literal[FieldKind, "date"]
    signer: int | str
    x: Coordinate
    y: Coordinate
    width: Side
    height: Side
    # the vendor's help pages leave these two out, and its server takes that
    api_id: Id | None = None
    required: bool = False
    name: Words | None = None
    page: Annotated[int, Meta(ge=1)] | None = None
    placeholder: Words | None = None
    auto_fill_type: AutoFill | None = None
    link_id: Id | None = None
    masked: bool = False
    validation_type: ValidationType | None = None
    validation_custom_regex: Words | None = None
    validation_custom_regex_format_label: Words | None = None
    content: Words | None = None
    content_url: Words | None = None
    font_family: FontFamily | None = None
    font_size: int = DEFAULT_FONT_SIZE
    options: Annotated[list[Words], Meta(max_length=MAX_OPTIONS)] = []
    is_checked: Annotated[bool, rule(aliases=("checked",))] = False
    group: Id | None = None
    path: Annotated[str, rule(is_path=True)] = ""


class GroupBody(Request):
    """SubFormFieldGroup."""

    group_id: Id
    group_label: Words
    requirement: Requirement


class TriggerBody(Request):
    """SubFormFieldRuleTrigger."""

    id: Id
    operator: Operator
    value: Annotated[str, rule(empty_clears=True)] | None = None
    values: Annotated[list[str], Meta(max_length=MAX_OPTIONS)] = []


class ActionBody(Request):
    """SubFormFieldRuleAction."""

    hidden: bool
    type: Literal["change-field-visibility", "change-group-visibility"]
    field_id: Id | None = None
    group_id: Id | None = None


class RuleBody(Request):
    """SubFormFieldRule."""

    id: Id
    triggers: Annotated[list[TriggerBody], Meta(max_length=MAX_ACTIONS)]
    actions: Annotated[list[ActionBody], Meta(max_length=MAX_ACTIONS)]
    trigger_operator: str = "AND"


class CustomFieldBody(Request):
    """SubCustomField; a checkbox's value arrives as a word or as a JSON boolean."""

    name: Id
    value: bool | Words | None = None
    editor: Words | None = None
    required: bool = False


FieldBodies = Annotated[list[FieldBody], Meta(max_length=MAX_FIELDS), rule(nested_as="document_index")]
GroupBodies = Annotated[list[GroupBody], Meta(max_length=MAX_GROUPS), rule(keyed_by="group_id")]
RuleBodies = Annotated[list[RuleBody], Meta(max_length=MAX_RULES)]
CustomFieldBodies = Annotated[
    list[CustomFieldBody], Meta(max_length=MAX_CUSTOM_FIELDS), rule(keyed_by="name", value_as="value")
]
