"""What a signer must prove before anything of a request is shown to them, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select

from .access_models import signer_checks

if TYPE_CHECKING:
    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

    from .shapes import Signature
    from .signer_view import SignerView

Method = Literal["access_code", "sms_code"]
"""As evidence names them."""

LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Door:
    """The check that comes next. ``target`` is the masked phone of an SMS code, ``code_sent_at`` when it left."""

    method: Method
    target: str = ""
    locked_until: int | None = None
    code_sent_at: int | None = None


def methods_of(signature: Signature) -> tuple[Method, ...]:
    """What this signer must prove, in the order it is asked for."""
    methods: list[Method] = []
    if signature.has_pin:
        methods.append("access_code")
    if signature.sms_phone_number_type == "authentication":
        methods.append("sms_code")
    return tuple(methods)


def next_door(tx: ReadTx, view: SignerView, passed: frozenset[str], kit: Kit) -> Door | None:
    """Return the first check that is not among those ``passed``; None when nothing is left to prove."""
    method = next((one for one in methods_of(view.signature) if one not in passed), None)
    if method is None:
        return None
    row, now = check_row(tx, view.signature.id, method), kit.clock.now()
    target = target_of(view.signature, method)
    if row is None:
        return Door(method, target)
    is_locked = row.locked_until is not None and row.locked_until > now
    is_live = row.code_expires_at is not None and row.code_expires_at > now
    return Door(method, target, row.locked_until if is_locked else None, row.code_sent_at if is_live else None)


def target_of(signature: Signature, method: Method) -> str:
    """What evidence and pages say of where a proof came from: of a phone number only the last digits."""
    return masked_number(signature.sms_phone_number or "") if method == "sms_code" else ""


def masked_number(number: str) -> str:
    """``•••• 0123``."""
    return f"•••• {number[-LAST_DIGITS:]}"


def check_row(tx: ReadTx, signature_pk: int, method: Method) -> Row[Any] | None:
    """How the checks of this kind went so far."""
    columns = signer_checks.c
    return tx.one_or_none(select(signer_checks).where(columns.signature_pk == signature_pk, columns.method == method))
