"""Settings of the seal that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .settings import Settings

PLAIN_LEVEL = "B-B"


def timestamp_addresses(settings: Settings) -> tuple[str, ...]:
    """The addresses of the timestamp authorities, in the order in which they are asked."""
    return tuple(part.strip() for part in settings.seal_timestamp_urls.split(",") if part.strip())


def seal_problem(settings: Settings) -> str | None:
    """What is wrong with the settings of the seal, as a sentence; None when they fit."""
    return _key_problem(settings) or _timestamp_problem(settings)


def _key_problem(settings: Settings) -> str | None:
    token = (settings.seal_pkcs11_token, settings.seal_pkcs11_key, settings.seal_pkcs11_pin)
    if settings.seal_pkcs12_passphrase and settings.seal_pkcs12 is None:
        return "PARAPH_SEAL_PKCS12_PASSPHRASE needs PARAPH_SEAL_PKCS12."
    if settings.seal_pkcs11_module is None:
        return "PARAPH_SEAL_PKCS11_TOKEN, _KEY and _PIN need PARAPH_SEAL_PKCS11_MODULE." if any(token) else None
    if settings.seal_pkcs12 is not None:
        return "Give either PARAPH_SEAL_PKCS12 or PARAPH_SEAL_PKCS11_MODULE, not both."
    if not all(token) or settings.seal_certificate is None:
        return (
            "PARAPH_SEAL_PKCS11_MODULE needs PARAPH_SEAL_PKCS11_TOKEN, PARAPH_SEAL_PKCS11_KEY, "
            "PARAPH_SEAL_PKCS11_PIN and PARAPH_SEAL_CERTIFICATE."
        )
    return None


def _timestamp_problem(settings: Settings) -> str | None:
    addresses = timestamp_addresses(settings)
    if settings.seal_level == PLAIN_LEVEL:
        if addresses:
            return "PARAPH_SEAL_TIMESTAMP_URLS needs PARAPH_SEAL_LEVEL: B-T, B-LT or B-LTA."
        return (
            "PARAPH_SEAL_LEVEL_REQUIRED needs a PARAPH_SEAL_LEVEL above B-B."
            if settings.seal_level_required
            else None
        )
    if not addresses or settings.seal_timestamp_roots is None:
        return (
            f"PARAPH_SEAL_LEVEL {settings.seal_level} needs PARAPH_SEAL_TIMESTAMP_URLS and "
            "PARAPH_SEAL_TIMESTAMP_ROOTS (a PEM file with the root certificates of these authorities)."
        )
    if not all(_is_http(address) for address in addresses):
        return "Each of PARAPH_SEAL_TIMESTAMP_URLS must begin with http:// or https://."
    if settings.seal_timestamp_seconds < 1:
        return "PARAPH_SEAL_TIMESTAMP_SECONDS must be at least 1."
    return None


def _is_http(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
