"""What the signing page says about a field: its label when the sender gave none, what it takes, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paraph.fields import LONGEST_VALUE_CHARACTERS
from paraph.kit.i18n import N_
from paraph.kit.i18n import gettext as _

if TYPE_CHECKING:
    from paraph.fields import FieldKind, FormField, Problem, ProblemCode, ValidationType

_LABELS: Final[dict[FieldKind, str]] = {
    "text": N_("Text, page %(page)s"),
    "text-merge": N_("Text, page %(page)s"),
    "checkbox": N_("Box to tick, page %(page)s"),
    "checkbox-merge": N_("Box to tick, page %(page)s"),
    "radio": N_("Choice, page %(page)s"),
    "dropdown": N_("Choice, page %(page)s"),
    "signature": N_("Your signature, page %(page)s"),
    "initials": N_("Your initials, page %(page)s"),
    "date_signed": N_("Date, page %(page)s"),
}
_TAKES: Final[dict[ValidationType, str]] = {
    "numbers_only": N_("A number, for example 1250.50"),
    "letters_only": N_("Letters only"),
    "phone_number": N_("A phone number of 10 or 11 digits"),
    "bank_routing_number": N_("The 9 digits of the routing number"),
    "bank_account_number": N_("The account number, 6 to 34 digits"),
    "email_address": N_("An e-mail address, for example ann@example.com"),
    "zip_code": N_("A ZIP code of 5 or 9 digits"),
    "social_security_number": N_("The 9 digits of the social security number"),
    "employer_identification_number": N_("The 9 digits of the employer number"),
}
_WRONG: Final[dict[ValidationType, str]] = {
    "numbers_only": N_("“%(field)s” takes a number only, for example 1250.50."),
    "letters_only": N_("“%(field)s” takes letters only: no digits, no signs."),
    "phone_number": N_("“%(field)s” needs a phone number of 10 or 11 digits."),
    "bank_routing_number": N_("“%(field)s” needs exactly 9 digits."),
    "bank_account_number": N_("“%(field)s” needs 6 to 34 digits."),
    "email_address": N_("“%(field)s” needs an e-mail address, for example ann@example.com."),
    "zip_code": N_("“%(field)s” needs a ZIP code of 5 or 9 digits."),
    "social_security_number": N_("“%(field)s” needs 9 digits, for example 123-45-6789."),
    "employer_identification_number": N_("“%(field)s” needs 9 digits, for example 12-3456789."),
}
_PROBLEMS: Final[dict[ProblemCode, str]] = {
    "required": N_("Fill in “%(field)s”."),
    "tick_required": N_("Tick “%(field)s”."),
    "choose_one": N_("Choose one for “%(field)s”."),
    "choose_at_least_one": N_("Tick at least one for “%(field)s”."),
    "choose_at_most_one": N_("Tick only one for “%(field)s”."),
    "not_an_option": N_("Choose one of the answers offered for “%(field)s”."),
    "unprintable": N_("“%(field)s” holds a character that cannot be printed. Type it again."),
    "signature_required": N_("Sign here: “%(field)s”."),
    "initials_required": N_("Put your initials here: “%(field)s”."),
}


def label_of(field: FormField, page: int) -> str:
    """What the field is called, for people; ``page`` helps to find one without a name."""
    return field.name.strip() or _(_LABELS.get(field.kind, _LABELS["text"]), page=page)


def hint_of(field: FormField) -> str:
    """What the field takes; empty for anything."""
    if field.validation == "custom_regex":
        return field.pattern_label
    return _(_TAKES[field.validation]) if field.validation else ""


def sentence_of(problem: Problem, label: str) -> str:
    """What to do about it; ``label`` is what the field or its group is called on the page."""
    if problem.code == "invalid":
        return _wrong(problem.field, label)
    if problem.code == "too_long":
        return _("“%(field)s” takes at most %(limit)s characters.", field=label, limit=LONGEST_VALUE_CHARACTERS)
    is_choice = problem.code == "required" and problem.field.kind == "dropdown"
    code = "choose_one" if is_choice else problem.code
    return _(_PROBLEMS[code], field=label)


def _wrong(field: FormField, label: str) -> str:
    if field.validation and field.validation in _WRONG:
        return _(_WRONG[field.validation], field=label)
    if field.pattern_label:
        return _("“%(field)s” is not as it should be: %(format)s", field=label, format=field.pattern_label)
    return _("“%(field)s” is not in the form that the sender asks for. Check it.", field=label)
