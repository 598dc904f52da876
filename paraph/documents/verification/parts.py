"""Take out of a sealed file what proves it: the certificates and the timestamp. Believes nothing."""

from pathlib import Path

from asn1crypto import pem
from asn1crypto.cms import ContentInfo
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from paraph.documents.limits import Limits
from paraph.documents.plans import SealParts
from paraph.documents.rejected import DocumentFailure
from paraph.documents.verification.cms import ADDED_LATER


def seal_parts(_limits: Limits, pdf: Path) -> SealParts:
    """What the one seal of a file of ours carries. Raises DocumentFailure('no_seal')."""
    with pdf.open("rb") as file:
        seals = list(PdfFileReader(file, strict=True).embedded_regular_signatures)
        if len(seals) != 1 or seals[0].signer_cert is None:
            raise DocumentFailure("no_seal", f"{len(seals)} seals")
        seal = seals[0]
        others = [_pem(one) for one in seal.other_embedded_certs]
        return SealParts(_pem(seal.signer_cert), tuple(others), _token(seal))


def _pem(certificate: Certificate) -> bytes:
    armoured: bytes = pem.armor("CERTIFICATE", certificate.dump())
    return armoured


def _token(seal: EmbeddedPdfSignature) -> bytes:
    """The timestamp (RFC 3161, DER); empty when there is none."""
    for attribute in seal.signer_info["unsigned_attrs"] or ():
        if attribute["type"].native in ADDED_LATER:
            token: ContentInfo = attribute["values"][0]
            return bytes(token.dump())
    return b""
