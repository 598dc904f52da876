"""What an operator makes of a report: nothing, or the sender's account or app is suspended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select, update

from paraph.accounts import load_account, record_act, suspend_account
from paraph.apps import load_app, suspend_app
from paraph.kit.errors import BadRequest, Conflict, NotFound
from paraph.signature_requests import app_of_request

from .models import abuse_reports

if TYPE_CHECKING:
    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

Outcome = Literal["dismissed", "account_suspended", "app_suspended"]
LONGEST_NOTE = 1000


def handle_report(tx: WriteTx, report_id: int, outcome: Outcome, note: str, *, by: Caller, kit: Kit) -> None:
    """Close the report, and suspend the sender's account or app with ``note`` as the reason.

    An account or app that is suspended already stays so. Raises NotFound, Conflict when it was handled before,
    BadRequest without a note.
    """
    note = _note(note)
    row = tx.one_or_none(select(abuse_reports).where(abuse_reports.c.id == report_id).with_for_update())
    if row is None:
        raise NotFound("There is no such report.")
    values = {"handled_at": kit.clock.now(), "outcome": outcome, "handled_by": by.email_address, "note": note}
    unhandled = (abuse_reports.c.id == report_id) & abuse_reports.c.handled_at.is_(None)
    if tx.changed(update(abuse_reports).where(unhandled).values(values)) != 1:
        raise Conflict("This report was handled already.")
    if outcome == "account_suspended":
        _suspend_sender(tx, row, note, by, kit)
    elif outcome == "app_suspended":
        _suspend_app(tx, row, note, by, kit)
    subject = f"report {report_id}, request {row.signature_request_id}"
    record_act(tx, by, f"report_{outcome}", subject, account_pk=row.account_pk, note=note, kit=kit)


def _suspend_sender(tx: WriteTx, row: Row[tuple[object, ...]], note: str, by: Caller, kit: Kit) -> None:
    account = load_account(tx, row.account_pk)
    if not account.is_suspended:
        suspend_account(tx, account.account_id, note, by=by, kit=kit)


def _suspend_app(tx: WriteTx, row: Row[tuple[object, ...]], note: str, by: Caller, kit: Kit) -> None:
    app_pk = app_of_request(tx, row.request_pk)
    if app_pk is None:
        raise BadRequest("This request was not sent with an app, or the app is gone.")
    app = load_app(tx, app_pk)
    if not app.is_suspended:
        suspend_app(tx, app.client_id, note, by=by, kit=kit)


def _note(text: str) -> str:
    note = text.strip()
    if not note:
        raise BadRequest("Write a note: why you decided so.", path="note")
    if len(note) > LONGEST_NOTE:
        raise BadRequest(f"The note must be at most {LONGEST_NOTE} characters long.", path="note")
    return note
