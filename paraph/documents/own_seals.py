"""Which seals are this server's own.

A root that was bought vouches for every customer of its authority, so the certificate of a seal decides. Each one
that this server seals with is kept, with its chain, before the first file leaves: then its successor changes nothing
for the files of before.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from paraph.documents.identity import SealingIdentity, pem_certificates, roots_among
from paraph.documents.plans import Verdict

ENDING: Final = ".pem"


@dataclass(frozen=True, slots=True)
class OwnSeals:
    """folder: a PEM file for each certificate that this server has sealed with, named by its SHA-256: it, then its
    chain. certificates, roots: SHA-256 (hexadecimal) of further certificates, and of roots that vouch for this server
    alone."""

    folder: Path
    certificates: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()

    def made(self, verdict: Verdict) -> bool:
        """Whether the certificate of the seal is this server's. That its key made the signature, the verdict says."""
        named = verdict.certificate_sha256
        if not named:
            return False
        return verdict.root_sha256 in self.roots or named in self.certificates or self._place_of(named).exists()

    def remember(self, identity: SealingIdentity) -> None:
        """Keep the certificate and its chain for good. Safe in many processes at once; raises OSError."""
        self._keep(identity.fingerprint, identity.pem)

    def learn(self, known: Mapping[str, str]) -> bool:
        """Keep certificates that other processes sealed with: PEM, the chain after it, by SHA-256; return whether
        any was new. Raises OSError."""
        kept = [self._keep(sha256, pem.encode()) for sha256, pem in known.items()]
        return any(kept)

    def _keep(self, sha256: str, pem: bytes) -> bool:
        place = self._place_of(sha256)
        if place.exists():
            return False
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self.folder, suffix=".draft")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).rename(place)
        finally:
            Path(draft).unlink(missing_ok=True)
        return True

    def _place_of(self, sha256: str) -> Path:
        return self.folder / f"{sha256}{ENDING}"


def remembered_roots(folder: Path) -> list[x509.Certificate]:
    """The roots of all certificates kept there. Raises SealingIdentityError when a file cannot be read."""
    kept = [pem_certificates(path) for path in sorted(folder.glob(f"*{ENDING}"))]
    return [root for certificate, *chain in kept for root in roots_among(certificate, chain)]


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether it is there to issue others, not to seal."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
