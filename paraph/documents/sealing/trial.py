"""Would a seal work? Tried with the key and the authorities themselves, on no document."""

import asyncio
import secrets
from dataclasses import replace

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from paraph.documents.identity import SealingIdentity, SealingIdentityError
from paraph.documents.limits import Limits
from paraph.documents.seal_policy import Authority, SealPolicy
from paraph.documents.sealing.authorities import Authorities, NoTimestamp
from paraph.documents.sealing.keys import open_key


def try_key(_limits: Limits, identity: SealingIdentity) -> str:
    """Why the key cannot sign, as a sentence for the operator; empty when it can."""
    data = secrets.token_bytes(32)
    try:
        _check(identity, data, open_key(identity).sign(data, "sha256"))
    except SealingIdentityError as trouble:
        return str(trouble)
    except InvalidSignature:
        return "The sealing key and the sealing certificate are not a pair."
    except (OSError, ValueError) as trouble:
        return f"The sealing key cannot be read: {trouble}"
    return ""


def try_authority(_limits: Limits, policy: SealPolicy, authority: Authority) -> str:
    """Why this authority gives no good timestamp, in words; empty when it does."""
    once = Authorities(replace(policy, pauses=(0.0,)), (authority,))
    try:
        asyncio.run(once.async_timestamp(secrets.token_bytes(32), "sha256"))
    except NoTimestamp as trouble:
        return str(trouble)
    return ""


def _check(identity: SealingIdentity, data: bytes, signature: bytes) -> None:
    key = x509.load_pem_x509_certificate(identity.certificate).public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
