"""One incremental revision: a PAdES B-B certification signature with DocMDP P=1."""

from pathlib import Path
from typing import Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from paraph.documents.identity import SealingIdentity, SealingIdentityError
from paraph.documents.limits import Limits
from paraph.documents.plans import Assembled, Completed
from paraph.documents.rejected import DocumentFailure
from paraph.documents.sealing.signer import SealSigner
from paraph.documents.storing import fingerprint, sync
from paraph.documents.verification import verify

FIELD: Final = "ParaphSeal"
RESERVED_BYTES: Final = 16_384
"""Room for the signature; saves the trial signature that would measure it."""


def seal(limits: Limits, draft: Path, assembled: Assembled, identity: SealingIdentity, reason: str) -> Completed:
    """Seal the file in place. Raises DocumentFailure('sealing_failed'), also when the result does not
    verify."""
    if fingerprint(draft).sha256 != assembled.sha256:
        raise DocumentFailure("sealing_failed", "the file changed between assembly and seal")
    try:
        _sign(draft, SealSigner(identity), reason)
    except (PdfError, SigningError, SealingIdentityError, OSError, ValueError) as trouble:
        raise DocumentFailure("sealing_failed", str(trouble)) from trouble
    verdict = verify(limits, draft, identity.roots)
    if not verdict.intact:
        raise DocumentFailure("sealing_failed", f"the seal does not verify: {', '.join(verdict.reasons)}")
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
    )


def _sign(draft: Path, signer: SealSigner, reason: str) -> None:
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        reason=reason,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    with draft.open("r+b") as file:
        writer = IncrementalPdfFileWriter(file)
        pdf_signer = PdfSigner(metadata, signer=signer, new_field_spec=SigFieldSpec(FIELD))
        pdf_signer.sign_pdf(writer, in_place=True, bytes_reserved=RESERVED_BYTES)
        sync(file)
