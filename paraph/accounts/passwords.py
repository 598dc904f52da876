"""Passwords: argon2id (RFC 9106), the rule for good ones (NIST SP 800-63B, 3.1.1), in words."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_CHARACTERS = 10
LONGEST_CHARACTERS = 512
RULE = f"At least {SHORTEST_CHARACTERS} characters. A few words are easier to remember than odd signs."

_HASHER = PasswordHasher()
_EASY_STEPS = frozenset((-1, 0, 1))


def hash_password(password: str) -> str:
    """Return the argon2id hash; takes some 50 ms and 64 MiB, so never inside a transaction or the event loop."""
    return _HASHER.hash(_normal(password))


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash it takes the same time and is False, so that nobody can tell."""
    if len(password) > LONGEST_CHARACTERS:
        return False
    try:
        _HASHER.verify(password_hash or _decoy(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def password_problem(password: str, email_address: str) -> str | None:
    """Return what is wrong with a new password, as a sentence for the person; None when it is fine."""
    text = _normal(password)
    if len(text) < SHORTEST_CHARACTERS:
        return f"Choose a password of at least {SHORTEST_CHARACTERS} characters."
    if len(text) > LONGEST_CHARACTERS:
        return f"Choose a password of at most {LONGEST_CHARACTERS} characters."
    folded = text.casefold()
    if folded.strip() == email_address.strip().casefold() or folded == email_address.partition("@")[0].casefold():
        return "Choose a password that is not your e-mail address."
    if folded in _common_passwords() or _is_easy_run(folded):
        return "This password is one of the first that anyone would try. Choose another."
    return None


def _normal(password: str) -> str:
    """One password however the keyboard composes it; lone surrogates would not encode."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


def _is_easy_run(text: str) -> bool:
    """One character repeated, or neighbours in a row: aaaaaaaaaa, 0123456789."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1 and steps <= _EASY_STEPS


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _HASHER.hash("no account has this password")


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    text = resources.files(__package__).joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(text.split())
