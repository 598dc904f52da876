"""Secrets at rest: compared ones are hashed, readable ones are sealed under a key outside the database.

All keys derive from one server secret by HKDF, each for one purpose, so that a value sealed for one purpose can
never be opened for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from pathlib import Path

_NONCE_BYTES = 12
FINGERPRINT_DIGITS = 16


class SealBroken(Exception):
    """A sealed value was altered, or sealed under another key or purpose."""


def token_hash(token: str) -> bytes:
    """SHA-256 of a 256-bit random token: enough for secrets that cannot be guessed."""
    return hashlib.sha256(_bytes(token)).digest()


def fingerprint(secret: str) -> str:
    """Names a 256-bit random key or token in evidence without giving it away: 16 digits of its SHA-256."""
    return fingerprint_of(token_hash(secret))


def fingerprint_of(hashed: bytes) -> str:
    """As ``fingerprint``, of a token whose ``token_hash`` is at hand."""
    return hashed.hex()[:FINGERPRINT_DIGITS]


class Keyring:
    """Keys of this server, derived from its secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the server secret needs at least 32 bytes")
        self._secret = secret
        self._derived: dict[str, bytes] = {}
        self._ciphers: dict[str, AESGCM] = {}

    @classmethod
    def load(cls, secret_key: str, directory: Path) -> Keyring:
        """Use ``secret_key`` if given, else ``directory/server.key``, which is made on first run (mode 0600)."""
        if secret_key:
            return cls(secret_key.encode())
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(_read_or_create(directory / "server.key"))

    @property
    def fingerprint(self) -> str:
        """Names the server secret without giving it away: processes of one installation must have the same."""
        return self.keyed_hash("fingerprint", "server key").hex()[:FINGERPRINT_DIGITS]

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """Encrypt and authenticate ``plain`` (AES-256-GCM); only ``unseal`` with the same purpose opens it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher(purpose).encrypt(nonce, plain, purpose.encode())

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Return what ``seal`` was given; raises SealBroken."""
        try:
            return self._cipher(purpose).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(purpose) from error

    def keyed_hash(self, purpose: str, value: str) -> bytes:
        """HMAC-SHA-256 of ``value``: how API keys, client secrets and short codes are compared."""
        return hmac.digest(self._key(purpose), _bytes(value), "sha256")

    def sign(self, purpose: str, value: str) -> str:
        """Return ``value`` with a MAC, safe in a URL; read back by ``verify``."""
        body = base64.urlsafe_b64encode(_bytes(value)).rstrip(b"=").decode()
        return f"{body}.{self._mac(purpose, body)}"

    def verify(self, purpose: str, signed: str) -> str | None:
        """Return the value that ``sign`` was given, or None when the text is not ours."""
        body, _, mac = signed.rpartition(".")
        if not hmac.compare_digest(_bytes(mac), self._mac(purpose, body).encode()):
            return None
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("utf-8", "surrogatepass")

    def derived_token(self, purpose: str, value: str) -> str:
        """A 256-bit token that only this server can compute: a link that needs no stored secret."""
        mac = hmac.digest(self._key(purpose), _bytes(value), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

    def _mac(self, purpose: str, body: str) -> str:
        return self.derived_token(f"mac:{purpose}", body)

    def _cipher(self, purpose: str) -> AESGCM:
        cipher = self._ciphers.get(purpose)
        if cipher is None:  # its key schedule costs more than sealing a few hundred bytes
            cipher = self._ciphers[purpose] = AESGCM(self._key(purpose))
        return cipher

    def _key(self, purpose: str) -> bytes:
        if purpose not in self._derived:
            derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"paraph:{purpose}".encode())
            self._derived[purpose] = derive.derive(self._secret)
        return self._derived[purpose]


def _bytes(text: str) -> bytes:
    """What a client sends may hold half a surrogate pair; it is compared, and found wrong, like anything else."""
    return text.encode("utf-8", "surrogatepass")


def _read_or_create(path: Path) -> bytes:
    """Two processes may start at once: link() gives exactly one of them the name, both read the winner's key."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip().encode()
