"""What a room may declare on a request struct beyond its types: see docs/wire.md."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Annotated, Any, ClassVar, TypeAlias, dataclass_transform

import msgspec

from paraph.kit.errors import BadRequest
from paraph.kit.wire.paths import child

LONGEST_ADDRESS_CHARS = 254


def rule(
    *,
    aliases: tuple[str, ...] | None = None,
    missing: str | None = None,
    hint: str | None = None,
    empty_clears: bool | None = None,
    keyed_by: str | None = None,
    value_as: str | None = None,
    comma: bool | None = None,
    nested_as: str | None = None,
    email: bool | None = None,
    is_path: bool | None = None,
) -> msgspec.Meta:
    """Annotation of a field of a request struct.

    ``aliases``: older names of the parameter, tried in order when the name itself is not given.
    ``missing``: the sentence when a required parameter is not given, or a list has no entries.
    ``hint``: the sentence when a value fails ``pattern`` or the choices, after the parameter's name.
    ``empty_clears``: an empty text is a value ("", [], {} or None by the type), not the same as not given.
    ``keyed_by``: a map is taken for the list too; its keys become this member (``signers[Client][name]``).
    ``value_as``: with ``keyed_by``, plain values of the map become this member (``custom_fields[Name]=v``).
    ``comma``: text with commas is taken for the list of its parts.
    ``nested_as``: a list of lists is taken for the flat list too; each entry's place in the outer list becomes this
    member (``form_fields_per_document[0][3]``).
    ``email``: the text must be one e-mail address.
    ``is_path``: no parameter; where the struct stood in the body, for failures that are found later.
    """
    given = {
        "aliases": aliases,
        "missing": missing,
        "hint": hint,
        "empty_clears": empty_clears,
        "keyed_by": keyed_by,
        "value_as": value_as,
        "comma": comma,
        "nested_as": nested_as,
        "email": email,
        "is_path": is_path,
    }
    return msgspec.Meta(extra={name: value for name, value in given.items() if value is not None})


Email: TypeAlias = Annotated[
    str, msgspec.Meta(max_length=LONGEST_ADDRESS_CHARS, extra_json_schema={"format": "email"}), rule(email=True)
]


class Among(ABC):
    """A rule over several parameters of one struct; subclasses say how many of them may be given."""

    def __init__(self, *names: str, message: str | None = None, path: str | None = None) -> None:
        self.names = names
        self.message = message
        self.path = path or names[0]

    def check(self, given: Collection[str], path: str) -> None:
        """Raises BadRequest when ``given`` (what has a value, empty lists left out) breaks the rule."""
        fault = self.fault([name for name in self.names if name in given])
        if fault:
            raise BadRequest(self.message or fault, path=child(path, self.path))

    @abstractmethod
    def fault(self, given: list[str]) -> str | None:
        """The sentence about what is wrong with the parameters given, or None."""

    def _all(self, word: str) -> str:
        return f"{', '.join(self.names[:-1])} {word} {self.names[-1]}"


class AtLeastOne(Among):
    """One or more of the parameters."""

    def fault(self, given: list[str]) -> str | None:
        return None if given else f"Give {self._all('or')}."


class AtMostOne(Among):
    """None or one of the parameters."""

    def fault(self, given: list[str]) -> str | None:
        return None if len(given) <= 1 else f"Give only one of {self._all('or')}."


class Together(Among):
    """All of the parameters or none."""

    def fault(self, given: list[str]) -> str | None:
        return None if len(given) in (0, len(self.names)) else f"Give {self._all('and')} together."


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class _Frozen(msgspec.StructMeta):
    """Makes every subclass frozen and keyword-only; msgspec itself hands neither down to new fields."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> _Frozen:
        return super().__new__(mcs, name, bases, namespace, **{"frozen": True, "kw_only": True, **config})


class Request(msgspec.Struct, metaclass=_Frozen):
    """Base of request structs. ``rules`` are checked in their order once every parameter is read."""

    rules: ClassVar[tuple[Among, ...]] = ()
