"""Health for machines: no session, no cookie, no template."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse

from paraph.documents import SealWatch
from paraph.kit.http import raw
from paraph.kit.log import log_failure

from .readiness import readiness

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from paraph.kit import Kit

DATABASE_SECONDS = 5
NO_STORE = {"Cache-Control": "no-store"}


@raw("/healthz", "GET", "HEAD")
async def healthz(request: Request, kit: Kit) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n", headers=NO_STORE)


@raw("/readyz", "GET", "HEAD")
async def readyz(request: Request, kit: Kit) -> Response:
    """It can do its work: the database answers, jobs are not left lying, files can be sealed; else 503 and why."""
    if kit.draining.begun:
        return JSONResponse({"ready": False, "draining": True}, 503, NO_STORE)
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            problem = await kit.service(SealWatch).problem()
            found = await kit.db.read(lambda tx: readiness(tx, kit.clock.now(), problem))
    except Exception:  # whatever keeps the database from answering, the answer is "not ready"
        log_failure("not_ready", what="database")
        return JSONResponse({"ready": False, "database": "does not answer"}, 503, NO_STORE)
    return JSONResponse(found.body, 200 if found.is_ready else 503, NO_STORE)
