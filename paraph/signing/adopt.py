"""Adopt a signature: keep what was drawn, typed or uploaded until the signer has checked it and finishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from paraph.kit.db import upsert
from paraph.kit.errors import Conflict
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import lock_for_signer, refusal_of

from .models import adopted_signatures
from .queries import SEAL_PURPOSE
from .refusals import NotYet
from .values import Uploaded, encode, fingerprint_of, method_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests import SignerView

    from .values import Adopted


def adopt(tx: WriteTx, token: str, adopted: Adopted, *, kit: Kit) -> None:
    """Keep the signature in place of an earlier one; nothing is signed yet.

    Raises Conflict or Deleted when it is not this signer's turn or consent is missing, NotYet for a kind of
    signature that the sender did not allow.
    """
    view = lock_for_signer(tx, token, kit)
    check_may_adopt(view, method_of(adopted))
    data = encode(adopted)
    values = {
        "account_pk": view.request.account_pk,
        "sealed": kit.keyring.seal(SEAL_PURPOSE, data),
        "fingerprint": fingerprint_of(data),
        "picture_key": adopted.key if isinstance(adopted, Uploaded) else None,
        "adopted_at": kit.clock.now(),
    }
    row = {"signature_pk": view.signature.id, **values}
    upsert(tx, adopted_signatures, row, unique=("signature_pk",), changes=values)


def check_may_adopt(view: SignerView, method: str) -> None:
    """Raise as ``adopt`` does."""
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    if view.signature.consented_at is None:
        raise Conflict(_("Agree to sign electronically first."))
    if method not in view.signing_options.allowed:
        raise NotYet("sign", _("The sender does not offer this way of signing. Choose another one."))


def forget_adopted(tx: WriteTx, signature_pk: int) -> None:
    """Drop what this signer adopted: it is given, or never will be."""
    tx.execute(delete(adopted_signatures).where(adopted_signatures.c.signature_pk == signature_pk))
