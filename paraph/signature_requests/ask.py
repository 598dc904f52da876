"""What a request asks of its signers beside the signature: proofs before they read, and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.kit import ids

from .access_plan import normal_pin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit import Kit

    from .check import PlannedSigner, SendPlan

PIN_PURPOSE = "access-code"


def asked_of_signer(signer: PlannedSigner, signature_pk: int, kit: Kit) -> dict[str, Any]:
    """Columns of a signature that say what its signer has to prove; none for a signer who opens a link and reads."""
    access = signer.access
    values = {
        "pin_hash": None if access.pin is None else pin_hash(kit, signature_pk, access.pin),
        "sms_phone_number": access.phone_number,
        "sms_phone_number_type": access.phone_use,
    }
    return values if any(values.values()) else {}


def attachment_rows(plan: SendPlan, keys: Sequence[int], signature_pks: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of the files that signers are asked for."""
    return [
        {
            "id": key,
            "attachment_id": ids.short_id(),
            "signature_pk": signature_pks[one.signer],
            "position": position,
            "name": one.name,
            "instructions": one.instructions,
            "is_required": one.is_required,
        }
        for position, (key, one) in enumerate(zip(keys, plan.attachments, strict=True))
    ]


def pin_hash(kit: Kit, signature_pk: int, pin: str) -> bytes:
    """What is kept of an access code (decisions/0030): a keyed hash, different for each signature."""
    return kit.keyring.keyed_hash(PIN_PURPOSE, f"{signature_pk}:{normal_pin(pin)}")
