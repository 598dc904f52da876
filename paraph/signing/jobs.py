"""What signers began is not kept for ever, and not longer than it can be finished."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from paraph.kit.queue import job, periodic
from paraph.signature_requests import ended_signatures

from .listeners import FORGET_JOB
from .models import phone_pads, signing_drafts
from .page_images import PageImages

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

HOUR_SECONDS = 3600
DAY_SECONDS = 86_400
KEPT_DAYS = 90


@periodic("signing.sweep", every=HOUR_SECONDS)
async def sweep(_payload: dict[str, Any], kit: Kit) -> None:
    """Drop drafts of requests that ended, those that nobody touched for 90 days, and links to phones of yesterday.

    The drafts' pictures go with the sweep of orphaned files.
    """
    now = kit.clock.now()
    before = now - KEPT_DAYS * DAY_SECONDS
    columns = signing_drafts.c

    def drop(tx: WriteTx) -> None:
        tx.execute(delete(signing_drafts).where(columns.changed_at < before))
        tx.execute(delete(phone_pads).where(phone_pads.c.made_at < now - DAY_SECONDS))
        begun = [row.signature_pk for row in tx.all(select(columns.signature_pk))]
        for ended in ended_signatures(tx, begun):
            tx.execute(delete(signing_drafts).where(columns.signature_pk == ended))

    await kit.db.write(drop)


@job(FORGET_JOB)
async def forget_pages(payload: dict[str, Any], kit: Kit) -> None:
    """Drop what is kept of the pages of documents that are gone."""
    await asyncio.to_thread(kit.service(PageImages).forget, payload["sha256"])
