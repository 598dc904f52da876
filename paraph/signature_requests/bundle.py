"""The evidence bundle: everything that proves a finished request, in one zip that needs no server (docs/evidence.md).

Made when it is asked for, outside any transaction, straight from the file store; nothing of it is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
import zipfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from paraph.documents import OFFLINE_VERIFIER, DocumentFailure, DocumentWorkers, Rejected, SealingIdentity
from paraph.kit.errors import Conflict, ParaphError

from .audit import chain_of
from .download import file_key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.documents import SealParts
    from paraph.kit import Kit

    from .audit import AuditEvent
    from .shapes import RequestDocument, WholeRequest

FORMAT = "paraph-evidence-1"
NOT_COMPLETE = "There is no evidence bundle yet: it is made once everyone has signed and the file is sealed."
BUSY = "The evidence could not be put together just now. Try again in a minute."
README = """\
EVIDENCE OF A SIGNATURE REQUEST

sealed.pdf is the finished document, exactly as everybody got it. Its last pages say who signed, when and how.
The other files prove that it is genuine and unchanged. You can check that yourself, on any computer, without the
server that made it and without a network:

    pip install pyhanko cryptography
    python verify_evidence.py

Run this in the folder of these files, or give the zip: python verify_evidence.py {name}
It prints what it checks, and ends with "Everything holds." or says what does not.

The certificates in this bundle are the bundle's own word. When it matters that the document really comes from
{server}, ask its operator{contact} for the root certificate and the certificate of the seal, and run

    python verify_evidence.py --root root.cert.pem --certificate seal.cert.pem {name}

The second is what tells the server from others whose certificates come from the same public authority.

manifest.json   every file here, with its SHA-256
chain.json      everything that happened, in order; each event carries the hash of the one before it
certificates/   the certificate of the seal and what it leads to
documents/      each document as it was shown to the signers
"""


@dataclass(frozen=True, slots=True)
class _Material:
    """What goes in: small contents by path, and files by path."""

    texts: dict[str, bytes]
    files: dict[str, Path]
    titles: list[dict[str, str]]


def bundle_name(whole: WholeRequest) -> str:
    """What the zip is called on the other side."""
    return f"evidence-{whole.request.signature_request_id[:12]}.zip"


async def evidence_bundle(whole: WholeRequest, kit: Kit) -> Path:
    """A temporary zip, the caller's to remove.

    Raises Conflict before the file is sealed, Deleted once retention took the files, ParaphError 422 for a request
    in error and 503 when the sealed file cannot be opened now.
    """
    key = file_key_of(whole.request)
    if not whole.request.is_sealed:
        raise Conflict(NOT_COMPLETE)
    chain = await kit.db.read(lambda tx: chain_of(tx, whole.request.id))
    async with AsyncExitStack() as stack:
        files = {"sealed.pdf": await stack.enter_async_context(kit.files.local(key))}
        parts = await _parts(files["sealed.pdf"], kit)
        titles = []
        for place, document in enumerate(_shown(whole), 1):
            path = f"documents/{place:02}.pdf"
            files[path] = await stack.enter_async_context(kit.files.local(document.pdf_key or ""))
            titles.append({"path": path, "name": document.filename})
        material = _Material(_texts(whole, chain, parts, kit), files, titles)
        return await asyncio.to_thread(_write, whole, material, kit)


async def _parts(sealed: Path, kit: Kit) -> SealParts:
    try:
        return await kit.service(DocumentWorkers).seal_parts(sealed)
    except (DocumentFailure, Rejected) as failure:
        raise ParaphError(BUSY, name="unavailable", status=503, detail=str(failure)) from failure


def _shown(whole: WholeRequest) -> list[RequestDocument]:
    return [document for document in whole.documents if document.pdf_key is not None]


def _texts(whole: WholeRequest, chain: Sequence[AuditEvent], parts: SealParts, kit: Kit) -> dict[str, bytes]:
    roots = kit.service(SealingIdentity).roots
    between = [one for one in parts.others if one.strip() not in {root.strip() for root in roots}]
    time_roots = kit.service(DocumentWorkers).policy.roots
    return {
        "README.txt": _readme(whole, kit).encode(),
        "chain.json": _json(
            [{"sequence": one.sequence, "canonical": one.canonical, "hash": one.hash} for one in chain]
        ),
        "certificates/seal.pem": parts.certificate,
        **{f"certificates/chain-{place}.pem": one for place, one in enumerate(between, 1)},
        **{f"certificates/root-{place}.pem": one for place, one in enumerate(roots, 1)},
        **{f"certificates/timestamp-root-{place}.pem": one for place, one in enumerate(time_roots, 1)},
        **({"timestamp.tst": parts.timestamp} if parts.timestamp else {}),
        "verify_evidence.py": OFFLINE_VERIFIER.read_bytes(),
    }


def _readme(whole: WholeRequest, kit: Kit) -> str:
    contact = kit.settings.operator_contact
    told = f" ({contact})" if contact else ""
    return README.format(name=bundle_name(whole), server=kit.settings.public_url, contact=told)


def _write(whole: WholeRequest, material: _Material, kit: Kit) -> Path:
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in material.texts.items()}
    hashes |= {path: _sha256(source) for path, source in material.files.items()}
    manifest = {
        "format": FORMAT,
        "signature_request_id": whole.request.signature_request_id,
        "title": whole.request.title,
        "server": kit.settings.public_url,
        "exported_at": datetime.fromtimestamp(kit.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "files": dict(sorted(hashes.items())),
        "documents": material.titles,
    }
    handle, name = tempfile.mkstemp(prefix="paraph-", suffix=".zip")
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in {"manifest.json": _json(manifest), **material.texts}.items():
                archive.writestr(path, content)
            for path, source in material.files.items():
                archive.write(source, path, zipfile.ZIP_STORED)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
