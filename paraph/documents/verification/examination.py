"""Every signature in a file, held against what a seal must be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from asn1crypto.cms import SignedData
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
    SignatureCoverageLevel,
)

from paraph.documents.verification.additions import NOTHING_BUT_PROOFS, adds_nothing_else, is_accounted_for
from paraph.documents.verification.cms import holds_nothing_else, padding_is_zero, token_holds_nothing_else, tokens_in
from paraph.documents.verification.reached import level_of
from paraph.documents.verification.trust import Trust, given_time, moment_of

PADES: Final = "/ETSI.CAdES.detached"
UNREADABLE: Final = "signature_unreadable"
WEAK: Final = frozenset({"md5", "sha1"})
COVERED: Final = frozenset({SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION})


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found; see Verdict."""

    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    level: str = ""
    sealed_by: str = ""
    issued_by: str = ""
    sealed_at: str = ""
    timestamped_at: str = ""
    timestamped_by: str = ""
    certificate_sha256: str = ""
    root_sha256: str = ""


def examine(reader: PdfFileReader, trust: Trust) -> Examination:
    """Everything about the signatures of a file that has some."""
    seals, timestamps = list(reader.embedded_regular_signatures), list(reader.embedded_timestamp_signatures)
    reasons = [] if len(seals) == 1 else ["more_than_one_signature" if seals else "no_seal"]
    statuses = []
    for seal in seals:
        status, found = _examine_seal(seal, trust)
        statuses.append(status)
        reasons += found
    archived = []
    for timestamp in timestamps:
        archive_status, found = _examine_timestamp(timestamp, trust)
        archived.append(archive_status)
        reasons += found
    if not _is_whole(reader, seals, timestamps):
        reasons.append("changed_after_sealing")
    if len(seals) != 1 or statuses[0] is None:
        return Examination(tuple(reasons))
    return _told(seals[0], statuses[0], level_of(reader, statuses[0], archived, trust), tuple(reasons))


def _examine_seal(seal: EmbeddedPdfSignature, trust: Trust) -> tuple[PdfSignatureStatus | None, list[str]]:
    """The library's status, and each reason not to believe it."""
    try:
        tokens = tokens_in(seal)
        status = validate_pdf_signature(
            seal,
            signer_validation_context=trust.for_seals(moment_of(seal)),
            ts_validation_context=trust.for_timestamps(given_time(tokens[0]) if tokens else datetime.now(UTC)),
            diff_policy=NOTHING_BUT_PROOFS,
        )
        return status, _broken(_demands(seal, status) | _demands_of_token(tokens, status))
    except MemoryError:
        raise
    except Exception:  # a hostile file can make the library raise anything: then it cannot be read
        return None, [UNREADABLE]


def _demands(seal: EmbeddedPdfSignature, status: PdfSignatureStatus) -> dict[str, bool]:
    """What must hold, named by what is wrong when it does not."""
    return {
        "content_changed": status.intact,
        "signature_invalid": status.valid,
        "signer_not_trusted": status.trusted,
        "weak_digest": status.md_algorithm not in WEAK,
        "not_a_pades_seal": str(seal.sig_object.get("/SubFilter")) == PADES,
        "not_certified_against_changes": seal.docmdp_level == MDPPerm.NO_CHANGES,
        "changed_after_sealing": status.coverage in COVERED,
        "changes_forbidden_by_the_seal": status.docmdp_ok is not False,
        "padding_changed": padding_is_zero(bytes(seal.pkcs7_content)),
        # without a trusted path it cannot be told what belongs in there
        "signature_holds_more": not status.trusted or holds_nothing_else(seal, status),
    }


def _demands_of_token(tokens: list[SignedData], status: PdfSignatureStatus) -> dict[str, bool]:
    """Of the timestamp within the signature, where no signature covers it."""
    given = status.timestamp_validity
    if given is None or len(tokens) != 1:
        return {"timestamp_not_trusted": not tokens}
    return {
        "timestamp_not_trusted": given.intact and given.valid and given.trusted,
        "timestamp_holds_more": not given.trusted or token_holds_nothing_else(tokens[0], given),
    }


def _examine_timestamp(
    timestamp: EmbeddedPdfSignature, trust: Trust
) -> tuple[DocumentTimestampStatus | None, list[str]]:
    try:
        moment = given_time(timestamp.signed_data)
        status = validate_pdf_timestamp(timestamp, trust.for_timestamps(moment), diff_policy=NOTHING_BUT_PROOFS)
        return status, _broken(
            {
                "timestamp_not_trusted": status.intact and status.valid and status.trusted,
                "changed_after_sealing": status.coverage in COVERED,
                "padding_changed": padding_is_zero(bytes(timestamp.pkcs7_content)),
                "timestamp_holds_more": not status.trusted or token_holds_nothing_else(timestamp.signed_data, status),
            }
        )
    except MemoryError:
        raise
    except Exception:  # as above
        return None, [UNREADABLE]


def _broken(demands: dict[str, bool]) -> list[str]:
    return [name for name, holds in demands.items() if not holds]


def _is_whole(
    reader: PdfFileReader, seals: Sequence[EmbeddedPdfSignature], timestamps: Sequence[EmbeddedPdfSignature]
) -> bool:
    """Whether nothing but proofs was added, and every byte of the file is covered by a signature or accounted for
    as a proof behind the last."""
    signatures = [*seals, *timestamps]
    try:
        if seals and not adds_nothing_else(reader, seals[0]):
            return False
        if any(one.evaluate_signature_coverage() == SignatureCoverageLevel.ENTIRE_FILE for one in signatures):
            return True
        last = max(signatures, key=lambda one: one.signed_revision)
        return is_accounted_for(reader, last)
    except MemoryError:
        raise
    except Exception:  # as above
        return False


def _told(
    seal: EmbeddedPdfSignature, status: PdfSignatureStatus, level: str, reasons: tuple[str, ...]
) -> Examination:
    made, given, certificate = seal.self_reported_timestamp, status.timestamp_validity, status.signing_cert
    believed = given if given is not None and given.trusted and given.valid and given.intact else None
    return Examination(
        reasons=reasons,
        notes=("certificate_expired_since",) if certificate.not_valid_after < datetime.now(UTC) else (),
        level=level,
        sealed_by=certificate.subject.human_friendly,
        issued_by=certificate.issuer.human_friendly,
        sealed_at=made.isoformat() if made else "",
        timestamped_at=believed.timestamp.isoformat() if believed else "",
        timestamped_by=believed.signing_cert.subject.human_friendly if believed else "",
        certificate_sha256=certificate.sha256.hex(),
        root_sha256=_root_of(status),
    )


def _root_of(status: PdfSignatureStatus) -> str:
    path = status.validation_path if status.trusted else None
    return "" if path is None else next(iter(path.iter_certs(include_root=True))).sha256.hex()
