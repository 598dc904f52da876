"""The audit chain (trust.md): insert-only events, each hashed together with the hash before it.

``hash = SHA-256(previous hash ‖ canonical JSON)``, where the previous hash counts as its 32 bytes and the first event
follows 32 zero bytes. Canonical JSON: UTF-8, keys sorted, no blanks, no floats.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, select, update

from paraph.kit.db import Prepared

from .models import audit_events, signature_requests

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller, Client
    from paraph.kit.db import ReadTx, WriteTx

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One link of a request's chain; ``facts`` is the canonical JSON read back."""

    sequence: int
    kind: str
    happened_at: int
    canonical: str
    hash: str

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.canonical)
        return found


class Head(NamedTuple):
    """Where the chain of a request ends."""

    request_pk: int
    account_pk: int
    signature_request_id: str
    chain_length: int = 0
    chain_head: str = GENESIS


_REQUEST = signature_requests.c
_THIS = _REQUEST.id == bindparam("request_pk")
_HEAD_LOCKED = Prepared(
    select(_REQUEST.account_pk, _REQUEST.signature_request_id, _REQUEST.chain_length, _REQUEST.chain_head)
    .where(_THIS)
    .with_for_update(key_share=True)
)
_HEAD_MOVED = Prepared(
    update(signature_requests)
    .where(_THIS)
    .values(
        chain_length=bindparam("length", type_=_REQUEST.chain_length.type),
        chain_head=bindparam("head", type_=_REQUEST.chain_head.type),
    )
)


def record(
    tx: WriteTx,
    request_pk: int,
    kind: str,
    facts: Mapping[str, Any] | None = None,
    *,
    kit: Kit,
    client: Client | None = None,
) -> str:
    """Append an event to the chain of a request and return the new head.

    The request's row is locked first, so two events never claim the same place.
    """
    locked = _HEAD_LOCKED.one_or_none(tx, request_pk=request_pk)
    if locked is None:
        raise LookupError(f"no signature request {request_pk}")
    values = next_event(Head(request_pk, *locked), kind, facts, kit=kit, client=client)
    tx.insert(audit_events, values)
    _HEAD_MOVED.changed(tx, request_pk=request_pk, length=values["sequence"], head=values["hash"])
    return str(values["hash"])


def next_event(
    head: Head, kind: str, facts: Mapping[str, Any] | None = None, *, kit: Kit, client: Client | None = None
) -> dict[str, Any]:
    """The row of the event that follows this head."""
    now, sequence = kit.clock.now(), head.chain_length + 1
    fixed = {"event": kind, "request": head.signature_request_id, "sequence": sequence, "time": now}
    text = canonical({**(facts or {}), **_where_from(client), **fixed})
    return {
        "account_pk": head.account_pk,
        "request_pk": head.request_pk,
        "sequence": sequence,
        "kind": kind,
        "happened_at": now,
        "canonical": text,
        "hash": link_hash(head.chain_head, text),
    }


def chain_of(tx: ReadTx, request_pk: int) -> tuple[AuditEvent, ...]:
    """The events of a request, first to last."""
    columns = audit_events.c
    rows = tx.all(
        select(columns.sequence, columns.kind, columns.happened_at, columns.canonical, columns.hash)
        .where(columns.request_pk == request_pk)
        .order_by(columns.sequence)
    )
    return tuple(AuditEvent(**row._mapping) for row in rows)


def caller_facts(caller: Caller) -> dict[str, Any]:
    """Who caused an event, and with which key, token or session; names the credential, never holds it."""
    facts = {
        "kind": caller.kind,
        "account_id": caller.account_id,
        "email_address": caller.email_address,
        "credential": caller.credential,
    }
    return {"caller": facts | ({"client_id": caller.client_id} if caller.client_id else {})}


def canonical(facts: Mapping[str, Any]) -> str:
    """The one spelling of these facts that is hashed."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link_hash(previous: str, text: str) -> str:
    """Hash (64 hexadecimal digits) of an event that follows the hash ``previous``."""
    return hashlib.sha256(bytes.fromhex(previous) + text.encode()).hexdigest()


def is_intact(events: Iterable[AuditEvent]) -> bool:
    """True when every event follows the one before it and none was changed, left out or put in."""
    previous = GENESIS
    for place, event in enumerate(events, 1):
        if event.sequence != place or event.facts.get("sequence") != place:
            return False
        if link_hash(previous, event.canonical) != event.hash:
            return False
        previous = event.hash
    return True


def _where_from(client: Client | None) -> dict[str, str]:
    if client is None:
        return {}
    return {"address": client.address, "user_agent": client.user_agent}
