"""Build Settings → Kit → ASGI application, and register what each room declares.

This is the only place that knows all rooms: their edges, jobs, facts and authentication schemes.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import ModuleType
from typing import Any

from starlette.applications import Starlette

from paraph.documents import DocumentWorkers, SealingIdentity
from paraph.documents import Limits as DocumentLimits
from paraph.kit import Kit
from paraph.kit import mail as kit_mail
from paraph.kit.clock import Clock, SystemClock
from paraph.kit.crypto import Keyring
from paraph.kit.db import open_database
from paraph.kit.facts import Facts
from paraph.kit.files import LocalFiles
from paraph.kit.http import Edges, Schemes, build_app
from paraph.kit.http.endpoints import ApiEndpoint, RawEndpoint, WebEndpoint, endpoints_in
from paraph.kit.limits import Limiter
from paraph.kit.outbound import Outbound
from paraph.kit.queue import JobKind, Queue, jobs_in
from paraph.kit.settings import Settings
from paraph.operations import ALIASES, OPERATIONS

ROOMS = ("events", "accounts", "apps", "oauth", "signature_requests", "signing", "web")


def build_kit(settings: Settings, clock: Clock | None = None) -> Kit:
    """Return the shared parts of one process; nothing is opened yet."""
    clock = clock or SystemClock()
    db = open_database(settings)
    return Kit(
        settings=settings,
        clock=clock,
        db=db,
        keyring=Keyring.load(settings.secret_key, settings.data_dir / "keys"),
        files=LocalFiles(settings.data_dir / "files"),
        queue=Queue(clock),
        facts=Facts(),
        limits=Limiter(db, clock),
        outbound=Outbound(settings),
    )


@asynccontextmanager
async def open_kit(kit: Kit) -> AsyncIterator[Kit]:
    """Open the database, give the rooms their services and facts, and close everything in turn."""
    listen(kit)
    kit.provide(_sealing_identity(kit.settings))
    workers = DocumentWorkers(DocumentLimits(max_bytes=kit.settings.max_file_bytes, max_pages=kit.settings.max_pages))
    kit.provide(workers)
    await kit.db.open()
    try:
        yield kit
    finally:
        await workers.stop()
        await kit.outbound.close()
        await kit.db.close()


def application(kit: Kit, lifespan: Callable[[Any], AbstractAsyncContextManager[None]] | None = None) -> Starlette:
    """Return the ASGI application of all rooms."""
    api, web, raw = (_edge_modules(name) for name in ("api", "web", "raw"))
    every = [*api, *web, *raw]
    edges = Edges(
        operations=OPERATIONS,
        aliases=ALIASES,
        api=endpoints_in(every, ApiEndpoint),
        web=endpoints_in(every, WebEndpoint),
        raw=endpoints_in(every, RawEndpoint),
    )
    return build_app(kit, edges, _schemes(), lifespan)


def listen(kit: Kit) -> None:
    """Subscribe the upper rooms to the facts of the lower ones."""
    for module in _edge_modules("listeners"):
        module.listen(kit.facts)


def all_jobs() -> dict[str, JobKind]:
    """Return every job kind that a worker of this version runs, by name."""
    return jobs_in([kit_mail, *_edge_modules("jobs")])


def _sealing_identity(settings: Settings) -> SealingIdentity:
    if settings.seal_pkcs12 is not None:
        return SealingIdentity.from_pkcs12(settings.seal_pkcs12, settings.seal_pkcs12_passphrase)
    return SealingIdentity.load_or_create(settings.data_dir / "keys" / "seal", settings.seal_name)


def _schemes() -> Schemes:
    from paraph import accounts, oauth

    return Schemes(
        api_key=accounts.authenticate_api_key,
        bearer=oauth.authenticate_bearer,
        session=accounts.authenticate_session,
    )


def _edge_modules(name: str) -> list[ModuleType]:
    return list(_present(f"paraph.{room}.{name}" for room in ROOMS))


def _present(names: Iterable[str]) -> Iterable[ModuleType]:
    for name in names:
        if importlib.util.find_spec(name) is not None:
            yield importlib.import_module(name)
