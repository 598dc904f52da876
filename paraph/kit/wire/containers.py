"""Lists and maps in all the forms that clients write them."""

from __future__ import annotations

import re
from collections.abc import Sequence, Sized

from msgspec import inspect

from paraph.kit.errors import BadRequest, ParaphError
from paraph.kit.wire.files import FilePart
from paraph.kit.wire.paths import child, place
from paraph.kit.wire.scalars import Notes
from paraph.kit.wire.tree import Positions, Repeated, Tree, read_json

Entry = tuple[Tree, str]

_DIGITS = re.compile(r"[0-9]+")


def last(value: Tree) -> Tree:
    """The value that counts where one is expected: of texts given several times, the last.

    Files stay together, for dropping a document without a word would be worse than an error.
    """
    if isinstance(value, Repeated) and not any(isinstance(one, FilePart) for one in value):
        return value[-1]
    return value


def entries(value: Tree, path: str, notes: Notes, *, wraps: bool) -> list[Entry] | None:
    """The entries of a list with their paths, as the field's notes tell them; None when the text says ``null``.

    As ``_entries``, and lists in the list are opened where ``nested_as`` says so.
    """
    found = _entries(value, path, notes, wraps=wraps)
    nested_as = notes.get("nested_as")
    if found is None or nested_as is None:
        return found
    return [inner for index, entry in enumerate(found) for inner in _flattened(entry, index, nested_as)]


def _flattened(entry: Entry, index: int, nested_as: str) -> list[Entry]:
    """The entries of an inner list, each carrying its place in the outer one; any other entry as it is."""
    value, path = _opened(last(entry[0]), entry[1]), entry[1]
    if isinstance(value, dict) and value and all(map(_DIGITS.fullmatch, value)):
        value = [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list):
        return [(value, path)]
    inner = [(_opened(last(one), place(path, number)), place(path, number)) for number, one in enumerate(value)]
    return [(_with_place(one, nested_as, index), at) for one, at in inner]


def _with_place(one: Tree, nested_as: str, index: int) -> Tree:
    if not isinstance(one, dict) or one.get(nested_as) not in (None, ""):
        return one
    return {**one, nested_as: index}


def _entries(value: Tree, path: str, notes: Notes, *, wraps: bool) -> list[Entry] | None:
    """The entries of a list with their paths; None when the text says ``null``.

    ``wraps``: a single value is taken for a list of one. Raises BadRequest for what is no list in any form.
    """
    value = _opened(_last_document(value), path)
    if value is None:
        return None
    if isinstance(value, list):
        keys: Sequence[int | str] = value.keys if isinstance(value, Positions) else range(len(value))
        return [(entry, place(path, key)) for key, entry in zip(keys, value, strict=True)]
    if isinstance(value, dict):
        return _entries_of_map(value, path, notes)
    if isinstance(value, str) and notes.get("comma"):
        return [(word.strip(), path) for word in value.split(",")]
    if not wraps:
        raise BadRequest(f"{path} must be a list.", path=path)
    return [(value, path)]


def named_members(value: Tree, path: str) -> dict[str, Tree] | None:
    """The members of an object; None when the text says ``null``. Raises BadRequest for anything else."""
    value = _opened(value, path)
    if isinstance(value, Positions):
        return value.as_map()
    if value == []:
        return {}  # PHP writes an empty map as []
    if value is None or isinstance(value, dict):
        return value
    raise BadRequest(f"{path or 'The request body'} must be an object with named members.", path=path or None)


def plain(value: Tree, path: str) -> Tree:
    """Any JSON value, unchanged. Raises BadRequest for an uploaded file."""
    value = last(value)
    if isinstance(value, dict):
        return {key: plain(member, child(path, key)) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(entry, place(path, index)) for index, entry in enumerate(value)]
    if isinstance(value, FilePart):
        raise BadRequest(f"{path} must be text, not an uploaded file.", path=path)
    return value


def check_count(value: Sized, kind: inspect.ListType | inspect.DictType, path: str) -> None:
    """Raises BadRequest when a list or map has more or fewer entries than declared."""
    if kind.max_length is not None and len(value) > kind.max_length:
        raise BadRequest(f"{path} must have at most {kind.max_length} entries, not {len(value)}.", path=path)
    if kind.min_length is not None and len(value) < kind.min_length:
        raise BadRequest(f"{path} must have at least {kind.min_length} entries, not {len(value)}.", path=path)


def _last_document(value: Tree) -> Tree:
    """Of a list sent whole several times the last one, as of any other value; else all that was repeated."""
    if isinstance(value, Repeated) and isinstance(value[-1], str) and value[-1].lstrip().startswith("["):
        return value[-1]
    return value


def _opened(value: Tree, path: str) -> Tree:
    """Text that holds a JSON list or object, read; other values as they are. The text ``null`` is None."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text == "null":
        return None
    if not text.startswith(("[", "{")):
        return value
    try:
        return read_json(text, what=path)
    except ParaphError as error:
        error.path = path
        raise


def _entries_of_map(value: dict[str, Tree], path: str, notes: Notes) -> list[Entry]:
    if all(map(_DIGITS.fullmatch, value)):  # PHP writes a list with gaps as an object
        return [(value[key], place(path, key)) for key in sorted(value, key=int)]
    keyed_by = notes.get("keyed_by")
    if keyed_by is None:
        raise BadRequest(f"{path} must be a list.", path=path)
    return [(_with_key(key, member, place(path, key), notes), place(path, key)) for key, member in value.items()]


def _with_key(key: str, member: Tree, path: str, notes: Notes) -> Tree:
    """A map's member as a list's entry that carries its key."""
    member = last(member)
    value_as = notes.get("value_as")
    if value_as is not None and not isinstance(member, dict | list):
        return {notes["keyed_by"]: key, value_as: member}
    return {**(named_members(member, path) or {}), notes["keyed_by"]: key}
