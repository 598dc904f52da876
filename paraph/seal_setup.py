"""The seal as the settings ask for it: key and certificate, level and authorities, and the way to them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from paraph.documents import (
    LEVELS,
    Authority,
    DocumentWorkers,
    Fetched,
    OwnSeals,
    SealingIdentity,
    SealPolicy,
    TokenKey,
    fingerprint_of,
    is_authority,
    pem_certificates,
    pem_of,
    remembered_roots,
)
from paraph.documents import Limits as DocumentLimits
from paraph.kit.faults import fault_point
from paraph.kit.outbound import Outbound, OutboundFailed, OutboundRefused, read_url
from paraph.kit.seal_settings import timestamp_addresses
from paraph.office_setup import office_converter

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from paraph.documents import FetchOrder
    from paraph.kit.settings import Settings

MAX_ANSWER_BYTES = 16 << 20
"""Revocation lists of large authorities run to megabytes."""
FIRST_RUN_FOLDER = ("keys", "seal")
SEALED_WITH_FOLDER = ("keys", "sealed-with")


def sealing_identity(settings: Settings) -> SealingIdentity:
    """Return the key and certificate that seal, made on the first run unless the settings name others.

    Seals of the identity that was made on the first run, of all that this server has sealed with since, and of those
    in PARAPH_SEAL_FORMER_ROOTS stay believed. Raises SealingIdentityError."""
    named = [one for one in _former(settings) if is_authority(one) or one.issuer == one.subject]
    remembered = remembered_roots(settings.data_dir.joinpath(*SEALED_WITH_FOLDER))
    roots = (*named, *remembered, *_first_run_roots(settings))
    return _present_identity(settings).trusting(*(pem_of(root) for root in roots))


def own_seals(settings: Settings, identity: SealingIdentity) -> OwnSeals:
    """Return what tells this server's seals from those of others that the same roots vouch for.

    Raises SealingIdentityError."""
    former = [fingerprint_of(one) for one in _former(settings) if not is_authority(one)]
    return OwnSeals(
        folder=settings.data_dir.joinpath(*SEALED_WITH_FOLDER),
        certificates=frozenset([identity.fingerprint, *former]),
        roots=frozenset(map(fingerprint_of, _first_run_roots(settings))),
    )


def seal_policy(settings: Settings) -> SealPolicy:
    """Return the level to reach and who gives the time. Raises SealingIdentityError when the roots are unreadable."""
    wanted = f"PAdES-{settings.seal_level}"
    file = settings.seal_timestamp_roots
    return SealPolicy(
        level=next(level for level in LEVELS if level == wanted),
        required=settings.seal_level_required,
        authorities=tuple(Authority.at(address) for address in timestamp_addresses(settings)),
        roots=() if file is None else tuple(pem_of(root) for root in pem_certificates(file)),
        seconds=settings.seal_timestamp_seconds,
    )


def document_workers(settings: Settings, identity: SealingIdentity) -> DocumentWorkers:
    """Return the workers of the documents room. Raises SealingIdentityError."""
    limits = DocumentLimits(max_bytes=settings.max_file_bytes, max_pages=settings.max_pages)
    return DocumentWorkers(
        limits,
        policy=seal_policy(settings),
        network=SealNetwork(settings, identity),
        office=office_converter(settings),
    )


class SealNetwork:
    """Fetches timestamps and proofs for the child that seals, which has no network itself.

    Hosts that the operator named, as timestamp authority or inside the own certificates, may be anywhere; what a
    timestamp's certificates name must be public, as for any other outbound call."""

    def __init__(self, settings: Settings, identity: SealingIdentity) -> None:
        named = {urlsplit(address).hostname or "" for address in timestamp_addresses(settings)}
        self._named = named | identity.revocation_hosts()
        self._settings = settings

    async def fetch(self, order: FetchOrder) -> Fetched:
        """Do it; whatever the far side does becomes an answer."""
        try:
            outbound = Outbound(self._settings, private=read_url(order.url).host in self._named)
            try:
                answer = await outbound.request(
                    order.url, order.headers, order.body, seconds=order.seconds, max_bytes=MAX_ANSWER_BYTES
                )
            finally:
                await outbound.close()
        except (OutboundRefused, OutboundFailed) as trouble:
            return Fetched(0, str(trouble).encode())
        fault_point("seal.fetched")
        return Fetched(answer.status, answer.body)


def _former(settings: Settings) -> list[Certificate]:
    return [] if settings.seal_former_roots is None else pem_certificates(settings.seal_former_roots)


def _first_run_roots(settings: Settings) -> list[Certificate]:
    own = settings.data_dir.joinpath(*FIRST_RUN_FOLDER) / "root.cert.pem"
    return pem_certificates(own) if own.exists() else []


def _present_identity(settings: Settings) -> SealingIdentity:
    if settings.seal_pkcs12 is not None:
        return SealingIdentity.from_pkcs12(settings.seal_pkcs12, settings.seal_pkcs12_passphrase)
    if settings.seal_pkcs11_module is not None and settings.seal_certificate is not None:
        token = TokenKey(
            settings.seal_pkcs11_module,
            settings.seal_pkcs11_token,
            settings.seal_pkcs11_key,
            settings.seal_pkcs11_pin,
        )
        return SealingIdentity.from_token(settings.seal_certificate, token)
    return SealingIdentity.load_or_create(settings.data_dir.joinpath(*FIRST_RUN_FOLDER), settings.seal_name)
