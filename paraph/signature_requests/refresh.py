"""Bring the downloadable file up to the signatures made so far, while others still have to sign or never will."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from sqlalchemy import update

from paraph.kit.faults import fault_point

from .announce import announce
from .assembly import marks_of, merged, stored_pdfs
from .complete import load_signed
from .lifecycle import RequestState
from .models import signature_requests
from .queries import load_whole

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.files import StoredFile

    from .complete import Signed


UNSEALED = frozenset({RequestState.PARTLY_SIGNED, RequestState.DECLINED, RequestState.EXPIRED})
"""States with signatures in which this is the file: somebody may decline before the last signature is drawn."""


async def refresh_file(request_pk: int, kit: Kit) -> None:
    """Make and record the current state; does nothing when the file shows all signatures there are."""
    signed = await kit.db.read(lambda tx: load_signed(tx, request_pk))
    request = signed.whole.request
    if request.state not in UNSEALED or request.files_deleted_at is not None:
        return
    if request.file_signatures >= _made(signed):
        return
    async with kit.files.workspace() as folder, AsyncExitStack() as stack:
        documents = signed.whole.documents
        marks = await marks_of(documents, signed.fields, stack, kit)
        path = await merged(signed.whole.request, stored_pdfs(documents), marks, folder, kit)
        stored = await kit.files.put(path)
    fault_point("progress.file_stored")
    await kit.db.write(lambda tx: _record(tx, signed, stored, kit))


def _made(signed: Signed) -> int:
    return sum(signature.signed_at is not None for signature in signed.whole.signatures)


def _record(tx: WriteTx, signed: Signed, stored: StoredFile, kit: Kit) -> None:
    columns = signature_requests.c
    older = (
        (columns.id == signed.whole.request.id)
        & columns.is_sealed.is_(False)
        & columns.files_deleted_at.is_(None)
        & (columns.file_signatures < _made(signed))
    )
    values = {
        "file_key": stored.key,
        "file_sha256": stored.sha256,
        "file_signatures": _made(signed),
        "downloadable_at": kit.clock.now(),
    }
    if tx.changed(update(signature_requests).where(older).values(values)) == 1:
        whole = load_whole(tx, signed.whole.request.id)
        announce(tx, whole, "signature_request_downloadable", kit=kit)
        fault_point("progress.recorded")
