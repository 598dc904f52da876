"""What a signer is asked, one thing at a time, in the order of the pages: the list that every view is made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from paraph.fields import INK_KINDS, check_answers, hidden_fields, tidy
from paraph.signature_requests import takes_lines

from .controls import entry_owners
from .drafts import left_empty
from .refusals import Problem
from .sentences import hint_of, label_of, sentence_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paraph import fields
    from paraph.fields import FormField
    from paraph.signature_requests import RequestField, SignerView

    from .drafts import Draft

ASKED_KINDS: Final = frozenset(
    {"text", "text-merge", "checkbox", "checkbox-merge", "radio", "dropdown", "signature", "initials"}
)
ROW_POINTS: Final = 8
"""Fields whose tops differ by less stand in one row, and are asked from left to right."""
AUTOCOMPLETE: Final = {
    "firstName": "given-name",
    "lastName": "family-name",
    "name": "name",
    "email": "email",
    "company": "organization",
    "title": "organization-title",
}
KEYPADS: Final = {
    "numbers_only": "decimal",
    "phone_number": "tel",
    "bank_routing_number": "numeric",
    "bank_account_number": "numeric",
    "email_address": "email",
    "zip_code": "numeric",
    "social_security_number": "numeric",
    "employer_identification_number": "numeric",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One box or button of an entry that has several; ``number`` is that of its field."""

    number: int
    label: str
    is_chosen: bool
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to fill in. ``number`` names its control; ``numbers`` are the fields that it stands for.

    ``kind`` is text, area, choice, tick, ticks, radios, signature or initials; ``page`` is where it is asked.
    ``problem`` is what to tell, ``is_refused`` that there is something to tell, now or later.
    """

    number: int
    numbers: tuple[int, ...]
    kind: str
    label: str
    hint: str
    required: bool
    document: int
    page: int
    value: str = ""
    is_set: bool = False
    choices: tuple[Choice, ...] = ()
    options: tuple[str, ...] = ()
    placeholder: str = ""
    masked: bool = False
    keypad: str = ""
    autocomplete: str = "off"
    is_hidden: bool = False
    problem: str = ""
    is_refused: bool = False

    @property
    def id(self) -> str:
        return f"f{self.number}"

    @property
    def is_ink(self) -> bool:
        return self.kind in INK_KINDS

    @property
    def is_done(self) -> bool:
        """True when nothing is left to do here; an optional entry counts when it was filled in."""
        filled = self.is_set or bool(self.value) or any(choice.is_chosen for choice in self.choices)
        return not self.is_refused and (filled or (self.required and bool(self.choices)))


def entries_of(view: SignerView, draft: Draft) -> tuple[Entry, ...]:
    """Return the entries in the order in which they are asked, each with what is still wrong."""
    form = view.form
    found: dict[int, list[int]] = {}
    for number, owner in enumerate(entry_owners(form)):
        if form.fields[number].kind in ASKED_KINDS:
            found.setdefault(owner, []).append(number)
    hidden = hidden_fields(form, tidy(form, draft.values))
    wrong = {problem.api_id: problem for problem in reversed(problems_of(view, draft))}
    entries = [_entry(view, draft, tuple(numbers), hidden) for numbers in found.values()]
    told = [_told(entry, view, wrong) for entry in entries]
    return tuple(sorted(told, key=lambda entry: _position(entry, view)))


def problems_of(view: SignerView, draft: Draft) -> tuple[fields.Problem, ...]:
    """What is to be mended before the draft can be signed, in the order of the form."""
    found = check_answers(
        view.form,
        draft.values,
        has_signature=draft.signature is not None,
        has_initials=draft.initials is not None,
        left_empty=left_empty(view.form, draft),
    )
    return found if isinstance(found, tuple) else ()


def problem_list(entries: Sequence[Entry]) -> tuple[Problem, ...]:
    """The problems of visible entries, each leading to its entry."""
    return tuple(Problem(entry.id, entry.problem) for entry in entries if entry.problem and not entry.is_hidden)


def progress(entries: Sequence[Entry]) -> tuple[int, int]:
    """How many of the required entries are done, and how many there are."""
    needed = [entry for entry in entries if entry.required and not entry.is_hidden]
    return sum(entry.is_done for entry in needed), len(needed)


def next_open(entries: Sequence[Entry], after: int = -1) -> Entry | None:
    """The next visible entry with nothing in it after the one of this number; at the end the first required one."""
    place = next((place for place, entry in enumerate(entries) if entry.number == after), -1)
    later = [entry for entry in entries[place + 1 :] if not entry.is_hidden and not entry.is_done]
    missed = [entry for entry in entries if entry.required and not entry.is_hidden and not entry.is_done]
    return next(iter((*later, *missed)), None)


def _entry(view: SignerView, draft: Draft, numbers: tuple[int, ...], hidden: frozenset[str]) -> Entry:
    form = view.form
    members = [form.fields[number] for number in numbers]
    first, placed = members[0], view.fields[numbers[0]]
    group = next((each for each in form.groups if each.group_id == first.group), None)
    document = next(each.position for each in view.documents if each.id == placed.document_pk)
    entry = Entry(
        number=numbers[0],
        numbers=numbers,
        kind=_kind(first, placed, is_grouped=group is not None),
        label=(group.label if group else "") or label_of(first, placed.page),
        hint="" if group else hint_of(first),
        required=group.requirement != "require_0-1" if group else any(one.required for one in members),
        document=document,
        page=placed.page,
        is_hidden=all(one.api_id in hidden for one in members),
    )
    if group or first.kind == "radio":
        return replace(entry, choices=_choices(view, draft, numbers, hidden))
    if entry.is_ink:
        return replace(entry, is_set=first.api_id in draft.placed)
    if entry.kind == "tick":
        return replace(entry, is_set=draft.values.get(first.api_id) is True)
    return _with_text(entry, first, str(draft.values.get(first.api_id) or ""))


def _kind(field: FormField, placed: RequestField, *, is_grouped: bool) -> str:
    if field.kind == "radio":
        return "radios"
    if field.is_ticked_kind:
        return "ticks" if is_grouped else "tick"
    if field.kind == "dropdown":
        return "choice"
    if field.kind in INK_KINDS:
        return field.kind
    return "area" if takes_lines(field, placed.height) and not field.masked else "text"


def _choices(view: SignerView, draft: Draft, numbers: tuple[int, ...], hidden: frozenset[str]) -> tuple[Choice, ...]:
    members = [(number, view.form.fields[number]) for number in numbers]
    return tuple(
        Choice(
            number,
            label_of(one, view.fields[number].page),
            draft.values.get(one.api_id) is True,
            one.api_id in hidden,
        )
        for number, one in members
    )


def _with_text(entry: Entry, field: FormField, value: str) -> Entry:
    return replace(
        entry,
        value=value,
        options=field.options,
        placeholder=field.placeholder,
        masked=field.masked,
        keypad=KEYPADS.get(field.validation or "", ""),
        autocomplete=AUTOCOMPLETE.get(field.auto_fill or "", "off") if not field.masked else "off",
    )


def _told(entry: Entry, view: SignerView, wrong: Mapping[str, fields.Problem]) -> Entry:
    own = (wrong.get(view.form.fields[number].api_id) for number in entry.numbers)
    found = next((problem for problem in own if problem), None)
    return replace(entry, problem=sentence_of(found, entry.label), is_refused=True) if found else entry


def _position(entry: Entry, view: SignerView) -> tuple[int, int, int, float]:
    placed = view.fields[entry.numbers[0]]
    return (entry.document, entry.page, round(placed.y / ROW_POINTS), placed.x)
