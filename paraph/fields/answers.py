"""What a signer handed in, held against the form: the same rules on every page and on the write (T16, T18). Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .patterns import Matcher
from .shapes import INK_KINDS, LONGEST_VALUE_CHARACTERS, TEXT_KINDS, TICK_KINDS
from .validation import accepts
from .visibility import hidden_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .shapes import FieldGroup, Form, FormField, Value

ProblemCode = Literal[
    "required",
    "tick_required",
    "choose_one",
    "choose_at_least_one",
    "choose_at_most_one",
    "invalid",
    "not_an_option",
    "too_long",
    "unprintable",
    "signature_required",
    "initials_required",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: the field to go to, what is wrong, and whose validation or group said so."""

    api_id: str
    code: ProblemCode
    field: FormField
    group: FieldGroup | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """Accepted answers: values by api_id (hidden and empty ones left out), which ink fields are filled, and which
    fields nobody saw."""

    values: dict[str, Value] = field(default_factory=dict)
    inked: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def preset_values(form: Form, *, name: str, email_address: str) -> dict[str, Value]:
    """What the fields of a signer hold before they touch them: presets of the sender and automatic fill."""
    found: dict[str, Value] = {}
    for one in form.fields:
        if one.kind in TICK_KINDS:
            found[one.api_id] = one.is_checked
        elif one.kind in TEXT_KINDS:
            found[one.api_id] = one.content or _auto_filled(one, name, email_address)
    return found


def tidy(form: Form, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values that the form knows, each of the right type, linked fields made equal; nothing is judged yet."""
    found: dict[str, Value] = {}
    for one in form.fields:
        if one.kind in TICK_KINDS:
            found[one.api_id] = values.get(one.api_id) is True
        elif one.kind in TEXT_KINDS:
            given = values.get(one.api_id)
            found[one.api_id] = _tidy_text(given) if isinstance(given, str) else ""
    return _linked(form, found)


def check_answers(
    form: Form,
    values: Mapping[str, Value],
    *,
    has_signature: bool,
    has_initials: bool,
    left_empty: frozenset[str] = frozenset(),
) -> Answers | tuple[Problem, ...]:
    """Return the answers to keep, or what is to be mended, in the order of the form.

    ``form`` is one signer's own part. Values of hidden fields are dropped, whatever was sent for them.
    ``left_empty`` are the places where the signer put no signature or initials.
    """
    tidied = tidy(form, values)
    matcher = Matcher()
    hidden = hidden_fields(form, tidied, matcher)
    seen = [one for one in form.fields if one.api_id not in hidden]
    inked = _inked(seen, has_signature=has_signature, has_initials=has_initials) - left_empty
    problems = [problem for one in seen for problem in _problems_of(one, tidied, inked, matcher)]
    problems += [problem for group in form.groups for problem in _problems_of_group(group, seen, tidied)]
    if problems:
        order = {one.api_id: place for place, one in enumerate(form.fields)}
        return tuple(sorted(problems, key=lambda problem: order[problem.api_id]))
    kept = {one.api_id: tidied[one.api_id] for one in seen if tidied.get(one.api_id) not in (None, "")}
    return Answers(kept, inked, hidden)


def _auto_filled(one: FormField, name: str, email_address: str) -> str:
    words = name.split()
    if one.auto_fill == "name":
        return name
    if one.auto_fill == "email":
        return email_address
    if one.auto_fill == "firstName":
        return words[0] if words else ""
    if one.auto_fill == "lastName":
        return " ".join(words[1:])
    return ""  # nobody told us their company or title


def _tidy_text(text: str) -> str:
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return lines.replace("\t", " ")


def _linked(form: Form, values: dict[str, Value]) -> dict[str, Value]:
    """Linked text fields hold one value: the first of them that has any."""
    links: dict[str, str] = {}
    for one in form.fields:
        value = values.get(one.api_id)
        if one.link_id and isinstance(value, str) and value:
            links.setdefault(one.link_id, value)
    return {
        **values,
        **{one.api_id: links[one.link_id] for one in form.fields if one.kind == "text" and one.link_id in links},
    }


def _inked(seen: list[FormField], *, has_signature: bool, has_initials: bool) -> frozenset[str]:
    given = {"signature": has_signature, "initials": has_initials}
    return frozenset(one.api_id for one in seen if given.get(one.kind, False))


def _problems_of(
    one: FormField, values: Mapping[str, Value], inked: frozenset[str], matcher: Matcher
) -> Iterator[Problem]:
    if one.kind in INK_KINDS:
        if one.required and one.api_id not in inked:
            yield Problem(one.api_id, "signature_required" if one.kind == "signature" else "initials_required", one)
    elif one.kind in TICK_KINDS:
        if one.required and not one.group and values[one.api_id] is not True:
            yield Problem(one.api_id, "tick_required", one)
    elif one.kind in TEXT_KINDS:
        yield from _problems_of_text(one, str(values[one.api_id]), matcher)


def _problems_of_text(one: FormField, text: str, matcher: Matcher) -> Iterator[Problem]:
    if not text:
        if one.required:
            yield Problem(one.api_id, "required", one)
    elif len(text) > LONGEST_VALUE_CHARACTERS:
        yield Problem(one.api_id, "too_long", one)
    elif any(unicodedata.category(character) in ("Cc", "Cs", "Co") for character in text.replace("\n", "")):
        yield Problem(one.api_id, "unprintable", one)
    elif one.kind == "dropdown" and text not in one.options:
        yield Problem(one.api_id, "not_an_option", one)
    elif not accepts(one, text, matcher):
        yield Problem(one.api_id, "invalid", one)


def _problems_of_group(group: FieldGroup, seen: list[FormField], values: Mapping[str, Value]) -> Iterator[Problem]:
    members = [one for one in seen if one.group == group.group_id]
    if not members:
        return
    ticked = sum(values.get(one.api_id) is True for one in members)
    first = members[0]
    if group.requirement != "require_1-ormore" and ticked > 1:
        yield Problem(first.api_id, "choose_at_most_one", first, group)
    elif group.requirement == "require_1" and ticked == 0:
        yield Problem(first.api_id, "choose_one", first, group)
    elif group.requirement == "require_1-ormore" and ticked == 0:
        yield Problem(first.api_id, "choose_at_least_one", first, group)
