"""Seal a request that everybody signed: stamp, certificate, audit chain, PAdES seal; then mail the copies.

The certificate inside the sealed bytes states the level of the seal, so a seal that falls short of it is thrown away
and the file is made anew with the lower level, or the job waits and tries again: as the operator wishes (T26).
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from paraph.documents import (
    CompletionPlan,
    DocumentFailure,
    DocumentWorkers,
    LevelNotReached,
    OwnSeals,
    SealingIdentity,
    SourceDocument,
)
from paraph.kit.faults import fault_point
from paraph.kit.log import log
from paraph.kit.metrics import Counter

from . import audit
from .announce import announce
from .assembly import assembly_of, marks_of, stored_pdfs
from .certificate import Evidence, certificate_of, chain_attachment
from .letters import mail_copies
from .lifecycle import RequestState
from .models import signature_requests
from .queries import fields_of, load_whole, lock_whole
from .surroundings import unless_of_the_seal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paraph.documents import Completed, Level, Mark, MarkContent
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.files import StoredFile

    from .audit import AuditEvent
    from .form import RequestField
    from .shapes import RequestDocument, WholeRequest


SEALS = Counter("paraph_seals", "Files that were sealed.", "level")


@dataclass(frozen=True, slots=True)
class Signed:
    """All that a sealed file is made from, as the database has it."""

    whole: WholeRequest
    fields: tuple[RequestField, ...]
    chain: tuple[AuditEvent, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """The files and what is drawn on them. ``pictures``: by signature_id, what the signature looks like."""

    sources: Sequence[SourceDocument]
    marks: Sequence[Mark]
    pictures: dict[str, MarkContent]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed file; ``short_because`` says why its level is not the one the operator wants, else empty."""

    completed: Completed
    short_because: str


async def complete_request(request_pk: int, kit: Kit) -> None:
    """Make and record the sealed file of a complete request; does nothing when it has one."""
    signed = await kit.db.read(lambda tx: load_signed(tx, request_pk))
    if signed.whole.request.state is not RequestState.COMPLETE or signed.whole.request.is_sealed:
        return
    policy = kit.service(DocumentWorkers).policy
    async with kit.files.workspace() as folder:
        target = folder / "sealed.pdf"
        try:
            sealed = await seal_documents(signed, signed.whole.documents, target, kit, required=policy.required)
        except DocumentFailure as failure:
            raise await unless_of_the_seal(failure, kit) from failure
        stored = await kit.files.put(target)
    fault_point("complete.file_stored")
    reached = sealed.completed.level
    SEALS.add(reached)
    log("sealed", request=signed.whole.request.signature_request_id, seal_level=reached, wanted=policy.level)
    await kit.db.write(lambda tx: _record_sealed(tx, signed, sealed, stored, kit))


async def seal_documents(
    signed: Signed, documents: Sequence[RequestDocument], target: Path, kit: Kit, *, required: bool = False
) -> Sealed:
    """Seal these documents of the request, with the certificate and the chain, into ``target``.

    Raises LevelNotReached when the operator's level is ``required`` and cannot be had now; else a lower one will do.
    """
    level, why = kit.service(DocumentWorkers).policy.level, ""
    while True:
        try:
            completed = await _seal_at(level, signed, documents, target, kit)
            return Sealed(completed, why)
        except LevelNotReached as short:
            log(
                "seal_level_not_reached",
                request=signed.whole.request.signature_request_id,
                wanted=level,
                possible=short.possible,
                why=short.detail,
            )
            if required:
                raise
            level, why = short.possible, why or short.detail


async def _seal_at(
    level: Level, signed: Signed, documents: Sequence[RequestDocument], target: Path, kit: Kit
) -> Completed:
    async with AsyncExitStack() as stack:
        material = Material(
            sources=[
                SourceDocument(await stack.enter_async_context(kit.files.local(key)), sha256)
                for key, sha256 in stored_pdfs(documents)
            ],
            marks=await marks_of(documents, signed.fields, stack, kit),
            pictures=await _pictures(signed, stack, kit),
        )
        plan = _plan(signed, material, level, kit)
        completed = await kit.service(DocumentWorkers).complete(plan, target)
    await asyncio.to_thread(kit.service(OwnSeals).remember, plan.identity)
    return completed


def load_signed(tx: ReadTx, request_pk: int) -> Signed:
    """Read everything that goes into a sealed file; for a complete one, the chain up to the last signature."""
    whole = load_whole(tx, request_pk)
    chain = audit.chain_of(tx, request_pk)
    last = next((place for place, event in enumerate(chain, 1) if event.kind == "all_signed"), len(chain))
    return Signed(whole, fields_of(tx, request_pk), chain[:last])


def _plan(signed: Signed, material: Material, level: Level, kit: Kit) -> CompletionPlan:
    identity = kit.service(SealingIdentity)
    evidence = Evidence(
        whole=signed.whole,
        chain=signed.chain,
        pictures=material.pictures,
        identity=identity,
        level=level,
        operator_contact=kit.settings.operator_contact,
        server=kit.settings.public_url,
    )
    return CompletionPlan(
        assembly=assembly_of(signed.whole.request, material.sources, material.marks, evidence.head),
        identity=identity,
        certificate=certificate_of(evidence),
        attachments=(chain_attachment(evidence),),
        level=level,
    )


async def _pictures(signed: Signed, stack: AsyncExitStack, kit: Kit) -> dict[str, MarkContent]:
    """What each signature looks like, by signature_id."""
    ids = {signature.id: signature.signature_id for signature in signed.whole.signatures}
    own = {field.api_id: field.signature_pk for field in signed.fields if field.kind == "signature"}
    made = [field for field in signed.fields if field.api_id in own]
    marks = await marks_of(signed.whole.documents, made, stack, kit)
    return {ids[key]: mark.content for mark in marks if (key := own[mark.name]) is not None}


def _record_sealed(tx: WriteTx, signed: Signed, sealed: Sealed, stored: StoredFile, kit: Kit) -> None:
    before = lock_whole(tx, signed.whole.request.id)
    columns = signature_requests.c
    unsealed = (columns.id == before.request.id) & columns.is_sealed.is_(False)
    values: dict[str, Any] = {
        "file_key": stored.key,
        "file_sha256": stored.sha256,
        "file_signatures": len(before.signatures),
        "is_sealed": True,
        "downloadable_at": kit.clock.now(),
    }
    if tx.changed(update(signature_requests).where(unsealed).values(values)) != 1:
        return  # another worker was faster; the sweep of orphans takes our file
    audit.record(tx, before.request.id, "sealed", _facts(signed, sealed, stored, kit), kit=kit)
    whole = load_whole(tx, before.request.id)
    announce(tx, whole, "signature_request_downloadable", kit=kit)
    mail_copies(tx, whole, kit=kit)
    fault_point("complete.recorded")


def _facts(signed: Signed, sealed: Sealed, stored: StoredFile, kit: Kit) -> dict[str, str]:
    done, wanted = sealed.completed, kit.service(DocumentWorkers).policy.level
    time = {"timestamped_at": done.timestamped_at, "timestamped_by": done.timestamped_by}
    return {
        "sha256": stored.sha256,
        "before_the_seal": done.content_sha256,
        "level": done.level,
        "sealed_by": done.sealed_by,
        "certificate": done.certificate_sha256,
        "chain_head": signed.chain[-1].hash,
        **(time if done.timestamped_at else {}),
        **({"wanted_level": wanted, "short_because": sealed.short_because} if sealed.short_because else {}),
    }
