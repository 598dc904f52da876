"""The parameters of an authorization request, read from the raw query so that ``state`` keeps its very bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters by name; those without a value count as not sent (RFC 6749 section 3.1).

    ``state`` is opaque, so it stays bytes; other values are text, undecodable bytes kept as surrogates, so that they
    equal nothing we know. ``repeated`` names what came more than once.
    """

    values: Mapping[str, str]
    state: bytes | None
    repeated: frozenset[str]

    def get(self, name: str) -> str | None:
        """Return the value of ``name``, or None when it was not sent."""
        return self.values.get(name)


def read_parameters(query: str) -> Parameters:
    """Return the parameters of a raw query string."""
    values: dict[str, bytes] = {}
    repeated: set[str] = set()
    for pair in query.split("&"):
        raw_name, _, raw_value = pair.partition("=")
        name, value = _text(_bytes(raw_name)), _bytes(raw_value)
        if not value:
            continue
        if name in values:
            repeated.add(name)
        else:
            values[name] = value
    state = values.pop("state", None)
    return Parameters({name: _text(value) for name, value in values.items()}, state, frozenset(repeated))


def _bytes(raw: str) -> bytes:
    return unquote_to_bytes(raw.replace("+", " "))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
