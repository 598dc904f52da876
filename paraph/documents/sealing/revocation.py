"""Proof that no certificate of a path was revoked: OCSP answers and CRLs, fetched over the line."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from asn1crypto import crl, ocsp, pem, x509
from cryptography import x509 as cryptography_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.authority import Authority
from pyhanko_certvalidator.errors import (
    CRLFetchError,
    OCSPFetchError,
    OCSPValidationError,
    PathBuildingError,
    PathError,
    ValidationError,
)
from pyhanko_certvalidator.fetchers import CertificateFetcher, CRLFetcher, Fetchers, OCSPFetcher
from pyhanko_certvalidator.fetchers.common_utils import (
    enumerate_delivery_point_urls,
    format_ocsp_request,
    process_ocsp_response_data,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.util import get_ocsp_urls, get_relevant_crl_dps

from paraph.documents.identity import SealingIdentity
from paraph.documents.sandbox.line import NoAnswer, fetch
from paraph.documents.sealing.signer import certificate_of

FETCH_SECONDS: Final = 10.0
CLOCK_SKEW: Final = timedelta(hours=1)
NOTHING: Final[tuple[x509.Certificate, ...]] = ()
OWN_LIST_LIFE: Final = timedelta(days=30)


class RevocationUnknown(Exception):
    """It cannot be proven that a certificate was not revoked, or it was; the message says which."""


class OcspOverLine(OCSPFetcher):
    """OCSP answers (RFC 6960), asked for by SHA-256."""

    def __init__(self) -> None:
        self._answers: dict[bytes, ocsp.OCSPResponse] = {}

    async def fetch(self, cert: x509.Certificate, authority: Authority) -> ocsp.OCSPResponse:
        request = format_ocsp_request(cert, authority, certid_hash_algo="sha256", request_nonces=False)
        trouble = "no address"
        for url in get_ocsp_urls(cert):
            try:
                data = fetch(url, {"Content-Type": "application/ocsp-request"}, request.dump(), FETCH_SECONDS)
                answer = process_ocsp_response_data(data, ocsp_request=request, ocsp_url=url)
            except (NoAnswer, ValueError, OCSPValidationError) as failed:
                trouble = f"{url}: {failed}"
                continue
            self._answers[cert.dump()] = answer
            return answer
        raise OCSPFetchError(trouble)

    def fetched_responses(self) -> Iterable[ocsp.OCSPResponse]:
        return list(self._answers.values())

    def fetched_responses_for_cert(self, cert: x509.Certificate) -> Iterable[ocsp.OCSPResponse]:
        return [self._answers[cert.dump()]] if cert.dump() in self._answers else []


class CrlOverLine(CRLFetcher):
    """Revocation lists (RFC 5280, 5) over HTTP."""

    def __init__(self) -> None:
        self._lists: dict[bytes, list[crl.CertificateList]] = {}

    async def fetch(self, cert: x509.Certificate, *, use_deltas: bool | None = None) -> list[crl.CertificateList]:
        known = self._lists.get(cert.dump())
        if known is not None:
            return known
        found, trouble = [], ""
        for point in get_relevant_crl_dps(cert, use_deltas=bool(use_deltas)):
            for url in enumerate_delivery_point_urls(point):
                try:
                    found.append(_list_from(fetch(url, {}, None, FETCH_SECONDS)))
                except (NoAnswer, ValueError) as failed:
                    trouble = f"{url}: {failed}"
        if not found and trouble:
            raise CRLFetchError(trouble)
        self._lists[cert.dump()] = found
        return found

    def fetched_crls(self) -> Iterable[crl.CertificateList]:
        return [one for lists in self._lists.values() for one in lists]

    def fetched_crls_for_cert(self, cert: x509.Certificate) -> Iterable[crl.CertificateList]:
        return self._lists[cert.dump()]


class NoIssuers(CertificateFetcher):
    """Issuers come with the identity and with the timestamps, never from the network."""

    async def fetch_cert_issuers(self, cert: x509.Certificate) -> AsyncGenerator[x509.Certificate, None]:
        for never in NOTHING:
            yield never

    async def fetch_crl_issuers(self, certificate_list: object) -> AsyncGenerator[x509.Certificate, None]:
        for never in NOTHING:
            yield never

    def fetched_certs(self) -> Iterable[x509.Certificate]:
        return []


def trust_with_proof(roots: Sequence[bytes], own_lists: Sequence[bytes] = ()) -> ValidationContext:
    """A context that believes nothing without proof of its not being revoked, and collects the proofs."""
    return ValidationContext(
        trust_roots=[certificate_of(root) for root in roots],
        allow_fetching=True,
        fetchers=Fetchers(OcspOverLine(), CrlOverLine(), NoIssuers()),
        revocation_mode="require",
        crls=own_lists,
    )


async def proven_path(
    certificate: x509.Certificate, others: Iterable[x509.Certificate], trust: ValidationContext
) -> ValidationPath:
    """The path of this certificate, whose proofs are then in the context. Raises RevocationUnknown."""
    validator = CertificateValidator(certificate, intermediate_certs=list(others), validation_context=trust)
    try:
        return await validator.async_validate_path()
    except (PathError, PathBuildingError, ValidationError, ValueError) as trouble:
        raise RevocationUnknown(str(trouble)) from trouble


def own_revocation_list(identity: SealingIdentity) -> list[bytes]:
    """For a root of our own: its statement, made now, that it has revoked nothing (DER); else none."""
    if identity.root_key_file is None:
        return []
    root = cryptography_x509.load_pem_x509_certificate(identity.chain[0])
    key = serialization.load_pem_private_key(identity.root_key_file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return []
    now = datetime.now(UTC)
    builder = (
        cryptography_x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now - CLOCK_SKEW)
        .next_update(now + OWN_LIST_LIFE)
        .add_extension(cryptography_x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(
            cryptography_x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
    )
    return [builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)]


def _list_from(data: bytes) -> crl.CertificateList:
    if pem.detect(data):
        data = pem.unarmor(data)[2]
    found = crl.CertificateList.load(data, strict=True)
    _ = found["tbs_cert_list"].native  # parse all of it now
    return found
