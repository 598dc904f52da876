"""What must hold once everything has come back: the promises of docs/durability.md, one function each."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import func, select

from paraph.documents import DocumentWorkers, OwnSeals, SealingIdentity
from paraph.events.models import deliveries, events
from paraph.kit.mail import mails
from paraph.kit.queue import jobs
from paraph.kit.sweep import file_columns, sweep_files
from paraph.main import build_kit, open_kit
from paraph.oauth.models import oauth_access_tokens, oauth_codes, oauth_grants, oauth_refresh_tokens
from paraph.signature_requests import chain_of, finding_of
from paraph.signature_requests.audit import GENESIS, is_intact
from paraph.signature_requests.models import request_documents, signature_requests, signatures
from paraph.signature_requests.view import SAME_VISIT_SECONDS

if TYPE_CHECKING:
    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

    from .world import World

SETTLE_SECONDS = 180.0
LATER_SECONDS = 7200
MOST_RETURNS = 4
LOOK_SECONDS = 0.1
OLD_SECONDS = 3 * 86_400
ONCE_FOR_THE_REQUEST = ("created", "prepared", "sent", "all_signed", "sealed")
ONCE_FOR_EACH_SIGNER = ("invited", "consented", "signed")
EVENTS_ONCE = ("signature_request_sent", "signature_request_all_signed")
EVENTS_ONCE_FOR_EACH_SIGNER = ("signature_request_viewed", "signature_request_signed")


def settle(world: World) -> None:
    """Start everything once more, later, and wait until nothing is left to do; then stop it."""
    world.stop()
    for _ in range(MOST_RETURNS):
        for role in world.roles:
            world.start(role, later=LATER_SECONDS)
        scheduled = asyncio.run(_do_what_is_due(world))
        if not scheduled:
            break
        world.stop()  # a second look, or another try, that is due later
    _acknowledged_tokens_work(world)
    world.stop()


async def _do_what_is_due(world: World) -> int:
    """Wait until nothing is due; return how many jobs are left for later."""
    kit = build_kit(world.settings)
    await kit.db.open()
    try:
        deadline, due = time.monotonic() + SETTLE_SECONDS, ["?"]
        while due and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
            due, scheduled = await kit.db.read(lambda tx: _left_to_do(tx, kit.clock.now()))
        assert not due, f"still to do: {due}\n{world.last_words()}"
        return scheduled
    finally:
        await kit.db.close()


def _left_to_do(tx: ReadTx, now: int) -> tuple[list[str], int]:
    found = tx.all(select(jobs).where(_is_no_periodic()))
    due = [row for row in found if row.due_at <= now or row.lease is not None]
    return [f"{row.name} {row.error or ''}" for row in due], len(found) - len(due)


def _is_no_periodic() -> Any:
    return func.coalesce(jobs.c.unique_key, "").not_like("periodic:%")


def _acknowledged_tokens_work(world: World) -> None:
    with httpx.Client(base_url=world.url, timeout=20) as client:
        for grant in world.ledger.grants:
            for token in grant.access_tokens:
                answer = client.get("/v3/account", headers={"Authorization": f"Bearer {token}"})
                assert answer.status_code == 200, f"an acknowledged token: {answer.text}\n{world.last_words()}"
        for grant, app in [(grant, app) for grant in world.ledger.grants for app in world.apps]:
            if grant.profile == app.profile:
                wanted = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, **app.credentials}
                answer = client.post("/oauth/token", data=wanted)
                assert answer.status_code == 200, f"an acknowledged refresh token: {answer.text}"


def check(world: World) -> None:
    """Everything, over what the stopped processes left."""
    if world.database_url:
        world.far.cluster.check(world.database_url)
    else:
        with closing(sqlite3.connect(world.folder / "data" / "paraph.sqlite3")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    asyncio.run(_check(world))


async def _check(world: World) -> None:
    async with open_kit(build_kit(world.settings)) as kit:
        for query in (_requests, _chains, _jobs_and_leases, _deliveries, _mails, _tokens):
            await kit.db.read(lambda tx, query=query: query(tx, world))  # type: ignore[misc]
        await _sealed_files(kit, world)
        await _files(kit)


def _requests(tx: ReadTx, world: World) -> None:
    """Acknowledged ones are complete; of the others, each is wholly there or not at all."""
    rows = {row.signature_request_id: row for row in tx.all(select(signature_requests))}
    for request in world.ledger.requests:
        row = rows.pop(request.request_id)
        assert (row.state, row.is_sealed, row.file_signatures) == ("complete", True, 2), (request, row.state)
    assert {row.title for row in rows.values()} <= set(world.ledger.unknown)
    assert len({row.title for row in rows.values()}) == len(rows), "a request whose answer was lost is there twice"
    for row in rows.values():
        assert row.state == "sent", row.state
        for table, count in ((signatures, 2), (request_documents, 2)):
            found = tx.scalar(select(func.count()).select_from(table).where(table.c.request_pk == row.id))
            assert found == count, (row.title, table.name, found)


def _chains(tx: ReadTx, world: World) -> None:
    """Each chain is whole and ends where its request says; each fact is there once, each acknowledged one is."""
    acknowledged = {one.signature_id: one.acknowledged for asked in world.ledger.requests for one in asked.signers}
    for row in tx.all(select(signature_requests)):
        chain = chain_of(tx, row.id)
        assert is_intact(chain), f"the chain of {row.title}"
        assert (chain[-1].hash if chain else GENESIS, len(chain)) == (row.chain_head, row.chain_length)
        _each_once(chain, row)
        for event in chain:
            acknowledged.get(event.facts.get("signature", ""), set()).discard(event.kind)
    lost = {signature: kinds for signature, kinds in acknowledged.items() if kinds}
    assert not lost, f"acknowledged, and not in the evidence: {lost}"


def _each_once(chain: Any, row: Row[Any]) -> None:
    kinds = Counter(event.kind for event in chain)
    for kind in ONCE_FOR_THE_REQUEST:
        assert kinds[kind] == (1 if row.state == "complete" or kind in ("created", "prepared", "sent") else 0), kinds
    by_signer = Counter((event.kind, event.facts.get("signature")) for event in chain)
    doubled = [key for key, count in by_signer.items() if key[0] in ONCE_FOR_EACH_SIGNER and count != 1]
    assert not doubled, f"{row.title}: {doubled}"
    looks: dict[str, int] = {}
    for event in chain:
        if event.kind == "viewed":
            signer = event.facts["signature"]
            assert event.happened_at - looks.get(signer, 0) >= SAME_VISIT_SECONDS, "one look, recorded twice"
            looks[signer] = event.happened_at


def _jobs_and_leases(tx: ReadTx, _world: World) -> None:
    """Nothing is stuck, nothing was given up; the periodic jobs are there once each."""
    assert tx.all(select(jobs.c.name, jobs.c.error).where(_is_no_periodic())) == []
    names = [row.name for row in tx.all(select(jobs.c.name))]
    assert len(names) == len(set(names))


def _deliveries(tx: ReadTx, world: World) -> None:
    """Every event reached the receiver, each try of it the same; nothing reached it that is not on record."""
    received: dict[str, set[str]] = {}
    for one in list(world.far.receiver.received):
        received.setdefault(one.delivery_id, set()).add(one.fields["json"])
    joined = select(deliveries, events.c.payload, events.c.event_type).join(
        events, events.c.id == deliveries.c.event_pk
    )
    by_request: dict[str, Counter[tuple[str, str | None]]] = {}
    for row in tx.all(joined):
        assert row.state == "delivered", (row.event_type, row.state)
        assert received.pop(row.delivery_id, None) == {row.payload.decode()}, row.event_type
        told = json.loads(row.payload)
        related = told["event"]["event_metadata"]["related_signature_id"]
        request_id = told.get("signature_request", {}).get("signature_request_id", "")
        by_request.setdefault(request_id, Counter())[told["event"]["event_type"], related] += 1
    assert not received, f"told to the receiver, and not on record: {received}"
    for request in world.ledger.requests:
        told_of = by_request[request.request_id]
        once = {(kind, None) for kind in EVENTS_ONCE}
        once |= {(kind, one.signature_id) for kind in EVENTS_ONCE_FOR_EACH_SIGNER for one in request.signers}
        assert {key: told_of[key] for key in once} == dict.fromkeys(once, 1), (request.title, told_of)
        assert 1 <= told_of["signature_request_downloadable", None] <= 2, told_of


def _mails(tx: ReadTx, world: World) -> None:
    """The mail server took every mail at least once, always with the same id; nobody is asked by two mails."""
    assert tx.all(select(mails.c.subject).where(mails.c.sent_at.is_(None))) == []
    # those with a body were kept for /mailbox, while the installation was furnished
    sent = tx.all(select(mails).where(mails.c.body.is_(None)))
    assert {f"<{row.id}.{row.created_at}@127.0.0.1>" for row in sent} == set(world.postbox.taken)
    for request in world.ledger.requests:
        for one in request.signers:
            subjects = Counter(world.postbox.different_to(one.email).values())
            assert len(subjects) == 2 and set(subjects.values()) == {1}, (one.email, subjects)
    for tries in world.postbox.taken.values():
        assert len({_as_read(message) for message in tries}) == 1


def _as_read(message: Any) -> tuple[str, ...]:
    """All but the boundary between the parts, which is drawn anew for each try."""
    bodies = [message.get_body((kind,)).get_content() for kind in ("plain", "html")]
    return (*(str(message[name]) for name in ("To", "Subject", "Date")), *bodies)


def _tokens(tx: ReadTx, _world: World) -> None:
    """No half an exchange: a used code has its grant, a grant its tokens, and each code at most one grant."""
    used = tx.all(select(oauth_codes).where(oauth_codes.c.used_at.is_not(None)))
    grants = [row.grant_pk for row in used]
    assert None not in grants and len(set(grants)) == len(grants)
    known = {row.id for row in tx.all(select(oauth_grants))}
    assert known == set(grants)
    for table in (oauth_access_tokens, oauth_refresh_tokens):
        assert {row.grant_pk for row in tx.all(select(table.c.grant_pk))} == known, table.name


async def _sealed_files(kit: Kit, world: World) -> None:
    """Each sealed file is as recorded, verifies, and carries the chain with each acknowledged signature."""
    columns = signature_requests.c
    wanted = select(columns.signature_request_id, columns.file_key, columns.file_sha256)
    rows = {row.signature_request_id: row for row in await kit.db.read(lambda tx: tx.all(wanted))}
    for request in world.ledger.requests:
        row = rows[request.request_id]
        async with kit.files.local(row.file_key) as path:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == row.file_sha256
            verdict = await kit.service(DocumentWorkers).verify(path, kit.service(SealingIdentity).roots)
        finding = finding_of(verdict, kit.service(OwnSeals))
        assert finding.outcome == "sealed_unchanged", (request.title, finding.reasons)
        carried = json.loads(next(one.data for one in verdict.attachments if one.name.endswith(".json")))
        facts = [json.loads(event["canonical"]) for event in carried["events"]]
        signed = {fact["signature"] for fact in facts if fact["event"] == "signed"}
        assert signed == {one.signature_id for one in request.signers}, request.title


async def _files(kit: Kit) -> None:
    """What rows mention is there; what they do not is taken by the sweep, and so are half-way files."""
    root = kit.settings.data_dir / "files"
    long_ago = time.time() - OLD_SECONDS
    for path in root.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    await sweep_files.handler({}, kit)
    await asyncio.to_thread(kit.files.sweep_spool)
    left = {path.name for path in root.glob("??/??/*")}
    mentioned = await kit.db.read(lambda tx: {key for column in file_columns() for key in _keys(tx, column)})
    assert left == mentioned, (len(left), len(mentioned))
    assert list(kit.files.spool.iterdir()) == []


def _keys(tx: ReadTx, column: Any) -> set[str]:
    return {row[0] for row in tx.all(select(column).where(column.is_not(None)))}
