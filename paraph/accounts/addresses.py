"""E-mail addresses: read once, shown as given, compared by one key."""

from __future__ import annotations

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from paraph.kit.errors import BadRequest

LONGEST_ADDRESS_CHARACTERS = 254
ECHOED_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class MailAddress:
    """``shown`` is what people and mail servers read; ``key`` is equal for all spellings of one mailbox."""

    shown: str
    key: str


def read_address(text: str, *, path: str = "email_address") -> MailAddress:
    """Return the address; raises BadRequest in the vendor's words. Syntax only: no name server is asked.

    Mail servers may tell ``Ann@`` from ``ann@``, none in use does; people type either, so they are one account.
    """
    trimmed = text.strip()
    try:
        if len(trimmed) > LONGEST_ADDRESS_CHARACTERS:
            raise EmailNotValidError("too long")
        found = validate_email(trimmed, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise _not_valid(trimmed, path, str(error)) from error
    if "." not in found.domain or found.ascii_domain is None:
        raise _not_valid(trimmed, path, "the domain has no dot")
    return MailAddress(found.normalized, f"{found.local_part.lower()}@{found.ascii_domain.lower()}")


def find_key(text: str) -> str | None:
    """The key to look an address up by; None for text that is no address, which no account has."""
    try:
        return read_address(text).key
    except BadRequest:
        return None


def _not_valid(text: str, path: str, reason: str) -> BadRequest:
    return BadRequest(f"email_address not valid: {text[:ECHOED_CHARACTERS]}", path=path, detail=reason)
