"""What a request asks of its signers beside the signature: proofs before they read, and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from paraph.kit import ids
from paraph.kit.db import Prepared

from .access_models import request_attachments
from .access_plan import normal_pin
from .models import signatures

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .check import SendPlan

PIN_PURPOSE = "access-code"

_SIGNERS = Prepared(
    select(signatures.c.id, signatures.c.account_pk)
    .where(signatures.c.request_pk == bindparam("request_pk"))
    .order_by(signatures.c.position)
)


def ask_of_signers(tx: WriteTx, request_pk: int, plan: SendPlan, kit: Kit) -> None:
    """Record what the plan asks of the signers, whose rows are there already."""
    rows = _SIGNERS.all(tx, request_pk=request_pk)
    for row, signer in zip(rows, plan.signers, strict=True):
        access = signer.access
        values = {
            "pin_hash": None if access.pin is None else pin_hash(kit, row.id, access.pin),
            "sms_phone_number": access.phone_number,
            "sms_phone_number_type": access.phone_use,
        }
        if any(values.values()):
            tx.execute(update(signatures).where(signatures.c.id == row.id).values(values))
    asked = [
        {
            "attachment_id": ids.short_id(),
            "account_pk": rows[one.signer].account_pk,
            "request_pk": request_pk,
            "signature_pk": rows[one.signer].id,
            "position": position,
            "name": one.name,
            "instructions": one.instructions,
            "is_required": one.is_required,
        }
        for position, one in enumerate(plan.attachments)
    ]
    if asked:
        tx.execute(request_attachments.insert(), asked)


def pin_hash(kit: Kit, signature_pk: int, pin: str) -> bytes:
    """What is kept of an access code (decisions/0030): a keyed hash, different for each signature."""
    return kit.keyring.keyed_hash(PIN_PURPOSE, f"{signature_pk}:{normal_pin(pin)}")
