"""Which level a seal has reached, by what the file itself holds: no network, and the same answer for ever."""

import asyncio
from collections.abc import Sequence

from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.status import DocumentTimestampStatus, PdfSignatureStatus
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from paraph.documents.levels import B_B, B_LT, B_LTA, B_T, Level
from paraph.documents.sealing.signer import certificate_of
from paraph.documents.verification.trust import Trust


def level_of(
    reader: PdfFileReader,
    status: PdfSignatureStatus,
    archived: Sequence[DocumentTimestampStatus | None],
    trust: Trust,
) -> Level:
    """The level of a seal. archived: the timestamps over the whole file."""
    given = status.timestamp_validity
    if given is None or not (given.intact and given.valid and given.trusted):
        return B_B
    if not _has_proofs(reader, status, trust):
        return B_T
    whole = [one for one in archived if one is not None and one.intact and one.valid and one.trusted]
    return B_LTA if whole else B_LT


def _has_proofs(reader: PdfFileReader, status: PdfSignatureStatus, trust: Trust) -> bool:
    """Whether the file proves that no certificate of seal and timestamp was revoked when it was made."""
    given = status.timestamp_validity
    if given is None or "/DSS" not in reader.root:
        return False
    try:
        store = DocumentSecurityStore.read_dss(reader)
        for certificate, roots in ((status.signing_cert, trust.roots), (given.signing_cert, trust.timestamp_roots)):
            context = store.as_validation_context(
                {
                    "trust_roots": [certificate_of(root) for root in roots],
                    "allow_fetching": False,
                    "revocation_mode": "require",
                    "moment": given.timestamp,
                    # they are asked for after the timestamp was given
                    "retroactive_revinfo": True,
                }
            )
            asyncio.run(_validated(certificate, context))
    except MemoryError:
        raise
    except Exception:  # a hostile file can make the library raise anything: then it proves nothing
        return False
    return True


async def _validated(certificate: Certificate, context: ValidationContext) -> None:
    await CertificateValidator(certificate, validation_context=context).async_validate_path()
