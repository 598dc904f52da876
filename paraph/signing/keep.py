"""Keep what a signer has begun until they finish; sealed, and the server's, so that any device goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from paraph.kit.db import upsert

from .drafts import Answers
from .models import signing_drafts
from .queries import ANSWERS_PURPOSE, INK_PURPOSE
from .values import Uploaded, encode

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests import SignerView

    from .drafts import Draft
    from .values import Adopted


def keep_draft(tx: WriteTx, view: SignerView, draft: Draft, *, kit: Kit) -> None:
    """Keep the draft in place of an earlier one. Places for which nothing was adopted are dropped."""
    places = {one.api_id: one.kind for one in view.form.fields}
    placed = tuple(sorted(one for one in draft.placed if one in places and draft.ink(places[one]) is not None))
    values = {
        "account_pk": view.request.account_pk,
        "answers": kit.keyring.seal(ANSWERS_PURPOSE, Answers(dict(draft.values), placed).packed()),
        "signature": _sealed(draft.signature, kit),
        "initials": _sealed(draft.initials, kit),
        "signature_picture_key": _picture_key(draft.signature),
        "initials_picture_key": _picture_key(draft.initials),
        "changed_at": kit.clock.now(),
    }
    row = {"signature_pk": view.signature.id, **values}
    upsert(tx, signing_drafts, row, unique=("signature_pk",), changes=values)


def forget_draft(tx: WriteTx, signature_pk: int) -> None:
    """Drop what this signer began: it is given, or never will be."""
    tx.execute(delete(signing_drafts).where(signing_drafts.c.signature_pk == signature_pk))


def _sealed(adopted: Adopted | None, kit: Kit) -> bytes | None:
    return kit.keyring.seal(INK_PURPOSE, encode(adopted)) if adopted else None


def _picture_key(adopted: Adopted | None) -> str | None:
    return adopted.key if isinstance(adopted, Uploaded) else None
