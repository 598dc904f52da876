"""Join the installation: a process works only with the keys that the others have, and knows their seals."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from paraph.documents import OwnSeals
from paraph.kit.installation import marks, record_marks

if TYPE_CHECKING:
    from paraph.documents import SealingIdentity
    from paraph.kit import Kit
    from paraph.kit.crypto import Keyring
    from paraph.kit.settings import Settings

SERVER_KEY, FIRST_RUN_SEAL, SEAL = "server_key", "first_run_seal", "seal:"
"""Marks: fingerprint of the server key; of the seal made on the first run, where no other is set; and each
certificate that has sealed, by its SHA-256, in PEM with its chain."""


class KeysDiffer(Exception):
    """This process has other keys than the installation; the message says which and what to do."""


async def join(kit: Kit, identity: SealingIdentity) -> bool:
    """Compare the keys of this process with those of the installation, and exchange the certificates that seal;
    return whether others have sealed with any that was not known here.

    The first process of an installation decides. Raises KeysDiffer."""
    own = own_marks(kit.settings, kit.keyring, identity)
    found = await kit.db.read(marks)
    if not own.keys() <= found.keys():
        await kit.db.write(lambda tx: record_marks(tx, own, kit.clock.now()))
        found = await kit.db.read(marks)
    if problem := difference(own, found):
        raise KeysDiffer(problem)
    return await asyncio.to_thread(kit.service(OwnSeals).learn, sealed_with(found))


def sealed_with(found: dict[str, str]) -> dict[str, str]:
    """Return the certificates that have sealed, of the marks: PEM, the chain after it, by SHA-256."""
    return {name.removeprefix(SEAL): pem for name, pem in found.items() if name.startswith(SEAL)}


def own_marks(settings: Settings, keyring: Keyring, identity: SealingIdentity) -> dict[str, str]:
    """Return what this process would record of itself."""
    own = {SERVER_KEY: keyring.fingerprint, SEAL + identity.fingerprint: identity.pem.decode()}
    if settings.seal_pkcs12 is None and settings.seal_pkcs11_module is None:
        own[FIRST_RUN_SEAL] = identity.fingerprint
    return own


def difference(own: dict[str, str], found: dict[str, str]) -> str | None:
    """Say what differs and what to do, or None."""
    if found.get(SERVER_KEY, own[SERVER_KEY]) != own[SERVER_KEY]:
        return (
            "This process has another server key than the one that this database was set up with "
            f"({own[SERVER_KEY]}, not {found[SERVER_KEY]}). Give every process the same PARAPH_SECRET_KEY, "
            "or restore keys/server.key from your backup."
        )
    if FIRST_RUN_SEAL in own and found.get(FIRST_RUN_SEAL, own[FIRST_RUN_SEAL]) != own[FIRST_RUN_SEAL]:
        return (
            "This process made a seal of its own, and the others seal with another. Give every process the same "
            "PARAPH_SEAL_PKCS12 (or PARAPH_SEAL_PKCS11_MODULE), or copy keys/seal from the first machine."
        )
    return None
