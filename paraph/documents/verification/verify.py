"""The verdict on a file that claims to be sealed.

Stricter than the library's own: a file is intact only if it has one signature that is not a timestamp, that
is a certification which forbids all changes, is whole down to its padding, leads to a trusted root, and
nothing follows it but proofs and timestamps. Whatever else was appended, with or without a cross-reference
table, is a change. A certificate counts if it was valid when the seal was made; that it has expired since is
a note, or no file could be verified for longer than its certificate lives.
"""

from collections.abc import Sequence
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader

from paraph.documents.levels import reaches
from paraph.documents.limits import Limits
from paraph.documents.plans import PROPERTY_LEVEL, Verdict
from paraph.documents.storing import Stored, fingerprint
from paraph.documents.verification.claims import read_claims
from paraph.documents.verification.examination import Examination, examine
from paraph.documents.verification.trust import Trust


def verify(_limits: Limits, pdf: Path, roots: Sequence[bytes], timestamp_roots: Sequence[bytes] = ()) -> Verdict:
    """The verdict; never raises for what is in the file."""
    stored = fingerprint(pdf)
    try:
        with pdf.open("rb") as file:
            reader = PdfFileReader(file, strict=True)
            if not reader.embedded_signatures:
                return _without_seal(stored, pdf)
            return _verdict(examine(reader, Trust(tuple(roots), tuple(timestamp_roots))), stored, pdf)
    except MemoryError:
        raise
    except Exception as damage:  # a hostile file can make the library raise anything
        return Verdict("unreadable", (f"unreadable:{type(damage).__name__}",), stored.sha256, stored.byte_count)


def _without_seal(stored: Stored, pdf: Path) -> Verdict:
    claims = read_claims(pdf)
    return Verdict("not_signed", ("no_signature",), stored.sha256, stored.byte_count, claims.page_count)


def _verdict(found: Examination, stored: Stored, pdf: Path) -> Verdict:
    claims = read_claims(pdf)
    reasons = list(found.reasons)
    stated = claims.properties.get(PROPERTY_LEVEL, "")
    if stated and not reaches(found.level, stated):
        reasons.append("level_lower_than_stated")
    return Verdict(
        state="not_intact" if reasons else "sealed_intact",
        reasons=tuple(dict.fromkeys(reasons)),
        sha256=stored.sha256,
        byte_count=stored.byte_count,
        page_count=claims.page_count,
        level=found.level,
        sealed_by=found.sealed_by,
        issued_by=found.issued_by,
        sealed_at=found.sealed_at,
        timestamped_at=found.timestamped_at,
        timestamped_by=found.timestamped_by,
        certificate_sha256=found.certificate_sha256,
        root_sha256=found.root_sha256,
        notes=found.notes,
        properties=claims.properties,
        attachments=claims.attachments,
    )
