"""What ``paraph doctor`` says of a server at work: its schema, clock, queue, messages and certificate."""

from __future__ import annotations

import asyncio
import resource
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiosmtplib
from sqlalchemy.exc import SQLAlchemyError

from paraph.documents import SealingIdentityError
from paraph.events import DeliveryCounts, delivery_counts
from paraph.finding import Finding
from paraph.kit.db import open_database
from paraph.kit.db.unfit import DatabaseUnfit
from paraph.kit.mail import mails_refused
from paraph.kit.queue import oldest_due, queue_counts
from paraph.migrations import HEAD
from paraph.operating import Stuck, database_time, find_stuck, schema_of
from paraph.seal_setup import sealing_identity

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx
    from paraph.kit.settings import Settings

LATE_SECONDS = 60
SKEW_SECONDS = 2.0
EXPIRES_SOON_DAYS = 30
LEAST_FILES = 4096
MAIL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Seen:
    schema: str
    skew: float
    waited: int
    failed: int
    stuck: tuple[Stuck, ...]
    deliveries: DeliveryCounts
    refused: int


async def examine_running(settings: Settings) -> list[Finding]:
    """Return what there is to say of the server at work; nothing where the database cannot be asked."""
    if settings.sqlite_path is not None and not settings.sqlite_path.exists():
        return []
    database = open_database(settings)
    try:
        await database.open()
    except (SQLAlchemyError, OSError, DatabaseUnfit):
        return []  # the database has its own finding
    try:
        schema = await database.read(schema_of)
        if schema < HEAD:
            says = f"at {schema}, this version wants {HEAD}"
            return [Finding("schema", "problem", says, "run `paraph migrate`, or start this version")]
        seen = await database.read(lambda tx: _look(tx, int(time.time()) + settings.clock_offset_seconds))
    except SQLAlchemyError:
        return [Finding("schema", "problem", "there are no tables of Paraph", "run `paraph migrate`")]
    finally:
        await database.close()
    return [Finding("schema", "ok", f"at {seen.schema}"), *_judged(seen, database.name)]


async def examine_mail(settings: Settings) -> list[Finding]:
    """Return whether the mail server lets us in; no mail is sent."""
    if settings.keeps_mail:
        return []
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        username=settings.smtp_username or None,
        password=settings.smtp_password or None,
        timeout=MAIL_SECONDS,
    )
    fix = "check PARAPH_SMTP_HOST, _PORT, _SECURITY, _USERNAME and _PASSWORD; mails wait until it works"
    try:
        async with asyncio.timeout(MAIL_SECONDS), client:
            return [Finding("mail server", "ok", "lets us in")]
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return [Finding("mail server", "problem", str(error) or type(error).__name__, fix)]


def examine_certificate(settings: Settings) -> list[Finding]:
    """Return a warning when the sealing certificate ends soon; makes none where there is none yet."""
    own = (settings.data_dir / "keys/seal").exists()
    if not (own or settings.seal_pkcs12 or settings.seal_pkcs11_module):
        return []
    try:
        ends = sealing_identity(settings).expires_at
    except SealingIdentityError:
        return []  # the seal has its own finding
    days = (ends - datetime.now(UTC)).days
    if days > EXPIRES_SOON_DAYS:
        return [Finding("seal certificate", "ok", f"until {ends:%Y-%m-%d}")]
    fix = "get a new certificate; requests that are signed after its end wait for it"
    return [Finding("seal certificate", "problem", f"ends in {days} days, on {ends:%Y-%m-%d}", fix)]


def examine_limits() -> list[Finding]:
    """Return whether this process may open enough files and connections."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY or most >= LEAST_FILES:
        return [Finding("open files", "ok", "enough are allowed")]
    fix = "raise it: `ulimit -n 65536`, or LimitNOFILE=65536 in the unit"
    return [Finding("open files", "note", f"{most} are allowed; busy servers need more", fix)]


def _look(tx: ReadTx, now: int) -> _Seen:
    oldest = oldest_due(tx)
    return _Seen(
        schema=schema_of(tx),
        skew=time.time() - database_time(tx),
        waited=max(0, now - oldest) if oldest is not None else 0,
        failed=queue_counts(tx, now)["failed"],
        stuck=tuple(find_stuck(tx, now)),
        deliveries=delivery_counts(tx),
        refused=mails_refused(tx),
    )


def _judged(seen: _Seen, engine: str) -> list[Finding]:
    return [
        *([] if engine == "sqlite" else [_clock(seen.skew)]),
        _queue(seen),
        *(_stuck(one) for one in seen.stuck if one.kind != "queue"),
        _deliveries(seen.deliveries),
        *([Finding("mails", "note", f"{seen.refused} were refused for good in 90 days")] if seen.refused else []),
    ]


def _clock(skew: float) -> Finding:
    if abs(skew) <= SKEW_SECONDS:
        return Finding("clock", "ok", "agrees with the database's")
    fix = "run chrony or systemd-timesyncd on both: leases, links and codes live by the clock"
    return Finding("clock", "problem", f"{skew:+.0f} s against the database's", fix)


def _queue(seen: _Seen) -> Finding:
    if seen.waited > LATE_SECONDS:
        says = f"the oldest job has waited {seen.waited} s"
        return Finding("queue", "problem", says, "start `paraph worker`, or `paraph serve` without --no-worker")
    if seen.failed:
        return Finding("queue", "note", f"{seen.failed} jobs were given up", "look at /operator/queue")
    return Finding("queue", "ok", "jobs are taken up in time")


def _stuck(one: Stuck) -> Finding:
    minutes = max(0, int(time.time()) - one.since) // 60
    says = f"{one.total}, the oldest for {minutes} min. {one.reason}"
    return Finding(f"stuck {one.kind}, {one.name}", "problem", says, "it goes on by itself once the cause is gone")


def _deliveries(counts: DeliveryCounts) -> Finding:
    if counts.given_up:
        return Finding(
            "deliveries", "note", f"{counts.given_up} were given up", "replay them on /operator/deliveries"
        )
    return Finding("deliveries", "ok", f"{counts.waiting} on their way")
