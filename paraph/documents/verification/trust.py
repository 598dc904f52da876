"""Whom to believe, and as of when."""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto.cms import SignedData
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext

from paraph.documents.sealing.signer import certificate_of
from paraph.documents.verification.cms import tokens_in


@dataclass(frozen=True, slots=True)
class Trust:
    """Roots (PEM) that vouch for seals, and those that vouch for timestamps: neither does the other's."""

    roots: tuple[bytes, ...]
    timestamp_roots: tuple[bytes, ...]

    def for_seals(self, moment: datetime) -> ValidationContext:
        return _context(self.roots, moment)

    def for_timestamps(self, moment: datetime) -> ValidationContext:
        return _context(self.timestamp_roots, moment)


def given_time(token: SignedData) -> datetime:
    """The time in a timestamp token, not yet believed. Raises what the library raises for a damaged one."""
    moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def moment_of(signature: EmbeddedPdfSignature) -> datetime:
    """When a signature was made: by its timestamp, else by its own word; never in the future."""
    now, tokens = datetime.now(UTC), tokens_in(signature)
    told = given_time(tokens[0]) if tokens else signature.self_reported_timestamp or now
    return min(told if told.tzinfo else told.replace(tzinfo=UTC), now)


def _context(roots: tuple[bytes, ...], moment: datetime) -> ValidationContext:
    return ValidationContext(
        trust_roots=[certificate_of(root) for root in roots],
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=moment,
    )
