"""The nouns of this room: plain frozen data, kept as JSON by whoever stores them.

Two kinds of place: a Spot is where the caller of the API put a field, in the vendor's pixels; a Place is where
it is, in points of the page as shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

FieldKind = Literal[
    "text",
    "checkbox",
    "radio",
    "dropdown",
    "hyperlink",
    "signature",
    "initials",
    "date_signed",
    "text-merge",
    "checkbox-merge",
]
"""SubFormFieldsPerDocumentTypeEnum."""

ValidationType = Literal[
    "numbers_only",
    "letters_only",
    "phone_number",
    "bank_routing_number",
    "bank_account_number",
    "email_address",
    "zip_code",
    "social_security_number",
    "employer_identification_number",
    "custom_regex",
]
AutoFill = Literal["firstName", "lastName", "name", "email", "company", "title"]
FontFamily = Literal[
    "helvetica",
    "arial",
    "courier",
    "calibri",
    "cambria",
    "georgia",
    "times",
    "trebuchet",
    "verdana",
    "roboto",
    "robotoMono",
    "notoSans",
    "notoSerif",
    "notoCJK-JP-Regular",
    "notoHebrew-Regular",
    "notoSanThaiMerged",
]
"""SubFormFieldsPerDocumentFontEnum."""

Requirement = Literal["require_0-1", "require_1", "require_1-ormore"]
Operator = Literal["is", "not", "match", "any", "none"]

Value: TypeAlias = str | bool
"""What a person puts into a field: text, or whether it is ticked."""

MERGE_KINDS: Final[frozenset[FieldKind]] = frozenset({"text-merge", "checkbox-merge"})
TICK_KINDS: Final[frozenset[FieldKind]] = frozenset({"checkbox", "radio", "checkbox-merge"})
TEXT_KINDS: Final[frozenset[FieldKind]] = frozenset({"text", "dropdown", "text-merge"})
INK_KINDS: Final[frozenset[FieldKind]] = frozenset({"signature", "initials"})

DEFAULT_FONT_SIZE: Final = 12
SMALLEST_FONT_SIZE, LARGEST_FONT_SIZE = 7, 49
LONGEST_VALUE_CHARACTERS: Final = 5000


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the API caller put a field, as given (SubFormFieldsPerDocumentBase). Without a page, y runs on over all
    pages of the document."""

    document_index: int
    page: int | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is: points of the page as shown, origin top left; pages from 1, documents from 0."""

    document_index: int
    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form. ``signer`` is the position of who fills it in, None when the sender gave its value.

    ``content`` is the preset text of a text, dropdown or merge field and the words of a hyperlink; ``is_checked`` the
    preset tick. ``editor`` marks a merge field that its signer may change: the word that the sender used for them.
    """

    api_id: str
    kind: FieldKind
    signer: int | None
    name: str = ""
    required: bool = False
    content: str = ""
    content_url: str = ""
    is_checked: bool = False
    group: str = ""
    options: tuple[str, ...] = ()
    placeholder: str = ""
    auto_fill: AutoFill | None = None
    link_id: str = ""
    masked: bool = False
    validation: ValidationType | None = None
    pattern: str = ""
    pattern_label: str = ""
    font_family: FontFamily | None = None
    font_size: int = DEFAULT_FONT_SIZE
    editor: str = ""

    @property
    def is_ticked_kind(self) -> bool:
        return self.kind in TICK_KINDS

    @property
    def is_given_by_sender(self) -> bool:
        """True when the value is known before anybody signs."""
        return self.signer is None or self.kind == "hyperlink"


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Checkboxes or radio buttons that belong together (SubFormFieldGroup)."""

    group_id: str
    label: str
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class Trigger:
    """The "if" of a rule (SubFormFieldRuleTrigger): the field and what it is compared with."""

    field_id: str
    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """The "then" of a rule (SubFormFieldRuleAction): exactly one of the two targets is set."""

    hidden: bool
    field_id: str = ""
    group_id: str = ""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """If the trigger holds, the targets are hidden or shown as the actions say; if not, the other way round."""

    rule_id: str
    trigger: Trigger
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """All fields of a request, with what binds them together."""

    fields: tuple[FormField, ...] = ()
    groups: tuple[FieldGroup, ...] = ()
    rules: tuple[FieldRule, ...] = ()

    def of(self, signer: int) -> Form:
        """The part of the form that this signer fills in; rules never cross signers."""
        fields = tuple(field for field in self.fields if field.signer == signer)
        own = {field.api_id for field in fields}
        return Form(fields, self.groups, tuple(rule for rule in self.rules if rule.trigger.field_id in own))

    def members(self, group_id: str) -> tuple[FormField, ...]:
        """The fields of a group, in the order of the form."""
        return tuple(field for field in self.fields if field.group == group_id)


@dataclass(frozen=True, slots=True)
class PlannedField:
    """A field as it was asked for; its place is known once the documents are. ``path`` is where it was asked for, in
    the caller's own numbering."""

    field: FormField
    spot: Spot
    path: str = ""


@dataclass(frozen=True, slots=True)
class PlacedField:
    """A field in its place."""

    field: FormField
    place: Place


@dataclass(frozen=True, slots=True)
class FormPlan:
    """A checked form of a request that is not prepared yet."""

    fields: tuple[PlannedField, ...] = ()
    groups: tuple[FieldGroup, ...] = ()
    rules: tuple[FieldRule, ...] = ()

    @property
    def form(self) -> Form:
        return Form(tuple(planned.field for planned in self.fields), self.groups, self.rules)
