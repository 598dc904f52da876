"""Proof Key for Code Exchange, S256 only (RFC 7636; RFC 9700 section 2.1.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_challenge(text: str) -> bool:
    """True for base64url of a SHA-256: 43 characters, no padding (section 4.2)."""
    return _CHALLENGE.fullmatch(text) is not None


def verifies(verifier: str, challenge: str) -> bool:
    """True when ``challenge`` was made from ``verifier``, a text of 43 to 128 unreserved characters (section 4.6)."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(made, challenge.encode())
