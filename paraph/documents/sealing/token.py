"""Is a timestamp token (RFC 3161) to be believed, and what of it belongs in a file?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from asn1crypto import cms
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from paraph.documents.sealing.signer import certificate_of

WEAK: Final = frozenset({"md5", "sha1"})


class BadToken(Exception):
    """A timestamp that is not to be believed; the message says why, for an operator."""


async def believed_path(
    token: cms.ContentInfo, roots: Sequence[bytes], imprint: bytes, moment: datetime | None = None
) -> ValidationPath:
    """The path from the token's certificate to one of the roots, valid at the moment (None: now).

    Raises BadToken unless the token is signed by a certificate for timestamps on such a path."""
    signed = token["content"]
    try:
        if {str(one["digest_algorithm"]["algorithm"].native) for one in signed["signer_infos"]} & WEAK:
            raise BadToken("its timestamp is signed with a weak hash")
        found = await validate_tst_signed_data(signed, timestamp_trust(roots, moment), lambda _name: imprint)
    except (BadToken, MemoryError):
        raise
    except Exception as garbled:  # a hostile authority can make the library raise anything
        raise BadToken("its timestamp cannot be read, or is not signed as it should be") from garbled
    path: ValidationPath | None = found.get("validation_path")
    if not found["intact"] or not found["valid"]:
        raise BadToken("the signature of its timestamp is wrong")
    if path is None or found["trust_problem_indic"] is not None:  # on some failures there is a path all the same
        raise BadToken(_distrust(str(found["trust_problem_indic"])))
    return path


def timestamp_trust(roots: Sequence[bytes], moment: datetime | None = None) -> ValidationContext:
    """What vouches for timestamps, without asking anybody."""
    return ValidationContext(
        trust_roots=[certificate_of(root) for root in roots], allow_fetching=False, moment=moment
    )


def without_ballast(token: cms.ContentInfo, path: ValidationPath) -> cms.ContentInfo:
    """The token with the certificates of its path alone; which others an authority adds is not signed."""
    needed = list(path.iter_certs(include_root=False))
    signed = token["content"]
    signed["certificates"] = cms.CertificateSet([cms.CertificateChoices("certificate", one) for one in needed])
    if signed["crls"]:
        signed["crls"] = None
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _distrust(why: str) -> str:
    if any(word in why for word in ("EXPIRED", "OUT_OF_BOUNDS", "NOT_YET_VALID")):
        return "the certificate of its timestamp is expired"
    return "the certificate of its timestamp is not for timestamps or leads to none of the trusted roots"
