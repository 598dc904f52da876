"""Addresses that carry a secret: computed from the server's key, never stored, each bound to one thing (T4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paraph.kit import Kit

    from .shapes import Signature

SIGNING = "signing-link"
FILE = "file-link"
DAY_SECONDS = 86_400
COPY_LINK_DAYS = 90

_SIGNING_VALUE = re.compile(r"([0-9a-f]{32})\.(\d{1,9})")
_FILE_VALUE = re.compile(r"([0-9a-f]{40})\.(\d{1,12})\.([ad])")


@dataclass(frozen=True, slots=True)
class FileLink:
    """What a download link opens: one request's file until ``expires_at``."""

    signature_request_id: str
    expires_at: int
    download: bool


def signing_link(kit: Kit, signature: Signature) -> str:
    """Where this one person signs. It dies when ``link_epoch`` moves on; it is only ever mailed to that person."""
    value = f"{signature.signature_id}.{signature.link_epoch}"
    return f"{kit.settings.public_url}/sign/{kit.keyring.sign(SIGNING, value)}"


def read_signing_token(kit: Kit, token: str) -> tuple[str, int] | None:
    """(signature_id, link epoch) of a token that this server made; None for anything else."""
    value = kit.keyring.verify(SIGNING, token)
    match = _SIGNING_VALUE.fullmatch(value) if value else None
    return (match[1], int(match[2])) if match else None


def file_link(kit: Kit, signature_request_id: str, *, expires_at: int, download: bool = True) -> str:
    """An address that gives the file of this request to whoever holds it, until ``expires_at``."""
    value = f"{signature_request_id}.{expires_at}.{'d' if download else 'a'}"
    return f"{kit.settings.public_url}/files/{kit.keyring.sign(FILE, value)}"


def read_file_token(kit: Kit, token: str) -> FileLink | None:
    """What a token of ``file_link`` opens now; None for a foreign, altered or expired one."""
    value = kit.keyring.verify(FILE, token)
    match = _FILE_VALUE.fullmatch(value) if value else None
    if match is None or int(match[2]) <= kit.clock.now():
        return None
    return FileLink(match[1], int(match[2]), match[3] == "d")
