"""Names of form parameters, ``signers[0][name]``, and the tree they spell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from paraph.kit.errors import BadRequest
from paraph.kit.wire.files import FilePart
from paraph.kit.wire.limits import Limits, TooLarge
from paraph.kit.wire.paths import child, place
from paraph.kit.wire.tree import Positions, Repeated, Tree, check_key, check_text

Leaf: TypeAlias = str | FilePart
Pair: TypeAlias = tuple[str, Leaf]

PUSH = ""  # the segment of `name[]`: the next free place in the list

_NAME = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])*")
_SEGMENT = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")
_DIGITS = re.compile(r"[0-9]+")


def split_name(name: str, limits: Limits) -> list[str]:
    """``signers[0][name]`` as ``["signers", "0", "name"]``; ``[]`` becomes an empty segment.

    Raises BadRequest for unbalanced brackets, TooLarge past the limits.
    """
    check_key(name, limits, what="The form")
    if not _NAME.fullmatch(name):
        raise BadRequest(f"The parameter name “{name}” is not of the form name[0][key].")
    segments = _SEGMENT.findall(name)
    if len(segments) > limits.depth:
        raise TooLarge(f"A parameter name is nested more than {limits.depth} levels deep.")
    return segments


def grow(pairs: Iterable[Pair], limits: Limits) -> dict[str, Tree]:
    """The tree of a form. All-digit keys make a list in the order of the numbers, word keys a map."""
    root = _Branch()
    for name, value in pairs:
        if isinstance(value, str):
            check_text(value, what=name[: limits.key_chars])
        root.place(split_name(name, limits), value)
    return {name: slot.tree(name) for name, slot in root.named.items()}


class _Slot:
    """One place in the tree: the values given for it, and what was given below it."""

    __slots__ = ("branch", "values")

    def __init__(self) -> None:
        self.values: list[Leaf] = []
        self.branch: _Branch | None = None

    def place(self, below: list[str], value: Leaf) -> None:
        if not below:
            self.values.append(value)
            return
        self.branch = self.branch or _Branch()
        self.branch.place(below, value)

    def holds(self, path: list[str]) -> bool:
        """Whether a value was already given exactly at ``path``; a place in a list is always free."""
        if not path:
            return True
        if path[0] == PUSH or self.branch is None or path[0] not in self.branch.named:
            return False
        return self.branch.named[path[0]].holds(path[1:])

    def tree(self, path: str) -> Tree:
        if self.branch is None:
            return self.values[0] if len(self.values) == 1 else Repeated(self.values)
        beside = [value for value in self.values if value != ""]
        if not all(isinstance(value, FilePart) for value in beside):
            raise BadRequest(
                f"{path} is given twice: once as a whole and once with brackets. Send one of them.", path=path
            )
        self.branch.push_all(beside)
        return self.branch.tree(path)


class _Branch:
    """A list or a map under construction."""

    __slots__ = ("named", "pushed")

    def __init__(self) -> None:
        self.named: dict[str, _Slot] = {}
        self.pushed: list[_Slot] = []

    def place(self, segments: list[str], value: Leaf) -> None:
        head, below = segments[0], segments[1:]
        slot = self._pushed_slot(below) if head == PUSH else self.named.setdefault(head, _Slot())
        slot.place(below, value)

    def push_all(self, values: list[Leaf]) -> None:
        for value in values:
            self._pushed_slot([]).values.append(value)

    def tree(self, path: str) -> Tree:
        if all(map(_DIGITS.fullmatch, self.named)):
            keys, slots = zip(*self._in_order(), strict=True)
            values = [slot.tree(place(path, key)) for key, slot in zip(keys, slots, strict=True)]
            return Positions(keys, values)
        if self.pushed:
            raise BadRequest(f"{path} mixes names and list places in its brackets. Use one.", path=path)
        return {name: slot.tree(child(path, name)) for name, slot in self.named.items()}

    def _in_order(self) -> Iterator[tuple[str, _Slot]]:
        numbered = sorted(self.named.items(), key=lambda item: int(item[0]))
        yield from numbered
        following = int(numbered[-1][0]) + 1 if numbered else 0
        yield from ((str(following + offset), slot) for offset, slot in enumerate(self.pushed))

    def _pushed_slot(self, below: list[str]) -> _Slot:
        # `a[][x]=1&a[][y]=2` describes one entry, and the next `a[][x]` begins another, as in Rack.
        if below and self.pushed and not self.pushed[-1].holds(below):
            return self.pushed[-1]
        self.pushed.append(_Slot())
        return self.pushed[-1]
