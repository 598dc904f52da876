"""The verdict on a file that claims to be sealed.

Stricter than the library's own: a file is intact only if it has one signature, that is a certification
which forbids all changes, covers every byte, is whole down to its padding, and leads to a trusted root.
Whatever was appended, with or without a cross-reference table, is a change.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from paraph.documents.limits import Limits
from paraph.documents.plans import Verdict
from paraph.documents.sealing.signer import certificate_of
from paraph.documents.storing import Stored, fingerprint
from paraph.documents.verification.claims import read_claims
from paraph.documents.verification.cms import holds_nothing_else, padding_is_zero

PADES: Final = "/ETSI.CAdES.detached"
UNREADABLE: Final = "signature_unreadable"
WEAK: Final = frozenset({"md5", "sha1"})


def verify(_limits: Limits, pdf: Path, roots: Sequence[bytes]) -> Verdict:
    """The verdict; never raises for what is in the file."""
    stored = fingerprint(pdf)
    try:
        with pdf.open("rb") as file:
            reader = PdfFileReader(file, strict=True)
            signatures = list(reader.embedded_signatures)
            if not signatures:
                return _without_seal(stored, pdf)
            return _judged(signatures, stored, pdf, roots)
    except MemoryError:
        raise
    except Exception as damage:  # a hostile file can make the library raise anything
        return Verdict("unreadable", (f"unreadable:{type(damage).__name__}",), stored.sha256, stored.byte_count)


def _without_seal(stored: Stored, pdf: Path) -> Verdict:
    claims = read_claims(pdf)
    return Verdict("not_signed", ("no_signature",), stored.sha256, stored.byte_count, claims.page_count)


def _judged(signatures: list[EmbeddedPdfSignature], stored: Stored, pdf: Path, roots: Sequence[bytes]) -> Verdict:
    reasons: list[str] = [] if len(signatures) == 1 else ["more_than_one_signature"]
    statuses = []
    for signature in signatures:
        status, found = _examine(signature, roots)
        reasons += found
        statuses.append(status)
    claims = read_claims(pdf)
    certificate = statuses[0].signing_cert if statuses[0] else None
    made = signatures[0].self_reported_timestamp
    return Verdict(
        state="not_intact" if reasons else "sealed_intact",
        reasons=tuple(dict.fromkeys(reasons)),
        sha256=stored.sha256,
        byte_count=stored.byte_count,
        page_count=claims.page_count,
        level=_level(statuses[0]),
        sealed_by=certificate.subject.human_friendly if certificate else "",
        issued_by=certificate.issuer.human_friendly if certificate else "",
        sealed_at=made.isoformat() if made else "",
        properties=claims.properties,
        attachments=claims.attachments,
    )


def _level(status: PdfSignatureStatus | None) -> str:
    if status is None:
        return ""
    return "PAdES-B-T" if status.timestamp_validity else "PAdES-B-B"


def _examine(signature: EmbeddedPdfSignature, roots: Sequence[bytes]) -> tuple[PdfSignatureStatus | None, list[str]]:
    """The library's status, and each reason not to believe it."""
    try:
        status = validate_pdf_signature(signature, signer_validation_context=_trust(roots))
        return status, [reason for reason, holds in _demands(signature, status).items() if not holds]
    except MemoryError:
        raise
    except Exception:  # as above: any of them means that the signature cannot be read
        return None, [UNREADABLE]


def _demands(signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> dict[str, bool]:
    """What must hold, named by what is wrong when it does not."""
    return {
        "content_changed": status.intact,
        "signature_invalid": status.valid,
        "signer_not_trusted": status.trusted,
        "weak_digest": status.md_algorithm not in WEAK,
        "not_a_pades_seal": str(signature.sig_object.get("/SubFilter")) == PADES,
        "not_certified_against_changes": signature.docmdp_level == MDPPerm.NO_CHANGES,
        "changed_after_sealing": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        "changes_forbidden_by_the_seal": status.docmdp_ok is not False,
        "padding_changed": padding_is_zero(bytes(signature.pkcs7_content)),
        "signature_holds_more": holds_nothing_else(signature, status),
    }


def _trust(roots: Sequence[bytes]) -> ValidationContext:
    return ValidationContext(
        trust_roots=[certificate_of(root) for root in roots],
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
