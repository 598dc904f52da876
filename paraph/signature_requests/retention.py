"""Retention: some days after a request ended its files go, and what was put into its fields; the evidence stays.

Kept are the chain with its hashes, who signed when and how, and the SHA-256 of every file, so that a copy that
somebody kept can still be told genuine. The bytes are deleted by a job that the same transaction asks for, so that
a crash in between loses nothing; a file that another row mentions too is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update

from paraph.kit.holds import discard_files
from paraph.kit.sweep import mentioned_keys

from . import audit
from .access_models import request_attachments
from .facts import FilesDeleted
from .lifecycle import UNFINISHED, RequestState
from .links import DAY_SECONDS
from .models import request_documents, request_fields, signature_requests
from .queries import lock_whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column, Table

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

    from .shapes import SignatureRequest, WholeRequest

BATCH = 100
DELETE_JOB = "signature_requests.delete_files"
ENDED = tuple(state.value for state in RequestState if state not in UNFINISHED)


def due_for_deletion(tx: ReadTx, now: int, days: int) -> list[int]:
    """Internal keys of requests that ended ``days`` ago or more and still have files, a batch at most."""
    columns = signature_requests.c
    over = and_(columns.files_deleted_at.is_(None), columns.closed_at <= now - days * DAY_SECONDS)
    # a complete request whose file is not sealed yet has signatures that are nowhere else
    settled = or_(columns.state != RequestState.COMPLETE.value, columns.is_sealed.is_(True))
    late = select(columns.id).where(over, settled, columns.state.in_(ENDED))
    return [row.id for row in tx.all(late.order_by(columns.closed_at).limit(BATCH))]


def delete_files(tx: WriteTx, request_pk: int, kit: Kit) -> None:
    """Let go of every file of a request that is over for long enough; a second run does nothing."""
    whole, days = lock_whole(tx, request_pk), kit.settings.retention_days
    if not _is_due(whole.request, kit.clock.now(), days):
        return
    keys = [key for table, columns in _file_columns() for key in _taken(tx, table, columns, request_pk)]
    emptied = {"mark": None, "value": None}
    tx.execute(update(request_fields).where(request_fields.c.request_pk == request_pk).values(**emptied))
    gone = {"files_deleted_at": kit.clock.now()}
    tx.execute(update(signature_requests).where(signature_requests.c.id == request_pk).values(**gone))
    audit.record(tx, request_pk, "files_deleted", {"after_days": days, "files": _hashes(whole)}, kit=kit)
    kit.queue.enqueue(tx, DELETE_JOB, keys=keys)
    shown = tuple(one.pdf_sha256 for one in whole.documents if one.pdf_sha256)
    kit.facts.publish(tx, FilesDeleted(shown), kit)


async def delete_bytes(keys: Iterable[str], kit: Kit) -> None:
    """Delete these files for good, except what some row still mentions."""
    wanted = list(keys)
    kept = await kit.db.read(lambda tx: mentioned_keys(tx, wanted))
    await discard_files((key for key in wanted if key not in kept), kit)


def _is_due(request: SignatureRequest, now: int, days: int) -> bool:
    if days == 0 or request.files_deleted_at is not None or request.state in UNFINISHED:
        return False
    if request.state is RequestState.COMPLETE and not request.is_sealed:
        return False
    return request.closed_at is not None and request.closed_at <= now - days * DAY_SECONDS


def _file_columns() -> tuple[tuple[Table, tuple[Column[Any], ...]], ...]:
    """Every column of this room that holds keys of files, by table."""
    requests, documents = signature_requests.c, request_documents.c
    return (
        (signature_requests, (requests.file_key, requests.zip_key)),
        (request_documents, (documents.upload_key, documents.pdf_key)),
        (request_fields, (request_fields.c.picture_key,)),
        (request_attachments, (request_attachments.c.file_key,)),
    )


def _taken(tx: WriteTx, table: Table, columns: tuple[Column[Any], ...], request_pk: int) -> list[str]:
    """The keys in these columns of the request's rows, which are emptied."""
    own = (table.c.id if table is signature_requests else table.c.request_pk) == request_pk
    rows = tx.all(select(*columns).where(own))
    tx.execute(update(table).where(own).values({column.name: None for column in columns}))
    return sorted({key for row in rows for key in row if key is not None})


def _hashes(whole: WholeRequest) -> list[str]:
    documents = [sha for one in whole.documents for sha in (one.upload_sha256, one.pdf_sha256)]
    return [sha for sha in dict.fromkeys((whole.request.file_sha256, *documents)) if sha]
