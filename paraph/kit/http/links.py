"""Where a person was going before log-in: kept under our own MAC, so that it can never lead off this site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from paraph.kit import Kit

PURPOSE = "continue"


def sign_in_path(kit: Kit, going_to: str, *, page: str = "/login") -> str:
    """Return the address of the log-in (or sign-up) page that leads back to the local path ``going_to``."""
    return f"{page}?continue={quote(kit.keyring.sign(PURPOSE, going_to))}"


def local_path(kit: Kit, signed: str, *, default: str = "/") -> str:
    """Return the path that ``sign_in_path`` was given; ``default`` for anything this server did not sign."""
    path = kit.keyring.verify(PURPOSE, signed)
    if path is None or not path.startswith("/") or path.startswith(("//", "/\\")):
        return default
    return path
