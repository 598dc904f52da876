"""/operator/seal: who seals, whether it works, and which level the last seals have reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from paraph.documents import DocumentWorkers, SealingIdentity, SealWatch
from paraph.kit.http import Page, page

from .audit import AuditEvent
from .lifecycle import RequestState
from .models import audit_events, signature_requests

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit

SHOWN = 30


@dataclass(frozen=True, slots=True)
class RecentSeal:
    """``short_because`` says why the level is not the one that the operator wants; else empty."""

    request: str
    sealed_at: int
    level: str
    timestamped_by: str
    short_because: str


@page("/operator/seal", operator=True)
async def seal_page(_visit: Visit, kit: Kit) -> Page:
    """The page; what is wrong stands first."""
    identity, workers = kit.service(SealingIdentity), kit.service(DocumentWorkers)
    policy = workers.policy
    context = {
        "problem": await kit.service(SealWatch).problem(),
        "identity": identity,
        "policy": policy,
        "resting": workers.resting_authorities(),
        "waiting": await kit.db.read(waiting_for_a_seal),
        "seals": await kit.db.read(recent_seals),
    }
    return Page("signature_requests/seal.html", context)


def recent_seals(tx: ReadTx) -> list[RecentSeal]:
    """Return the latest seals of this server, newest first."""
    columns = audit_events.c
    rows = tx.all(
        select(columns.sequence, columns.kind, columns.happened_at, columns.canonical, columns.hash)
        .where(columns.kind == "sealed")
        .order_by(columns.id.desc())
        .limit(SHOWN)
    )
    return [_recent(AuditEvent(**row._mapping)) for row in rows]


def waiting_for_a_seal(tx: ReadTx) -> int:
    """Return how many requests everybody has signed and nothing has sealed yet."""
    columns = signature_requests.c
    unsealed = (columns.state == RequestState.COMPLETE) & columns.is_sealed.is_(False)
    return int(tx.scalar(select(func.count()).select_from(signature_requests).where(unsealed)) or 0)


def _recent(event: AuditEvent) -> RecentSeal:
    facts = event.facts
    return RecentSeal(
        request=facts["request"],
        sealed_at=event.happened_at,
        level=facts["level"],
        timestamped_by=facts.get("timestamped_by", ""),
        short_because=facts.get("short_because", ""),
    )
