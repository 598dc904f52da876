"""The incremental revisions of a sealed file: the signature, the proofs, the archive timestamp."""

from pathlib import Path
from typing import Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore

from paraph.documents.identity import SealingIdentity
from paraph.documents.sealing.authorities import Authorities
from paraph.documents.sealing.revocation import (
    RevocationUnknown,
    own_revocation_list,
    proven_path,
    trust_with_proof,
)
from paraph.documents.sealing.signer import SealSigner, certificate_of
from paraph.documents.storing import sync

FIELD: Final = "ParaphSeal"
ARCHIVE_FIELD: Final = "ParaphArchiveTimestamp"
DIGEST: Final = "sha256"
SIGNATURE_BYTES: Final = 4096
"""Of a signature without certificates and timestamp, and more."""
TIMESTAMP_BYTES: Final = 10_240
"""Of a timestamp with its certificates, and more. Room that is known saves a trial signature."""


class QuietWriter(IncrementalPdfFileWriter):
    """Writes what a revision needs and nothing else: the library's own would also touch document information
    and metadata each time, so that a strict reader could not tell its bookkeeping from an attack."""

    def _update_meta(self) -> None:
        """Leave them as they are."""


async def add_signature(draft: Path, signer: SealSigner, reason: str, authorities: Authorities | None) -> None:
    """The seal itself; with authorities, timestamped. Raises NoTimestamp."""
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        reason=reason,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    certificates = [signer.signing_cert, *signer.cert_registry]
    size = SIGNATURE_BYTES + sum(len(one.dump()) for one in certificates if one is not None)
    size += TIMESTAMP_BYTES if authorities else 0
    with draft.open("r+b") as file:
        writer = QuietWriter(file)
        pdf_signer = PdfSigner(metadata, signer=signer, timestamper=authorities, new_field_spec=SigFieldSpec(FIELD))
        await pdf_signer.async_sign_pdf(writer, in_place=True, bytes_reserved=2 * size)
        sync(file)


async def add_proofs(draft: Path, identity: SealingIdentity, signer: SealSigner, authorities: Authorities) -> None:
    """A document security store: certificates and proof of their not being revoked. Raises RevocationUnknown."""
    if authorities.path is None or signer.signing_cert is None:
        raise RevocationUnknown("there is no timestamp")
    for_seal = trust_with_proof(identity.roots, own_revocation_list(identity))
    for_time = trust_with_proof(authorities.policy.roots)
    chain = [certificate_of(one) for one in identity.chain]
    timestamp = authorities.path
    paths = [
        await proven_path(signer.signing_cert, chain, for_seal),
        await proven_path(timestamp.leaf, timestamp.iter_certs(include_root=False), for_time),
    ]
    with draft.open("r+b") as file:
        writer = QuietWriter(file)
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            sig_contents=None,  # an entry of its own for the seal would be named by SHA-1, and is not needed
            paths=paths,
            ocsps=[*for_seal.ocsps, *for_time.ocsps],
            crls=[*for_seal.crls, *for_time.crls],
        )
        writer.write_in_place()  # type: ignore[no-untyped-call]  # it has no annotations
        sync(file)


async def add_archive_timestamp(draft: Path, authorities: Authorities) -> None:
    """A timestamp over all that is there, proofs included. Raises NoTimestamp."""
    with draft.open("r+b") as file:
        writer = QuietWriter(file)
        stamper = PdfTimeStamper(authorities, field_name=ARCHIVE_FIELD)
        await stamper.async_timestamp_pdf(writer, DIGEST, bytes_reserved=2 * TIMESTAMP_BYTES, in_place=True)
        sync(file)
