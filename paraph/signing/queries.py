"""Reads of this room; the signing link, checked by ``load_for_signer``, is the authorisation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import select

from .models import abuse_reports, adopted_signatures
from .values import decode

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

    from .values import Adopted

SEAL_PURPOSE = "adopted-signature"


@dataclass(frozen=True, slots=True)
class Kept:
    """A signature that was adopted but not yet given."""

    adopted: Adopted
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AbuseReport:
    """What a signer reported about a sender; for operators."""

    id: int
    signature_request_id: str
    sender: str
    app: str
    reason: str
    reported_at: int


def kept_signature(tx: ReadTx, signature_pk: int, *, kit: Kit) -> Kept | None:
    """Return what this signer adopted last, or None."""
    columns = adopted_signatures.c
    row = tx.one_or_none(select(columns.sealed, columns.fingerprint).where(columns.signature_pk == signature_pk))
    if row is None:
        return None
    return Kept(decode(kit.keyring.unseal(SEAL_PURPOSE, row.sealed)), row.fingerprint)


def reports_of_abuse(tx: ReadTx, *, limit: int = 100) -> list[AbuseReport]:
    """Return the newest reports, newest first."""
    columns = abuse_reports.c
    wanted = (getattr(columns, field.name) for field in fields(AbuseReport))
    rows = tx.all(select(*wanted).order_by(columns.id.desc()).limit(limit))
    return [AbuseReport(**row._mapping) for row in rows]
