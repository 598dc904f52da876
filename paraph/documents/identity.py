"""Who seals: a certificate, and where its key lies.

The key itself is never held here: a SealingIdentity knows where it lies, and only the child that seals
opens it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from paraph.documents.first_run import ROOT_CERTIFICATE, ROOT_KEY, SEAL_CERTIFICATE, SEAL_KEY, create_identity

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

MIN_RSA_BITS: Final = 2048
CURVES: Final = frozenset({"secp256r1", "secp384r1"})
WEAK: Final = frozenset({"md5", "sha1"})


class SealingIdentityError(Exception):
    """The sealing key or certificate is missing, unfit or unreadable; the message says what to do."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key inside a PKCS#11 token: the driver's library, the token's label, the key's label, the PIN."""

    module: Path
    token: str
    label: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealingIdentity:
    """A certificate to seal with and where its key lies.

    certificate, chain, roots: PEM. roots are what a verifier must trust; those of former identities may be
    among them. The key is PEM in key_file, inside that PKCS#12 file when passphrase is set, or in a token.
    root_key_file: where the key of a root of our own lies, which can state that nothing was revoked.
    """

    certificate: bytes
    chain: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    subject: str
    issuer: str
    key_file: Path
    passphrase: str | None = field(default=None, repr=False)
    token: TokenKey | None = None
    root_key_file: Path | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return fingerprint_of(x509.load_pem_x509_certificate(self.certificate))

    @property
    def pem(self) -> bytes:
        """The certificate, then its chain."""
        return b"".join((self.certificate, *self.chain))

    @classmethod
    def load_or_create(cls, directory: Path, common_name: str) -> "SealingIdentity":
        """The identity in this directory; the first run makes it. Processes that start at once agree.

        Raises SealingIdentityError when what lies there cannot be used."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(directory):
            if not (directory / SEAL_CERTIFICATE).exists():
                create_identity(directory, common_name)
            return _load(directory)

    @classmethod
    def from_pkcs12(cls, path: Path, passphrase: str) -> "SealingIdentity":
        """The identity in a PKCS#12 file. Its topmost certificate is the root.

        Raises SealingIdentityError when the file, the passphrase or the key is unfit."""
        key, certificate, others = _open_pkcs12(path, passphrase)
        if key.public_key() != certificate.public_key():
            raise SealingIdentityError(f"In {path} the key and the certificate are not a pair.")
        return replace(_identity(certificate, others, path), passphrase=passphrase)

    @classmethod
    def from_token(cls, certificates: Path, token: TokenKey) -> "SealingIdentity":
        """The identity of a key in a token; its certificate and then its chain stand in a PEM file.

        Whether the token opens and holds that key is for the sealing child to find out.
        Raises SealingIdentityError when the file is unfit or the driver is missing."""
        certificate, *others = pem_certificates(certificates)
        if not token.module.exists():
            raise SealingIdentityError(f"The PKCS#11 module {token.module} does not exist.")
        return replace(_identity(certificate, others, certificates), token=token)

    def trusting(self, *roots: bytes) -> "SealingIdentity":
        """The same, with further roots (PEM) whose seals are believed: those of former identities."""
        return replace(self, roots=tuple(dict.fromkeys((*self.roots, *roots))))

    def open_key(self) -> PrivateKey:
        """The private key of a file. Called by the child that seals and by nobody else."""
        if self.passphrase is not None:
            return _open_pkcs12(self.key_file, self.passphrase)[0]
        return _key_in(self.key_file)

    @property
    def expires_at(self) -> datetime:
        """When the certificate ends."""
        return x509.load_pem_x509_certificate(self.certificate).not_valid_after_utc

    def problem(self, now: datetime) -> str | None:
        """Why this identity cannot seal now, as a sentence for the operator, or None."""
        certificate = x509.load_pem_x509_certificate(self.certificate)
        if now < certificate.not_valid_before_utc:
            return f"The sealing certificate is valid only from {certificate.not_valid_before_utc:%Y-%m-%d}."
        if now > certificate.not_valid_after_utc:
            return f"The sealing certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}."
        if not os.access(self.key_file, os.R_OK):
            return f"The sealing key {self.key_file} cannot be read."
        if self.token is not None and not os.access(self.token.module, os.R_OK):
            return f"The PKCS#11 module {self.token.module} cannot be read."
        return None

    def revocation_hosts(self) -> frozenset[str]:
        """The hosts that its own certificates name for OCSP, CRLs and issuers."""
        hosts: set[str] = set()
        for armoured in (self.certificate, *self.chain):
            hosts |= _hosts_named_in(x509.load_pem_x509_certificate(armoured))
        return frozenset(hosts)


def pem_certificates(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file, at least one. Raises SealingIdentityError."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise SealingIdentityError(f"The certificates in {path} cannot be read: {_why(problem)}.") from problem


def pem_of(certificate: x509.Certificate) -> bytes:
    """A certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def roots_among(certificate: x509.Certificate, others: list[x509.Certificate]) -> list[x509.Certificate]:
    """What a verifier must trust of a certificate and the chain it came with; at least one."""
    roots = [other for other in [*others, certificate] if other.subject == other.issuer]
    return roots or [others[-1] if others else certificate]


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    lock = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _load(directory: Path) -> SealingIdentity:
    try:
        root = x509.load_pem_x509_certificate((directory / ROOT_CERTIFICATE).read_bytes())
        seal = x509.load_pem_x509_certificate((directory / SEAL_CERTIFICATE).read_bytes())
        key = _key_in(directory / SEAL_KEY)
    except (OSError, ValueError) as problem:
        raise SealingIdentityError(f"The sealing identity in {directory} cannot be read: {problem}") from problem
    if key.public_key() != seal.public_key():
        raise SealingIdentityError(f"In {directory} the sealing key and certificate are not a pair.")
    root_key = directory / ROOT_KEY
    return replace(
        _identity(seal, [root], directory / SEAL_KEY), root_key_file=root_key if root_key.exists() else None
    )


