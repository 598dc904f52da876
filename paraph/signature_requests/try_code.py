"""A signer enters an access code, or the code from a text message (T6): few tries, then a pause that grows."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from paraph.kit.db import upsert

from . import audit
from .access import check_row, target_of
from .access_models import signer_checks
from .ask import pin_hash
from .letters import mail_locked

if TYPE_CHECKING:
    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

    from .access import Method
    from .signer_view import SignerView

TRIES = 5
FIRST_LOCK_SECONDS = 15 * 60
LONGEST_LOCK_SECONDS = 86_400
CODE_PURPOSE = "sms-code"

Outcome = Literal["right", "wrong", "stale", "locked"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody with a signer's link enters a code of this kind."""

    view: SignerView
    method: Method
    code: str = field(repr=False)
    client: Client

    @property
    def facts(self) -> dict[str, Any]:
        """What evidence says of it, however it goes."""
        own = self.view.signature
        return {"signature": own.signature_id, "method": self.method, "target": target_of(own, self.method)}


def record_try(tx: WriteTx, attempt: Attempt, kit: Kit) -> Outcome:
    """Compare, count and record; the view comes from ``lock_for_signer`` in this very transaction.

    ``stale``: a one-time code that ran out, was used, or was never sent. ``locked``: this try closed the door or
    found it closed; what is tried while it is closed is neither compared nor counted nor recorded.
    """
    row, now = check_row(tx, attempt.view.signature.id, attempt.method), kit.clock.now()
    if row is not None and row.locked_until is not None and row.locked_until > now:
        return "locked"
    if attempt.method == "sms_code" and (row is None or row.code_hash is None):
        return "stale"
    if attempt.method == "sms_code" and row is not None and row.code_expires_at <= now:
        _keep(tx, attempt, {"code_hash": None})
        _record_failure(tx, attempt, "expired", row.tries, kit)
        return "stale"
    if hmac.compare_digest(_given(attempt, kit), _expected(attempt, row)):
        return _let_in(tx, attempt, kit)
    return _turn_away(tx, attempt, row, kit)


def code_hash(kit: Kit, signature_id: str, code: str) -> bytes:
    """What is kept of a one-time code: good for one signature alone."""
    return kit.keyring.keyed_hash(CODE_PURPOSE, f"{signature_id}:{code}")


def _given(attempt: Attempt, kit: Kit) -> bytes:
    own = attempt.view.signature
    if attempt.method == "access_code":
        return pin_hash(kit, own.id, attempt.code)
    return code_hash(kit, own.signature_id, "".join(attempt.code.split()))


def _expected(attempt: Attempt, row: Row[Any] | None) -> bytes:
    if attempt.method == "access_code":
        return attempt.view.signature.pin_hash or b""
    return bytes(row.code_hash) if row is not None else b""


def _let_in(tx: WriteTx, attempt: Attempt, kit: Kit) -> Outcome:
    _keep(tx, attempt, {"tries": 0, "locks": 0, "locked_until": None, "code_hash": None})
    audit.record(tx, attempt.view.request.id, "authenticated", attempt.facts, kit=kit, client=attempt.client)
    return "right"


def _turn_away(tx: WriteTx, attempt: Attempt, row: Row[Any] | None, kit: Kit) -> Outcome:
    tries, locks = (row.tries + 1, row.locks) if row is not None else (1, 0)
    if tries < TRIES:
        _keep(tx, attempt, {"tries": tries})
        _record_failure(tx, attempt, "wrong", tries, kit)
        return "wrong"
    until = kit.clock.now() + min(FIRST_LOCK_SECONDS * 2**locks, LONGEST_LOCK_SECONDS)
    _keep(tx, attempt, {"tries": 0, "locks": locks + 1, "locked_until": until, "code_hash": None})
    _record_failure(tx, attempt, "locked", tries, kit)
    mail_locked(tx, attempt.view.whole, attempt.view.signature, until, kit=kit)
    return "locked"


def _record_failure(tx: WriteTx, attempt: Attempt, reason: str, tries: int, kit: Kit) -> None:
    facts = {**attempt.facts, "reason": reason, "tries": tries}
    audit.record(tx, attempt.view.request.id, "authentication_failed", facts, kit=kit, client=attempt.client)


def _keep(tx: WriteTx, attempt: Attempt, changes: dict[str, Any]) -> None:
    own = attempt.view.signature
    row = {"signature_pk": own.id, "method": attempt.method, "account_pk": own.account_pk, **changes}
    upsert(tx, signer_checks, row, unique=("signature_pk", "method"), changes=changes)
