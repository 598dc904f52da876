"""Single values by the schema's type: "1", 1, "true" and true are a bool only where the schema says bool."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from email_validator import EmailNotValidError, validate_email
from msgspec import inspect

from paraph.kit.errors import BadRequest
from paraph.kit.wire.files import FilePart
from paraph.kit.wire.schema import LONGEST_ADDRESS_CHARS
from paraph.kit.wire.tree import LARGEST_INTEGER, SMALLEST_INTEGER, Repeated, Tree

ADDRESSES_KEPT = 1024
"""Addresses whose syntax is not looked at again: 0.15 ms each, and a sender asks the same people."""

Reader: TypeAlias = Callable[[Tree, str], object]
Notes: TypeAlias = dict[str, Any]


class Absent:
    """The type of ABSENT: nothing was given here."""


ABSENT = Absent()

LONGEST_ECHO_CHARS = 100

_WHOLE = re.compile(r"(-?[0-9]{1,30})(?:\.0*)?")
_NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][-+]?[0-9]{1,3})?")
_FLAGS: dict[str, bool] = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


def text_reader(kind: inspect.StrType, notes: Notes) -> Reader:
    """Reads text; numbers are taken for their digits, as in a form."""
    pattern = re.compile(kind.pattern) if kind.pattern else None

    def read(value: Tree, path: str) -> object:
        text = _as_text(value, path)
        _check_length(text, kind, path)
        if pattern and not pattern.search(text):
            raise BadRequest(f"{path} {notes.get('hint', 'does not have the expected form')}.", path=path)
        if notes.get("email"):
            _check_address(text, path)
        return text

    return read


def flag_reader(_kind: inspect.BoolType, _notes: Notes) -> Reader:
    """Reads true, false, 1 and 0, as JSON or as text."""

    def read(value: Tree, path: str) -> object:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower() if isinstance(value, str | int | float) else None
        if word == "null":
            return ABSENT
        if word not in _FLAGS:
            raise BadRequest(f"{path} must be true or false (1 or 0).", path=path)
        return _FLAGS[word]

    return read


def whole_reader(kind: inspect.IntType, _notes: Notes) -> Reader:
    """Reads whole numbers: 12, "12", 12.0."""

    def read(value: Tree, path: str) -> object:
        word = _number_word(value)
        if word == "null":
            return ABSENT
        match = _WHOLE.fullmatch(word)
        if match is None:
            raise BadRequest(f"{path} must be a whole number.", path=path)
        number = int(match[1])
        if not SMALLEST_INTEGER <= number <= LARGEST_INTEGER:
            raise BadRequest(f"{path} is too large a number.", path=path)
        _check_range(number, kind, path)
        return number

    return read


def number_reader(kind: inspect.FloatType, _notes: Notes) -> Reader:
    """Reads finite numbers, as JSON or as text."""

    def read(value: Tree, path: str) -> object:
        word = _number_word(value)
        if word == "null":
            return ABSENT
        number = float(word) if _NUMBER.fullmatch(word) else math.nan
        if not math.isfinite(number):
            raise BadRequest(f"{path} must be a number.", path=path)
        _check_range(number, kind, path)
        return number

    return read


def choice_reader(kind: inspect.LiteralType, notes: Notes) -> Reader:
    """Reads one of the named values, exactly as they are written."""
    by_word = {str(value): value for value in kind.values}
    words = [word or "an empty text" for word in by_word]
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    sentence = notes.get("hint", f"must be {'' if len(words) == 1 else 'one of '}{listed}")

    def read(value: Tree, path: str) -> object:
        word = _as_text(value, path)
        if word not in by_word:
            raise BadRequest(f"{path} {sentence}.", path=path)
        return by_word[word]

    return read


def file_reader(_kind: inspect.CustomType, _notes: Notes) -> Reader:
    """Reads one uploaded file."""

    def read(value: Tree, path: str) -> object:
        if isinstance(value, FilePart):
            return value
        if isinstance(value, Repeated):
            raise BadRequest(f"{path} was uploaded more than once; only one file goes here.", path=path)
        raise BadRequest(
            f"{path} must be an uploaded file: send multipart/form-data, with a file name on this part.",
            path=path,
        )

    return read


def either_reader(kinds: Sequence[inspect.Type], readers: dict[type[inspect.Type], Reader]) -> Reader:
    """Reads a union of single values: JSON's own type first, then text, then whatever the text spells."""
    names = {inspect.StrType: "text", inspect.BoolType: "true or false"}
    wanted = " or ".join(dict.fromkeys(names.get(type(kind), "a number") for kind in kinds))
    natives = {str: inspect.StrType, bool: inspect.BoolType, int: inspect.IntType, float: inspect.FloatType}
    order = [kind for kind in (inspect.BoolType, inspect.IntType, inspect.FloatType) if kind in readers]

    def read(value: Tree, path: str) -> object:
        native = natives.get(type(value))
        if native in readers:
            return readers[native](value, path)
        for kind in order:
            try:
                return readers[kind](value, path)
            except BadRequest:
                continue
        if inspect.StrType in readers and native in (inspect.IntType, inspect.FloatType):
            return readers[inspect.StrType](value, path)
        raise BadRequest(f"{path} must be {wanted}.", path=path)

    return read


def _as_text(value: Tree, path: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, FilePart):
        raise BadRequest(f"{path} must be text, not an uploaded file.", path=path)
    raise BadRequest(f"{path} must be text.", path=path)


def _number_word(value: Tree) -> str:
    """The digits of a number or a text; an empty word, which is no number, for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def _check_length(text: str, kind: inspect.StrType, path: str) -> None:
    if kind.max_length is not None and len(text) > kind.max_length:
        raise BadRequest(f"{path} must be at most {kind.max_length} characters long; it has {len(text)}.", path=path)
    if kind.min_length is not None and len(text) < kind.min_length:
        raise BadRequest(f"{path} must be at least {kind.min_length} characters long; it has {len(text)}.", path=path)


def _check_range(number: float, kind: inspect.IntType | inspect.FloatType, path: str) -> None:
    bounds = (
        (kind.ge is not None and number < kind.ge, "at least", kind.ge),
        (kind.gt is not None and number <= kind.gt, "more than", kind.gt),
        (kind.le is not None and number > kind.le, "at most", kind.le),
        (kind.lt is not None and number >= kind.lt, "less than", kind.lt),
    )
    for broken, words, bound in bounds:
        if broken:
            raise BadRequest(f"{path} must be {words} {bound}.", path=path)


def _check_address(text: str, path: str) -> None:
    """Syntax only. Private domains are fine (a company's own server), bare host names are not.

    Addresses are compared case-folded, and some letters fold to three: the folded one must fit its column too.
    """
    if len(text.casefold()) > LONGEST_ADDRESS_CHARS:
        raise _bad_address(text, path, "too long")
    reason = _fault_of_address(text)
    if reason is not None:
        raise _bad_address(text, path, reason)


@lru_cache(ADDRESSES_KEPT)
def _fault_of_address(text: str) -> str | None:
    """What is wrong with it, or None; of the text alone, so what was found once is true for good."""
    try:
        domain = validate_email(text, check_deliverability=False, globally_deliverable=False).domain
    except EmailNotValidError as error:
        return str(error)
    return None if "." in domain or domain == "localhost" else "the domain has no dot"


def _bad_address(text: str, path: str, reason: str) -> BadRequest:
    name = path.rpartition(".")[2]
    return BadRequest(f"{name} not valid: {text[:LONGEST_ECHO_CHARS]}", path=path, detail=reason)
