"""The seal: a PAdES certification signature with DocMDP P=1, and the revisions that higher levels add.

Everything happens in place: what is in memory does not grow with the file.
"""

import asyncio
from pathlib import Path

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import SigningError

from paraph.documents.identity import SealingIdentityError
from paraph.documents.levels import B_B, B_LT, B_LTA, B_T, Level, reaches
from paraph.documents.limits import Limits
from paraph.documents.plans import Assembled, Completed, SealOrder, SealOutcome, Verdict
from paraph.documents.rejected import DocumentFailure
from paraph.documents.sealing.authorities import Authorities, NoTimestamp
from paraph.documents.sealing.revisions import add_archive_timestamp, add_proofs, add_signature
from paraph.documents.sealing.revocation import RevocationUnknown
from paraph.documents.sealing.signer import SealSigner
from paraph.documents.storing import fingerprint
from paraph.documents.verification import verify


def seal(limits: Limits, draft: Path, assembled: Assembled, order: SealOrder) -> SealOutcome:
    """Seal the file in place at the level of the order, or say which level is possible; then the file is to
    be thrown away, because what it says of its level would not be true.

    Raises DocumentFailure('sealing_failed'), also when the result does not verify."""
    if fingerprint(draft).sha256 != assembled.sha256:
        raise DocumentFailure("sealing_failed", "the file changed between assembly and seal")
    authorities = Authorities(order.policy, order.authorities)
    try:
        possible, why = asyncio.run(_raise_to_level(draft, order, authorities))
    except (PdfError, SigningError, SealingIdentityError, OSError, ValueError) as trouble:
        raise DocumentFailure("sealing_failed", str(trouble)) from trouble
    answered = authorities.asked.answered
    return SealOutcome(
        completed=None if why else _completed(limits, draft, assembled, order),
        possible=possible,
        why=why,
        answered=answered.url if answered else "",
        failures=authorities.asked.failures,
    )


async def _raise_to_level(draft: Path, order: SealOrder, authorities: Authorities) -> tuple[Level, str]:
    """Level by level; the level reached, and why no more (empty when it is the one that was ordered)."""
    signer, level = SealSigner(order.identity), order.level
    try:
        await add_signature(draft, signer, order.reason, authorities if reaches(level, B_T) else None)
    except NoTimestamp as trouble:
        return B_B, str(trouble)
    if reaches(level, B_LT):
        try:
            await add_proofs(draft, order.identity, signer, authorities)
        except RevocationUnknown as trouble:
            return B_T, str(trouble)
    if reaches(level, B_LTA):
        try:
            await add_archive_timestamp(draft, authorities)
        except NoTimestamp as trouble:
            return B_LT, str(trouble)
    return level, ""


def _completed(limits: Limits, draft: Path, assembled: Assembled, order: SealOrder) -> Completed:
    verdict = verify(limits, draft, order.identity.roots, order.policy.roots)
    if not verdict.intact or verdict.level != order.level:
        found = ", ".join(verdict.reasons) or f"its level is {verdict.level}"
        raise DocumentFailure("sealing_failed", f"the seal does not verify: {found}")
    return _told(verdict, assembled)


def _told(verdict: Verdict, assembled: Assembled) -> Completed:
    return Completed(
        sha256=verdict.sha256,
        byte_count=verdict.byte_count,
        page_count=assembled.page_count,
        first_pages=assembled.first_pages,
        content_sha256=assembled.sha256,
        content_byte_count=assembled.byte_count,
        level=verdict.level,
        sealed_by=verdict.sealed_by,
        issued_by=verdict.issued_by,
        sealed_at=verdict.sealed_at,
        certificate_sha256=verdict.certificate_sha256,
        timestamped_at=verdict.timestamped_at,
        timestamped_by=verdict.timestamped_by,
    )
