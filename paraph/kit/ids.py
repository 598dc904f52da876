"""Public identifiers and secrets, in the vendor's shapes (behaviour sheet, Conventions). Always from ``secrets``."""

from __future__ import annotations

import secrets
import string
import zlib

_BASE62 = string.digits + string.ascii_letters
_PAIRS = [high + low for high in _BASE62 for low in _BASE62]
_TOKEN_BYTES = 32


def long_id() -> str:
    """40 hexadecimal characters: accounts, signature requests, templates, teams."""
    return secrets.token_hex(20)


def short_id() -> str:
    """32 hexadecimal characters: signatures, client ids, client secrets."""
    return secrets.token_hex(16)


def api_key() -> str:
    """64 hexadecimal characters (256 bit)."""
    return secrets.token_hex(32)


def opaque_token(prefix: str) -> str:
    """256 random bits in base62 behind ``prefix`` and before a checksum, within RFC 6750's b64token alphabet.

    The prefix lets secret scanners find a leaked token; the checksum lets them drop false alarms without a call.
    """
    body = f"{prefix}{_base62(int.from_bytes(secrets.token_bytes(_TOKEN_BYTES)), 43)}"
    return body + _base62(zlib.crc32(body.encode()), 6)


def numeric_code(digits: int) -> str:
    """A one-time code of ``digits`` decimal digits."""
    return str(secrets.randbelow(10**digits)).zfill(digits)


def _base62(number: int, width: int) -> str:
    pairs = []  # two digits at a time: a token is made at every refresh
    while number:
        number, pair = divmod(number, 3844)
        pairs.append(_PAIRS[pair])
    return "".join(reversed(pairs))[-width:].rjust(width, "0")
