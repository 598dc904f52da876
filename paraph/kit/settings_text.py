"""The text of a setting as a value; a bad one is refused with a sentence. Pure, but for reading ``…_FILE``."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DAYS = 365
_WHOLE = re.compile(r"[0-9]{1,4}")


class SettingsError(Exception):
    """A setting is unknown, unreadable or contradicts another; the message says which and how to mend it."""


def name_and_text(key: str, text: str, known: Mapping[str, str]) -> tuple[str, str]:
    """Return which setting a variable is, and its text, be it in a file. Raises SettingsError."""
    if key in known:
        return known[key], text
    if key.endswith("_FILE") and key.removesuffix("_FILE") in known:
        return known[key.removesuffix("_FILE")], _content(key, text)
    raise SettingsError(f"{key} is not a setting of Paraph. `paraph doctor` lists all settings.")


def _content(key: str, path: str) -> str:
    if not path:
        return ""
    try:
        content = Path(path).read_text().strip()
    except OSError as error:
        raise SettingsError(f"{key} names a file that cannot be read: {error.strerror}.") from error
    except UnicodeError as error:
        raise SettingsError(f"{key} names a file that is not text.") from error
    if not content:
        raise SettingsError(f"{key} names a file that is empty.")
    return content


def convert(key: str, raw: str, hint: Any) -> Any:
    """Return the text as a value of this type. Raises SettingsError."""
    choices = get_args(hint)
    if get_origin(hint) is Literal:
        if raw not in choices:
            raise SettingsError(f"{key} must be one of {', '.join(choices)}.")
        return raw
    if get_origin(hint) in (Union, UnionType):
        return Path(raw) if raw else None
    if hint is bool:
        return _boolean(key, raw)
    try:
        return hint(raw)
    except ValueError as error:
        raise SettingsError(f"{key} must be a whole number, not {raw!r}.") from error


def _boolean(key: str, raw: str) -> bool:
    if raw.lower() in ("1", "true", "yes", "on"):
        return True
    if raw.lower() in ("0", "false", "no", "off", ""):
        return False
    raise SettingsError(f"{key} must be true or false.")


def days_in(key: str, text: str) -> tuple[int, ...]:
    """Return the days of a list, ascending; ``none`` is no day. Raises SettingsError."""
    if text.strip() == "none":
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(_WHOLE.fullmatch(part) and 1 <= int(part) <= MOST_DAYS for part in parts):
        raise SettingsError(f"{key} must be days between 1 and {MOST_DAYS}, such as 3,7, or none.")
    return tuple(sorted({int(part) for part in parts}))


def check_network(text: str) -> None:
    """Raise SettingsError unless it is an address or a network."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise SettingsError(f"PARAPH_TRUSTED_PROXIES holds {text!r}, which is not an address or network.") from error
