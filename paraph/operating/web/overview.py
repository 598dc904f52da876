"""/operator: what needs a person first, and the way to everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import count_suspended, recent_acts
from paraph.apps import count_waiting
from paraph.documents import DocumentWorkers, SealingIdentity, SealWatch
from paraph.events import delivery_counts
from paraph.kit.http import Page, page
from paraph.kit.queue import oldest_due, queue_counts
from paraph.operating.limits_hit import limits_hit
from paraph.operating.readiness import FilesTried
from paraph.operating.stuck import PATIENCE_SECONDS, find_stuck
from paraph.signature_requests import recent_seals, unfinished
from paraph.signing import count_open_reports

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit

ACTS_SHOWN = 5
PAGES = {"job": "queue", "queue": "queue", "endless": "queue", "request": "requests", "delivery": "deliveries"}
"""Where each kind of stuck thing is dealt with; mails and texts wait for their jobs."""


@page("/operator", operator=True)
async def overview(_visit: Visit, kit: Kit) -> Page:
    """The page."""
    context = await kit.db.read(lambda tx: _read(tx, kit))
    identity, policy = kit.service(SealingIdentity), kit.service(DocumentWorkers).policy
    context |= {
        "seal_problem": await kit.service(SealWatch).problem(),
        "files_problem": await kit.service(FilesTried).problem(kit),
        "expires_at": int(identity.expires_at.timestamp()),
        "wanted_level": policy.level,
    }
    return Page("operating/overview.html", context)


def _read(tx: ReadTx, kit: Kit) -> dict[str, object]:
    now, waits_since = kit.clock.now(), oldest_due(tx)
    seals = recent_seals(tx)
    return {
        "stuck": find_stuck(tx, now),
        "now": now,
        "where": PAGES,
        "counts": queue_counts(tx, now),
        "behind_seconds": max(0, now - waits_since) if waits_since is not None else 0,
        "unfinished": sum(unfinished(tx, stage, now - PATIENCE_SECONDS)[0] for stage in ("preparing", "sealing")),
        "deliveries": delivery_counts(tx),
        "apps_waiting": count_waiting(tx),
        "reports_open": count_open_reports(tx),
        "suspended": count_suspended(tx),
        "levels": sorted({seal.level for seal in seals}),
        "short": sum(1 for seal in seals if seal.short_because),
        "limits": limits_hit(tx, now, kit.settings),
        "acts": recent_acts(tx)[0][:ACTS_SHOWN],
    }
