"""Build Settings → Kit → ASGI application, and register what each room declares.

This is the only place that knows all rooms: their edges, jobs, facts and authentication schemes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from paraph import accounts, oauth
from paraph.accounts import api as accounts_api
from paraph.accounts import jobs as accounts_jobs
from paraph.accounts import listeners as accounts_listeners
from paraph.accounts import web as accounts_web
from paraph.apps import api as apps_api
from paraph.apps import listeners as apps_listeners
from paraph.apps import web as apps_web
from paraph.documents import SealWatch
from paraph.events import jobs as events_jobs
from paraph.events import listeners as events_listeners
from paraph.joining import join
from paraph.kit import Kit, faults
from paraph.kit import mail as kit_mail
from paraph.kit import sms as kit_sms
from paraph.kit import sweep as kit_sweep
from paraph.kit.clock import Clock, SystemClock
from paraph.kit.crypto import Keyring
from paraph.kit.db import open_database, traced
from paraph.kit.facts import Facts
from paraph.kit.files import open_files
from paraph.kit.http import Edges, Schemes, build_app
from paraph.kit.http.endpoints import ApiEndpoint, RawEndpoint, WebEndpoint, endpoints_in
from paraph.kit.http.observed import Observed
from paraph.kit.limits import Limiter
from paraph.kit.outbound import Outbound
from paraph.kit.queue import JobKind, Queue, jobs_in
from paraph.kit.settings import Settings
from paraph.oauth import api as oauth_api
from paraph.oauth import jobs as oauth_jobs
from paraph.oauth import listeners as oauth_listeners
from paraph.oauth import raw as oauth_raw
from paraph.oauth import web as oauth_web
from paraph.operating import FiguresKept, FilesTried
from paraph.operating import jobs as operating_jobs
from paraph.operating import raw as operating_raw
from paraph.operating import web as operating_web
from paraph.operations import ALIASES, NEWER_OPERATIONS, OPERATIONS, OWN_OPERATIONS
from paraph.seal_setup import document_workers, own_seals, sealing_identity
from paraph.signature_requests import api as requests_api
from paraph.signature_requests import detect_api as requests_detect_api
from paraph.signature_requests import handed_in as requests_handed_in
from paraph.signature_requests import jobs as requests_jobs
from paraph.signature_requests import listeners as requests_listeners
from paraph.signature_requests import seal_page as requests_seal_page
from paraph.signature_requests import web as requests_web
from paraph.signing import PageImages
from paraph.signing import jobs as signing_jobs
from paraph.signing import listeners as signing_listeners
from paraph.signing import web as signing_web
from paraph.web import ApiDocument
from paraph.web import docs as web_docs
from paraph.web import verify as web_verify
from paraph.web import verify_api as web_verify_api
from paraph.web import web as web_web

API = (accounts_api, apps_api, oauth_api, requests_api, requests_detect_api)
WEB = (
    accounts_web,
    apps_web,
    oauth_web,
    requests_web,
    requests_seal_page,
    requests_handed_in,
    signing_web,
    operating_web,
    web_docs,
    web_verify,
    web_web,
)
RAW = (oauth_raw, operating_raw, web_docs, web_verify_api)
JOBS = (
    kit_mail,
    kit_sms,
    kit_sweep,
    accounts_jobs,
    events_jobs,
    oauth_jobs,
    requests_jobs,
    signing_jobs,
    operating_jobs,
)
LISTENERS = (
    events_listeners,
    accounts_listeners,
    apps_listeners,
    oauth_listeners,
    requests_listeners,
    signing_listeners,
)
SCHEMES = Schemes(
    api_key=accounts.authenticate_api_key,
    api_key_asked=accounts.api_key_asked,
    bearer=oauth.authenticate_bearer,
    bearer_asked=oauth.bearer_asked,
    session=accounts.authenticate_session,
)


def build_kit(settings: Settings, clock: Clock | None = None) -> Kit:
    """Return the shared parts of one process; nothing is opened yet."""
    faults.arm(settings.fault_points, settings.data_dir)
    clock = clock or SystemClock(settings.clock_offset_seconds)
    db = traced(open_database(settings))
    return Kit(
        settings=settings,
        clock=clock,
        db=db,
        keyring=Keyring.load(settings.secret_key, settings.data_dir / "keys"),
        files=open_files(settings),
        queue=Queue(clock),
        facts=Facts(),
        limits=Limiter(db, clock),
        outbound=Outbound(settings),
    )


@asynccontextmanager
async def open_kit(kit: Kit) -> AsyncIterator[Kit]:
    """Open the database, give the rooms their services and facts, and close everything in turn."""
    listen(kit)
    identity = sealing_identity(kit.settings)
    kit.provide(identity)
    kit.provide(own_seals(kit.settings, identity))
    workers = document_workers(kit.settings, identity)
    kit.provide(workers)
    kit.provide(SealWatch(identity, workers))
    kit.provide(FiguresKept())
    kit.provide(FilesTried())
    kit.provide(PageImages(kit.settings.data_dir / "cache" / "pages"))
    await kit.db.open()
    try:
        if await join(kit, identity):
            kit.provide(sealing_identity(kit.settings))  # with the roots of what others sealed with
        yield kit
    finally:
        await workers.stop()
        await kit.outbound.close()
        await kit.db.close()


def all_edges() -> Edges:
    """Return what the rooms declare."""
    return Edges(
        operations=OPERATIONS | NEWER_OPERATIONS | OWN_OPERATIONS,
        aliases=ALIASES,
        api=endpoints_in(API, ApiEndpoint),
        web=endpoints_in(WEB, WebEndpoint),
        raw=endpoints_in(RAW, RawEndpoint),
    )


def api_document(settings: Settings) -> ApiDocument:
    """Return the description of the API that a server with these settings offers."""
    return ApiDocument(all_edges(), settings.public_url)


def application(kit: Kit) -> Observed:
    """Return the ASGI application of all rooms, watched."""
    edges = all_edges()
    kit.provide(api_document(kit.settings))
    return Observed(build_app(kit, edges, SCHEMES))


def machine_application(kit: Kit) -> Observed:
    """Return what a worker answers: health, readiness and numbers."""
    edges = Edges(operations={}, raw=endpoints_in((operating_raw,), RawEndpoint))
    return Observed(build_app(kit, edges, SCHEMES))


def listen(kit: Kit) -> None:
    """Subscribe the upper rooms to the facts of the lower ones."""
    for listeners in LISTENERS:
        listeners.listen(kit.facts)


def all_jobs() -> dict[str, JobKind]:
    """Return every job kind that a worker of this version runs, by name."""
    return jobs_in(JOBS)
