"""The one shape every request body takes, and reading JSON text into it safely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, Union, cast

import msgspec

from paraph.kit.errors import BadRequest
from paraph.kit.wire.files import FilePart
from paraph.kit.wire.limits import DEFAULT_LIMITS, Limits, TooLarge

Tree: TypeAlias = Union[bool, int, float, str, FilePart, list["Tree"], dict[str, "Tree"], None]  # noqa: UP007

# What fits both SQL integers and the JSON encoder; 2**64 and above would fail long after this border.
SMALLEST_INTEGER = -(2**63)
LARGEST_INTEGER = 2**63 - 1

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_decode_json = msgspec.json.Decoder().decode


class Positions(list[Tree]):
    """A list that arrived under all-digit keys (``signers[1]``, ``signers[4]``), in the order of the numbers.

    ``keys`` are the numbers as the client wrote them: errors name them, and a schema that expects a map
    (``metadata[2024]=x``) gets its keys back.
    """

    def __init__(self, keys: Sequence[str], values: Sequence[Tree]) -> None:
        super().__init__(values)
        self.keys = tuple(keys)

    def as_map(self) -> dict[str, Tree]:
        return dict(zip(self.keys, self, strict=True))


class Repeated(list[Tree]):
    """Values given several times under one name: all of them where a list is expected, else the last one."""


def read_json(text: bytes | str, limits: Limits = DEFAULT_LIMITS, *, what: str = "The request body") -> Tree:
    """The tree of a JSON document. ``what`` opens the sentence of an error.

    Raises BadRequest for anything that is not JSON, and for numbers or characters no part of the server could
    store; TooLarge past the limits. Of a key given twice the last one wins.
    """
    try:
        tree = cast(Tree, _decode_json(text))
    except RecursionError as error:
        raise _too_deep(what, limits) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise BadRequest(f"{what} is not valid JSON.", detail=str(error)) from error
    check_tree(tree, limits, what=what)
    return tree


def check_tree(tree: Tree, limits: Limits, *, what: str) -> None:
    """Raises BadRequest or TooLarge when the tree holds what read_json forbids."""
    pending: list[tuple[Tree, int]] = [(tree, 0)]
    seen = 0
    while pending:
        value, depth = pending.pop()
        seen += 1
        if seen > limits.values:
            raise TooLarge(f"{what} holds more than {limits.values} values.")
        if depth > limits.depth:
            raise _too_deep(what, limits)
        if isinstance(value, dict):
            for key, child in value.items():
                check_key(key, limits, what=what)
                pending.append((child, depth + 1))
        elif isinstance(value, list):
            pending.extend((child, depth + 1) for child in value)
        else:
            _check_scalar(value, what)


def check_key(key: str, limits: Limits, *, what: str) -> None:
    """Raises TooLarge or BadRequest for a parameter name that is too long or holds forbidden characters."""
    if len(key) > limits.key_chars:
        raise TooLarge(f"{what} has a parameter name longer than {limits.key_chars} characters.")
    check_text(key, what=what)


def check_text(text: str, *, what: str) -> None:
    """Raises BadRequest for text no database column can hold."""
    if "\x00" in text:
        raise BadRequest(f"{what} contains a NUL character, which is not allowed.")
    if not text.isascii() and _has_lone_surrogate(text):
        raise BadRequest(f"{what} contains half of a Unicode surrogate pair, which is not valid text.")


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _check_scalar(value: Tree, what: str) -> None:
    if isinstance(value, str):
        check_text(value, what=what)
    elif isinstance(value, int) and not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
        raise BadRequest(f"{what} contains a whole number that is too large.")


def _too_deep(what: str, limits: Limits) -> TooLarge:
    return TooLarge(f"{what} is nested more than {limits.depth} levels deep.")