def _key_in(path: Path) -> PrivateKey:
    return _usable(serialization.load_pem_private_key(path.read_bytes(), None))


def _open_pkcs12(path: Path, passphrase: str) -> tuple[PrivateKey, x509.Certificate, list[x509.Certificate]]:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError) as problem:
        raise SealingIdentityError(f"The PKCS#12 file {path} cannot be opened: {_why(problem)}.") from problem
    if key is None or certificate is None:
        raise SealingIdentityError(f"The PKCS#12 file {path} holds no key with a certificate.")
    return _usable(key), certificate, others


def _why(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return (problem.strerror or "it cannot be read").lower()
    if "password" in str(problem).lower() or "mac" in str(problem).lower():
        return "the passphrase is wrong, or the file is damaged"
    return str(problem).rstrip(".")


def _usable(key: object) -> PrivateKey:
    if is_fit(key) and isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        return key
    raise SealingIdentityError("A sealing key must be P-256, P-384 or RSA of at least 2048 bits.")


def is_fit(key: object) -> bool:
    """Whether a key, public or private, is strong enough and of a kind that every reader knows."""
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return key.curve.name in CURVES
    return isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS


def _identity(certificate: x509.Certificate, others: list[x509.Certificate], key_file: Path) -> SealingIdentity:
    """Raises SealingIdentityError for a certificate that no careful reader would believe."""
    if not is_fit(certificate.public_key()):
        raise SealingIdentityError("A sealing key must be P-256, P-384 or RSA of at least 2048 bits.")
    for one in (certificate, *others):
        digest = one.signature_hash_algorithm
        if digest is not None and digest.name in WEAK and one.subject != one.issuer:
            raise SealingIdentityError(
                f"The certificate of {one.subject.rfc4514_string()} is signed with {digest.name.upper()}, which "
                "nobody may trust any more. Get one that is signed with SHA-256."
            )
    return SealingIdentity(
        certificate=pem_of(certificate),
        chain=tuple(pem_of(other) for other in others),
        roots=tuple(pem_of(root) for root in roots_among(certificate, others)),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        key_file=key_file,
    )


def _hosts_named_in(certificate: x509.Certificate) -> set[str]:
    addresses = []
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.AuthorityInformationAccess):
            addresses += [access.access_location for access in extension.value]
        elif isinstance(extension.value, x509.CRLDistributionPoints):
            addresses += [name for point in extension.value for name in point.full_name or ()]
    urls = [one.value for one in addresses if isinstance(one, x509.UniformResourceIdentifier)]
    return {host for url in urls if (host := urlsplit(url).hostname)}
