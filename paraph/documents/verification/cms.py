"""The part of a signature that the signature itself does not cover: it may hold nothing that is not needed."""

from typing import Final

from asn1crypto.cms import ContentInfo, SignedData
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureStatus

CONSTRUCTED: Final = 0x20
LONG_TAG: Final = 0x1F
LONG_LENGTH: Final = 0x80
ADDED_LATER: Final = frozenset({"signature_time_stamp_token"})
"""Unsigned attributes that a seal may carry."""


def padding_is_zero(content: bytes) -> bool:
    """Whether nothing but zeros follows the DER structure in the reserved room."""
    return not any(content[_der_length(content) :])


def tokens_in(signature: EmbeddedPdfSignature) -> list[SignedData]:
    """The timestamps within a signature, not yet believed: a seal has one at most."""
    attributes = signature.signer_info["unsigned_attrs"] or ()
    return [
        token["content"]
        for attribute in attributes
        if attribute["type"].native in ADDED_LATER
        for token in attribute["values"]
    ]


def holds_nothing_else(signature: EmbeddedPdfSignature, status: SignatureStatus) -> bool:
    """Whether the structure is DER and carries only the certificates of the validated path, and no
    unsigned attribute but a timestamp."""
    content = bytes(signature.pkcs7_content)
    encoded = content[: _der_length(content)]
    signed = ContentInfo.load(encoded)["content"]
    return _is_bare(signed, status, ADDED_LATER) and _is_distinguished(encoded)


def token_holds_nothing_else(token: SignedData, status: SignatureStatus) -> bool:
    """The same of a timestamp, which may have no unsigned attribute at all."""
    return _is_bare(token, status, frozenset())


def _is_bare(signed: SignedData, status: SignatureStatus, attributes: frozenset[str]) -> bool:
    if signed["crls"] or len(signed["signer_infos"]) != 1 or status.validation_path is None:
        return False
    path = {certificate.dump() for certificate in status.validation_path.iter_certs(include_root=True)}
    if not {choice.chosen.dump() for choice in signed["certificates"]} <= path:
        return False
    unsigned = signed["signer_infos"][0]["unsigned_attrs"]
    return not unsigned or {str(attribute["type"].native) for attribute in unsigned} <= attributes


def _is_distinguished(encoded: bytes) -> bool:
    """Whether every length in it is definite, as short as can be, and filled exactly (X.690, 10.1)."""
    at = 0
    while at < len(encoded):
        header, length = _header(encoded, at)
        body = encoded[at + header : at + header + length]
        if header == 0 or len(body) != length:
            return False
        if encoded[at] & CONSTRUCTED and not _is_distinguished(body):
            return False
        at += header + length
    return True


def _header(encoded: bytes, at: int) -> tuple[int, int]:
    """Size of tag and length, and the length; (0, 0) when it is not as DER writes it."""
    if at + 2 > len(encoded) or encoded[at] & LONG_TAG == LONG_TAG:
        return 0, 0
    first = encoded[at + 1]
    if first < LONG_LENGTH:
        return 2, first
    octets = encoded[at + 2 : at + 2 + (first & ~LONG_LENGTH)]
    length = int.from_bytes(octets, "big")
    shortest = length >= LONG_LENGTH and octets[:1] != b"\0"
    return (2 + len(octets), length) if shortest else (0, 0)


def _der_length(content: bytes) -> int:
    """Bytes of the outermost structure, its header included."""
    if len(content) < 2:
        return 0
    length, header = content[1], 2
    if length & 0x80:
        header += length & 0x7F
        length = int.from_bytes(content[2:header], "big")
    return header + length
