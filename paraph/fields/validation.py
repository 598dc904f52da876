"""What a text field accepts (the vendor's ``validation_type`` values). Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from re import ASCII, compile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .patterns import Matcher
    from .shapes import FormField, ValidationType

ROUTING_DIGITS: Final = 9
FEWEST_ACCOUNT_DIGITS, MOST_ACCOUNT_DIGITS = 6, 34
PHONE_DIGITS = (10, 11)

_NUMBER = compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+|\d{1,3}(,\d{3})+(\.\d*)?|\d{1,3}([. ']\d{3})+(,\d*)?)", ASCII)
_PHONE = compile(r"[\d\s().+/-]+", ASCII)
_DIGITS_WITH_BREAKS = compile(r"[\d -]+", ASCII)
_ZIP = compile(r"\d{5}([ -]?\d{4})?", ASCII)
_SOCIAL_SECURITY = compile(r"\d{3}[ -]?\d{2}[ -]?\d{4}", ASCII)
_EMPLOYER = compile(r"\d{2}[ -]?\d{7}", ASCII)
_EMAIL = compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def accepts(field: FormField, text: str, matcher: Matcher) -> bool:
    """True when the text field takes this text (never asked about an empty one)."""
    if field.validation is None:
        return True
    if field.validation == "custom_regex":
        return matcher.matches(field.pattern, text)
    return _CHECKS[field.validation](text.strip())


def _letters(text: str) -> bool:
    """Letters of any script, with the marks that belong to them and blanks between words."""
    return all(unicodedata.category(character)[0] in "LMZ" for character in text)


def _digits(text: str) -> int:
    return sum(character.isascii() and character.isdigit() for character in text)


def _account(text: str) -> bool:
    count = _digits(text)
    return bool(_DIGITS_WITH_BREAKS.fullmatch(text)) and FEWEST_ACCOUNT_DIGITS <= count <= MOST_ACCOUNT_DIGITS


_CHECKS: dict[ValidationType, Callable[[str], bool]] = {
    "numbers_only": lambda text: bool(_NUMBER.fullmatch(text)),
    "letters_only": _letters,
    "phone_number": lambda text: bool(_PHONE.fullmatch(text)) and _digits(text) in PHONE_DIGITS,
    "bank_routing_number": lambda text: text.isascii() and text.isdigit() and len(text) == ROUTING_DIGITS,
    "bank_account_number": _account,
    "email_address": lambda text: bool(_EMAIL.fullmatch(text)),
    "zip_code": lambda text: bool(_ZIP.fullmatch(text)),
    "social_security_number": lambda text: bool(_SOCIAL_SECURITY.fullmatch(text)),
    "employer_identification_number": lambda text: bool(_EMPLOYER.fullmatch(text)),
}
