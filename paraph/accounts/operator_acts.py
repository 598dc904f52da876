"""What operators did: recorded in the transaction of the act, shown to every operator, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from .models import operator_acts

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx, WriteTx

COMMAND_LINE = "command line"
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class OperatorAct:
    """``operator`` as they were called then; ``subject`` names what it was done to."""

    acted_at: int
    operator: str
    what: str
    subject: str
    note: str | None


def record_act(
    tx: WriteTx,
    by: Caller | None,
    what: str,
    subject: str,
    *,
    account_pk: int | None = None,
    note: str | None = None,
    kit: Kit,
) -> None:
    """Note that an operator (None: the command line) did ``what``, a short name in the past tense."""
    values = {
        "acted_at": kit.clock.now(),
        "operator_pk": by.account_pk if by else None,
        "operator": by.email_address if by else COMMAND_LINE,
        "what": what,
        "subject": subject,
        "note": note,
        "account_pk": account_pk,
    }
    tx.insert(operator_acts, values)


def recent_acts(tx: ReadTx, *, page: int = 1, account_pk: int | None = None) -> tuple[list[OperatorAct], bool]:
    """Return a page of what was done (to one account), newest first, and whether there is more."""
    t = operator_acts
    wanted = select(t).order_by(t.c.id.desc()).limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)
    rows = tx.all(wanted if account_pk is None else wanted.where(t.c.account_pk == account_pk))
    acts = [OperatorAct(row.acted_at, row.operator, row.what, row.subject, row.note) for row in rows[:PAGE_SIZE]]
    return acts, len(rows) > PAGE_SIZE
