"""The key, opened: from a file, or left inside its token."""

from abc import ABC, abstractmethod
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from paraph.documents.identity import PrivateKey, SealingIdentity, SealingIdentityError, TokenKey

DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""SHA-1 is not in here, so it cannot be used."""
RSA_MECHANISMS: Final = {
    "sha256": "SHA256_RSA_PKCS",
    "sha384": "SHA384_RSA_PKCS",
    "sha512": "SHA512_RSA_PKCS",
}


class SealingKey(ABC):
    """What can sign with the seal's private key."""

    @abstractmethod
    def sign(self, data: bytes, digest: str) -> bytes:
        """RSASSA-PKCS1-v1_5, or ECDSA as DER. Raises SealingIdentityError."""


class KeyFromFile(SealingKey):
    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    def sign(self, data: bytes, digest: str) -> bytes:
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(DIGESTS[digest]))
        return self._key.sign(data, padding.PKCS1v15(), DIGESTS[digest])


class KeyInToken(SealingKey):
    """The key never leaves the token; one session for the life of this process."""

    def __init__(self, token: TokenKey) -> None:
        try:
            import pkcs11
            from pkcs11.exceptions import PKCS11Error
        except ImportError as missing:
            raise SealingIdentityError(
                "A key in a token needs one more package: pip install 'paraph[pkcs11]'."
            ) from missing
        try:
            driver = pkcs11.lib(str(token.module))
        except (PKCS11Error, RuntimeError, OSError) as trouble:
            raise SealingIdentityError(f"The PKCS#11 module {token.module} cannot be loaded.") from trouble
        try:
            found = driver.get_token(token_label=token.token)
            self._session = found.open(user_pin=token.pin)
            self._key: Any = self._session.get_key(
                object_class=pkcs11.ObjectClass.PRIVATE_KEY,
                label=token.label,
            )
        except PKCS11Error as trouble:
            raise SealingIdentityError(_in_words(trouble, token)) from trouble

    def sign(self, data: bytes, digest: str) -> bytes:
        import pkcs11
        from pkcs11.exceptions import PKCS11Error
        from pkcs11.util.ec import encode_ecdsa_signature

        try:
            if self._key.key_type == pkcs11.KeyType.EC:
                hashed = hashes.Hash(DIGESTS[digest])
                hashed.update(data)
                raw = self._key.sign(hashed.finalize(), mechanism=pkcs11.Mechanism.ECDSA)
                return bytes(encode_ecdsa_signature(raw))
            return bytes(self._key.sign(data, mechanism=getattr(pkcs11.Mechanism, RSA_MECHANISMS[digest])))
        except PKCS11Error as trouble:
            raise SealingIdentityError(f"The token could not sign ({type(trouble).__name__}).") from trouble


def open_key(identity: SealingIdentity) -> SealingKey:
    """The identity's key, ready to sign. Raises SealingIdentityError in words for the operator."""
    if identity.token is not None:
        return KeyInToken(identity.token)
    return KeyFromFile(identity.open_key())


def _in_words(trouble: Exception, token: TokenKey) -> str:
    name = type(trouble).__name__
    if name.startswith(("PinIncorrect", "PinInvalid", "PinLenRange", "PinLocked")):
        return f"The PIN of the token “{token.token}” is wrong or locked."
    if name == "NoSuchToken":
        return f"No token “{token.token}” is connected to {token.module}."
    if name == "NoSuchKey":
        return f"The token “{token.token}” holds no private key “{token.label}”."
    if name in ("MultipleTokensReturned", "MultipleObjectsReturned"):
        return f"More than one token “{token.token}” or key “{token.label}” exists; give each its own label."
    return f"The token “{token.token}” cannot be used ({name})."
