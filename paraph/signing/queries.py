"""Reads of this room; the signing link, checked by ``load_for_signer``, is the authorisation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from .drafts import Draft, fresh_draft, unpacked
from .models import abuse_reports, signing_drafts
from .values import decode

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.signature_requests import SignerView

    from .values import Adopted

INK_PURPOSE = "adopted-signature"
ANSWERS_PURPOSE = "signing-answers"
REPORTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class AbuseReport:
    """What a signer reported about a sender; for operators."""

    id: int
    signature_request_id: str
    sender: str
    app: str
    reason: str
    reported_at: int
    account_pk: int
    handled_at: int | None
    handled_by: str | None
    outcome: str | None
    note: str | None


def kept_draft(tx: ReadTx, view: SignerView, *, kit: Kit) -> Draft:
    """Return what this signer has begun, on whatever device; a fresh draft when that is nothing."""
    fresh = fresh_draft(view)
    row = tx.one_or_none(select(signing_drafts).where(signing_drafts.c.signature_pk == view.signature.id))
    if row is None:
        return fresh
    signature, initials = _ink(row.signature, kit), _ink(row.initials, kit)
    if row.answers is None:  # kept by the first release, which had signatures only
        return Draft(fresh.values, frozenset(one.api_id for one in view.form.fields), signature)
    answers = unpacked(kit.keyring.unseal(ANSWERS_PURPOSE, row.answers))
    return Draft({**fresh.values, **answers.values}, frozenset(answers.placed), signature, initials)


def _ink(sealed: bytes | None, kit: Kit) -> Adopted | None:
    return None if sealed is None else decode(kit.keyring.unseal(INK_PURPOSE, sealed))


def reports_of_abuse(tx: ReadTx, *, page: int = 1) -> tuple[list[AbuseReport], bool]:
    """Return a page of reports, those that nobody has handled first, then newest first; and whether there is more."""
    columns = abuse_reports.c
    wanted = select(*(getattr(columns, field.name) for field in fields(AbuseReport)))
    ordered = wanted.order_by(columns.handled_at.is_not(None), columns.id.desc())
    rows = tx.all(ordered.limit(REPORTS_SHOWN + 1).offset((page - 1) * REPORTS_SHOWN))
    return [AbuseReport(**row._mapping) for row in rows[:REPORTS_SHOWN]], len(rows) > REPORTS_SHOWN


def count_open_reports(tx: ReadTx) -> int:
    """Return how many reports nobody has handled."""
    unhandled = select(func.count()).select_from(abuse_reports).where(abuse_reports.c.handled_at.is_(None))
    return int(tx.scalar(unhandled) or 0)
