"""How the controls of a page are named, and what a form says about fields. Pure.

Names count the fields of one signer's own part of the form: ``f3``. Fields that hold one value together (linked text
fields, the buttons of a radio group) share the control of the first of them; what senders call a field never becomes
a name, for their words may hold anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from paraph.fields import INK_KINDS, LONGEST_VALUE_CHARACTERS, TEXT_KINDS, TICK_KINDS

if TYPE_CHECKING:
    from paraph.fields import Form, FormField, Value

YES: Final = "yes"
LONGEST_KEPT_CHARACTERS: Final = 2 * LONGEST_VALUE_CHARACTERS
"""A little more than a field takes, so that what is too long can be made shorter instead of being lost."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What a form said: values and ticks of places, by api_id, for the fields that it was about."""

    values: Mapping[str, Value] = field(default_factory=dict)
    placed: Mapping[str, bool] = field(default_factory=dict)


def owners(form: Form) -> tuple[int, ...]:
    """For each field, the number of the field whose control it uses: its own, or that of the first it is bound to."""
    first: dict[tuple[str, str], int] = {}
    return tuple(first.setdefault(_bond(one), number) for number, one in enumerate(form.fields))


def entry_owners(form: Form) -> tuple[int, ...]:
    """As ``owners``, with the checkboxes of a group together too: what is asked at one time."""
    first: dict[tuple[str, str], int] = {}
    return tuple(
        first.setdefault(("group", one.group) if one.group else _bond(one), number)
        for number, one in enumerate(form.fields)
    )


def read_entered(form: Form, given: Callable[[str], str], about: frozenset[int] | None = None) -> Entered:
    """Return what the controls say; ``given`` is the text of a control, empty when it is missing.

    ``about`` are the numbers of the controls that were sent, None for all.
    """
    values: dict[str, Value] = {}
    placed: dict[str, bool] = {}
    for number, (one, owner) in enumerate(zip(form.fields, owners(form), strict=True)):
        if about is not None and owner not in about:
            continue
        told = given(f"f{owner}")
        if one.kind == "radio":
            values[one.api_id] = told == str(number)
        elif one.kind in TICK_KINDS:
            values[one.api_id] = told == YES
        elif one.kind in TEXT_KINDS:
            values[one.api_id] = told[:LONGEST_KEPT_CHARACTERS]
        elif one.kind in INK_KINDS:
            placed[one.api_id] = told == YES
    return Entered(values, placed)


def _bond(one: FormField) -> tuple[str, str]:
    if one.kind == "radio" and one.group:
        return ("radio", one.group)
    if one.kind == "text" and one.link_id:
        return ("link", one.link_id)
    return ("field", one.api_id)
