"""Who seals: a private root and a sealing certificate below it, made on the first run.

The key itself is never held here: a SealingIdentity knows where it lies, and only the child that seals
opens it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

SEAL_YEARS: Final = 12
ROOT_YEARS: Final = 25
CLOCK_SKEW: Final = timedelta(hours=1)
MIN_RSA_BITS: Final = 2048
DOCUMENT_SIGNING: Final = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning, RFC 9336."""
MAX_COMMON_NAME: Final = 64
"""ub-common-name, RFC 5280 appendix A."""

LEVEL: Final = "PAdES-B-B"

ROOT_CERTIFICATE: Final = "root.cert.pem"
ROOT_KEY: Final = "root.key.pem"
SEAL_CERTIFICATE: Final = "seal.cert.pem"
SEAL_KEY: Final = "seal.key.pem"


class SealingIdentityError(Exception):
    """The sealing key or certificate is missing, unfit or unreadable; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SealingIdentity:
    """A certificate to seal with and where its key lies.

    certificate, chain, roots: PEM. roots are what a verifier must trust. level is what a seal made with
    this identity reaches. The key is PEM in key_file, or inside the PKCS#12 file when passphrase is set.
    """

    certificate: bytes
    chain: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    subject: str
    issuer: str
    key_file: Path
    passphrase: str | None = field(default=None, repr=False)
    level: str = LEVEL

    @classmethod
    def load_or_create(cls, directory: Path, common_name: str) -> "SealingIdentity":
        """The identity in this directory; the first run makes it. Processes that start at once agree.

        Raises SealingIdentityError when what lies there cannot be used."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(directory):
            if not (directory / SEAL_CERTIFICATE).exists():
                _create(directory, common_name)
            return _load(directory)

    @classmethod
    def from_pkcs12(cls, path: Path, passphrase: str) -> "SealingIdentity":
        """The identity in a PKCS#12 file. Its topmost certificate is the root.

        Raises SealingIdentityError when the file, the passphrase or the key is unfit."""
        _, certificate, others = _open_pkcs12(path, passphrase)
        chain = tuple(_pem(other) for other in others)
        roots = tuple(_pem(other) for other in [*others, certificate] if other.subject == other.issuer)
        top = roots or (_pem(others[-1] if others else certificate),)
        return _identity(certificate, chain, top, path, passphrase)

    def open_key(self) -> PrivateKey:
        """The private key. Called by the child that seals and by nobody else."""
        if self.passphrase is not None:
            return _open_pkcs12(self.key_file, self.passphrase)[0]
        return _usable(serialization.load_pem_private_key(self.key_file.read_bytes(), None))

    def problem(self, now: datetime) -> str | None:
        """Why this identity cannot seal now, as a sentence for the operator, or None."""
        certificate = x509.load_pem_x509_certificate(self.certificate)
        if now < certificate.not_valid_before_utc:
            return f"The sealing certificate is valid only from {certificate.not_valid_before_utc:%Y-%m-%d}."
        if now > certificate.not_valid_after_utc:
            return f"The sealing certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}."
        if not os.access(self.key_file, os.R_OK):
            return f"The sealing key {self.key_file} cannot be read."
        return None


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    lock = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _create(directory: Path, common_name: str) -> None:
    now = datetime.now(UTC)
    name = common_name[:MAX_COMMON_NAME] or "Paraph"
    root_key, seal_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _root_certificate(root_key, f"{name[: MAX_COMMON_NAME - 8]} Root CA", now)
    seal = _seal_certificate(seal_key, root, root_key, name, now)
    _write_secret(directory / ROOT_KEY, _key_pem(root_key))
    _write_secret(directory / SEAL_KEY, _key_pem(seal_key))
    _write_secret(directory / ROOT_CERTIFICATE, _pem(root))
    # last, because its presence says that all four are there
    _write_secret(directory / SEAL_CERTIFICATE, _pem(seal))


def _root_certificate(key: ec.EllipticCurvePrivateKey, name: str, now: datetime) -> x509.Certificate:
    subject = _name(name)
    builder = _builder(subject, subject, key.public_key(), now, ROOT_YEARS)
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _seal_certificate(
    key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    name: str,
    now: datetime,
) -> x509.Certificate:
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    # e-mail protection because NSS (pdfsig, Firefox) knows no document signing purpose
    purposes = x509.ExtendedKeyUsage([DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
    builder = _builder(_name(name), root.subject, key.public_key(), now, SEAL_YEARS)
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage("digital_signature", "content_commitment"), critical=True)
        .add_extension(purposes, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_id, critical=False)
        .sign(root_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    years: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=round(365.25 * years)))
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*granted: str) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in granted for name in names})


def _load(directory: Path) -> SealingIdentity:
    try:
        root = x509.load_pem_x509_certificate((directory / ROOT_CERTIFICATE).read_bytes())
        seal = x509.load_pem_x509_certificate((directory / SEAL_CERTIFICATE).read_bytes())
        key = _usable(serialization.load_pem_private_key((directory / SEAL_KEY).read_bytes(), None))
    except (OSError, ValueError) as problem:
        raise SealingIdentityError(f"The sealing identity in {directory} cannot be read: {problem}") from problem
    if key.public_key() != seal.public_key():
        raise SealingIdentityError(f"In {directory} the sealing key and certificate are not a pair.")
    return _identity(seal, (_pem(root),), (_pem(root),), directory / SEAL_KEY, None)


def _open_pkcs12(path: Path, passphrase: str) -> tuple[PrivateKey, x509.Certificate, list[x509.Certificate]]:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError) as problem:
        raise SealingIdentityError(f"The PKCS#12 file {path} cannot be opened: {problem}") from problem
    if key is None or certificate is None:
        raise SealingIdentityError(f"The PKCS#12 file {path} holds no key with a certificate.")
    return _usable(key), certificate, others


def _usable(key: object) -> PrivateKey:
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in {"secp256r1", "secp384r1"}:
        return key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= MIN_RSA_BITS:
        return key
    raise SealingIdentityError("A sealing key must be P-256, P-384 or RSA of at least 2048 bits.")


def _identity(
    certificate: x509.Certificate,
    chain: tuple[bytes, ...],
    roots: tuple[bytes, ...],
    key_file: Path,
    passphrase: str | None,
) -> SealingIdentity:
    return SealingIdentity(
        certificate=_pem(certificate),
        chain=chain,
        roots=roots,
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        key_file=key_file,
        passphrase=passphrase,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_secret(path: Path, data: bytes) -> None:
    """Whole or not at all, readable by the owner alone from the first moment."""
    draft = path.with_suffix(".draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
