"""A signer enters an access code, or the code from a text message (T6): few tries, then a pause that grows."""

from __future__ import annotations

import hmac
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


def record_try(tx: WriteTx, view: SignerView, method: Method, code: str, client: Client, kit: Kit) -> Outcome:
    """Compare, count and record; ``view`` comes from ``lock_for_signer`` in this very transaction.

    ``stale``: a one-time code that ran out, was used, or was never sent. ``locked``: this try closed the door or
    found it closed; what is tried while it is closed is neither compared nor counted nor recorded.
    """
    row, now = check_row(tx, view.signature.id, method), kit.clock.now()
    if row is not None and row.locked_until is not None and row.locked_until > now:
        return "locked"
    if method == "sms_code" and (row is None or row.code_hash is None):
        return "stale"
    if method == "sms_code" and row is not None and row.code_expires_at <= now:
        _keep(tx, view, method, {"code_hash": None})
        _record_failure(tx, view, method, "expired", row.tries, client, kit)
        return "stale"
    if hmac.compare_digest(_given(view, method, code, kit), _expected(view, method, row)):
        return _let_in(tx, view, method, client, kit)
    return _turn_away(tx, view, method, row, client, kit)


def code_hash(kit: Kit, signature_id: str, code: str) -> bytes:
    """What is kept of a one-time code: good for one signature alone."""
    return kit.keyring.keyed_hash(CODE_PURPOSE, f"{signature_id}:{code}")


def _given(view: SignerView, method: Method, code: str, kit: Kit) -> bytes:
    if method == "access_code":
        return pin_hash(kit, view.signature.id, code)
    return code_hash(kit, view.signature.signature_id, "".join(code.split()))


def _expected(view: SignerView, method: Method, row: Row[Any] | None) -> bytes:
    kept = view.signature.pin_hash if method == "access_code" else row.code_hash if row is not None else None
    return kept or b""


def _let_in(tx: WriteTx, view: SignerView, method: Method, client: Client, kit: Kit) -> Outcome:
    _keep(tx, view, method, {"tries": 0, "locks": 0, "locked_until": None, "code_hash": None})
    facts = {"signature": view.signature.signature_id, "method": method, "target": target_of(view.signature, method)}
    audit.record(tx, view.request.id, "authenticated", facts, kit=kit, client=client)
    return "right"


def _turn_away(
    tx: WriteTx, view: SignerView, method: Method, row: Row[Any] | None, client: Client, kit: Kit
) -> Outcome:
    tries, locks = (row.tries, row.locks) if row is not None else (0, 0)
    tries += 1
    if tries < TRIES:
        _keep(tx, view, method, {"tries": tries})
        _record_failure(tx, view, method, "wrong", tries, client, kit)
        return "wrong"
    until = kit.clock.now() + min(FIRST_LOCK_SECONDS * 2**locks, LONGEST_LOCK_SECONDS)
    _keep(tx, view, method, {"tries": 0, "locks": locks + 1, "locked_until": until, "code_hash": None})
    _record_failure(tx, view, method, "locked", tries, client, kit)
    mail_locked(tx, view.whole, view.signature, until, kit=kit)
    return "locked"


def _record_failure(
    tx: WriteTx, view: SignerView, method: Method, reason: str, tries: int, client: Client, kit: Kit
) -> None:
    own = view.signature
    facts = {
        "signature": own.signature_id,
        "method": method,
        "target": target_of(own, method),
        "reason": reason,
        "tries": tries,
    }
    audit.record(tx, view.request.id, "authentication_failed", facts, kit=kit, client=client)


def _keep(tx: WriteTx, view: SignerView, method: Method, changes: dict[str, Any]) -> None:
    own = view.signature
    row = {"signature_pk": own.id, "method": method, "account_pk": own.account_pk, **changes}
    upsert(tx, signer_checks, row, unique=("signature_pk", "method"), changes=changes)
