"""A tree read into a struct, by the struct's types alone.

Text that holds JSON is opened only where the schema expects a list, a map or a struct; ``null`` and (unless
the field says ``empty_clears``) the empty text are the same as not given; unknown keys are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache, cached_property
from typing import Any, TypeVar, cast

from msgspec import inspect

from paraph.kit.errors import BadRequest
from paraph.kit.wire.containers import check_count, entries, last, named_members, plain
from paraph.kit.wire.files import FilePart
from paraph.kit.wire.paths import ROOT, child
from paraph.kit.wire.scalars import (
    ABSENT,
    Notes,
    Reader,
    choice_reader,
    either_reader,
    file_reader,
    flag_reader,
    number_reader,
    text_reader,
    whole_reader,
)
from paraph.kit.wire.schema import Request
from paraph.kit.wire.tree import Tree

T = TypeVar("T")

SCALARS: dict[type[inspect.Type], Callable[[Any, Notes], Reader]] = {
    inspect.StrType: text_reader,
    inspect.BoolType: flag_reader,
    inspect.IntType: whole_reader,
    inspect.FloatType: number_reader,
    inspect.LiteralType: choice_reader,
}
PLAIN = (inspect.StrType, inspect.BoolType, inspect.IntType, inspect.FloatType)  # what a union may be made of


def decode(tree: object, into: type[T], *, path: str = ROOT) -> T:
    """``tree`` as an ``into`` struct.

    Raises BadRequest naming the parameter (``signers[0].email_address``) and its fault. ``path`` is where the
    tree stood in its body. Raises TypeError for a struct whose declaration this decoder cannot read.
    """
    return cast(T, _struct_reader(cast(Hashable, into)).read(cast(Tree, tree), path))


class _Field:
    """One parameter of a struct: its names, its reader and what stands beside its type."""

    def __init__(self, field: inspect.Field) -> None:
        self.attribute = field.name
        self.name = field.encode_name
        kind, notes = _unwrap(field.type, {})
        self.kind = kind
        self.notes = notes
        self.read = _reader(kind, notes)
        self.required = field.required
        self.names = (self.name, *notes.get("aliases", ()))

    def value(self, given: dict[str, Tree], path: str) -> object:
        """The value read, or ABSENT. Raises BadRequest when it is wrong, or required and not there."""
        if self.notes.get("is_path"):
            return path
        for name in self.names:
            value = self._read_one(given.get(name), child(path, name))
            if value is not ABSENT:
                return value
        if self.required:
            at = child(path, self.name)
            raise BadRequest(self.notes.get("missing", f"{at} is required."), path=at)
        return ABSENT

    def _read_one(self, given: Tree, path: str) -> object:
        raw = given if isinstance(self.kind, inspect.ListType) else last(given)
        if raw is None:
            return ABSENT
        if raw == "":
            return _cleared(self.kind) if self.notes.get("empty_clears") else ABSENT
        return self.read(raw, path)


class _StructReader:
    """Reads one struct type. Fields are compiled on first use, so that structs may nest themselves."""

    def __init__(self, kind: inspect.StructType) -> None:
        self._kind = kind

    @cached_property
    def _fields(self) -> tuple[_Field, ...]:
        return tuple(_Field(field) for field in self._kind.fields)

    def read(self, value: Tree, path: str) -> object:
        given = named_members(value, path)
        return ABSENT if given is None else self._build(given, path)

    def _build(self, given: dict[str, Tree], path: str) -> object:
        values = {field.attribute: field.value(given, path) for field in self._fields}
        present = {name: value for name, value in values.items() if value is not ABSENT}
        if issubclass(self._kind.cls, Request):
            stated = {field.name for field in self._fields if present.get(field.attribute, []) != []}
            for among in self._kind.cls.rules:
                among.check(stated, path)
        return self._kind.cls(**present)


@cache
def _struct_reader(cls: Hashable) -> _StructReader:
    kind = inspect.type_info(cls)
    if not isinstance(kind, inspect.StructType):
        raise TypeError(f"{cls!r} is not a struct")
    return _StructReader(kind)


def _reader(kind: inspect.Type, notes: Notes) -> Reader:
    """The reader of one declared type. Raises TypeError for a type requests do not use."""
    kind, notes = _unwrap(kind, notes)
    make = SCALARS.get(type(kind))
    if make is not None:
        return make(kind, notes)
    if isinstance(kind, inspect.StructType):
        return _struct_reader(kind.cls).read
    if isinstance(kind, inspect.ListType):
        return _list_reader(kind, notes)
    if isinstance(kind, inspect.DictType):
        return _map_reader(kind)
    if isinstance(kind, inspect.UnionType):
        return _union_reader(kind, notes)
    if isinstance(kind, inspect.CustomType) and kind.cls is FilePart:
        return file_reader(kind, notes)
    if isinstance(kind, inspect.AnyType):
        return plain
    raise TypeError(f"request structs cannot hold {kind!r}")


def _unwrap(kind: inspect.Type, notes: Notes) -> tuple[inspect.Type, Notes]:
    """The type inside ``Annotated[…]`` and ``… | None``, and the notes of every layer."""
    if isinstance(kind, inspect.Metadata):
        return _unwrap(kind.type, {**(kind.extra or {}), **notes})
    if isinstance(kind, inspect.UnionType) and len(_given_kinds(kind)) == 1:
        return _unwrap(_given_kinds(kind)[0], notes)
    return kind, notes


def _cleared(kind: inspect.Type) -> object:
    """What an empty text means where it is a value: the empty value of the type."""
    if isinstance(kind, inspect.StrType):
        return ""
    if isinstance(kind, inspect.ListType):
        return []
    return {} if isinstance(kind, inspect.DictType) else None


def _given_kinds(kind: inspect.UnionType) -> list[inspect.Type]:
    return [member for member in kind.types if not isinstance(member, inspect.NoneType)]


def _union_reader(kind: inspect.UnionType, notes: Notes) -> Reader:
    members = [_unwrap(member, notes) for member in _given_kinds(kind)]
    if not all(isinstance(member, PLAIN) for member, _ in members):
        raise TypeError(f"request structs cannot hold {kind!r}")
    readers = {type(member): SCALARS[type(member)](member, more) for member, more in members}
    return either_reader([member for member, _ in members], readers)


def _list_reader(kind: inspect.ListType, notes: Notes) -> Reader:
    item_kind, item_notes = _unwrap(kind.item_type, {})
    read_item = _reader(item_kind, item_notes)
    wraps = not isinstance(item_kind, inspect.StructType | inspect.DictType | inspect.ListType)

    def read(value: Tree, path: str) -> object:
        listed = entries(value, path, notes, wraps=wraps)
        found = [read_item(last(raw), at) for raw, at in listed or () if raw is not None and raw != ""]
        items = [item for item in found if item is not ABSENT]
        if listed is None or (kind.min_length and not items):
            return ABSENT
        check_count(items, kind, path)
        return items

    return read


def _map_reader(kind: inspect.DictType) -> Reader:
    value_kind, value_notes = _unwrap(kind.value_type, {})
    read_key = _reader(kind.key_type, {})
    read_value = _reader(value_kind, value_notes)
    keeps_null = isinstance(value_kind, inspect.AnyType)

    def read(value: Tree, path: str) -> object:
        members = named_members(value, path)
        if members is None:
            return ABSENT
        check_count(members, kind, path)
        return {
            read_key(key, path): read_value(last(raw), child(path, key))
            for key, raw in members.items()
            if keeps_null or raw is not None
        }

    return read
