"""What every page of a signer begins with: the signing link, and how a verb is run and its refusal shown.

The address is the secret: no account, and no cookie gives any right without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted
from paraph.kit.http import Page, Redirect
from paraph.signature_requests import check_documents, load_for_signer
from paraph.signing import answers
from paraph.signing.queries import Kept, kept_signature
from paraph.signing.refusals import NotYet

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView


def load(tx: ReadTx, visit: Visit, kit: Kit) -> tuple[SignerView, Kept | None]:
    view = load_for_signer(tx, visit.path["token"], kit)
    return view, kept_signature(tx, view.signature.id, kit=kit)


async def check_bytes(visit: Visit, kit: Kit) -> None:
    view, _kept = await kit.db.read(lambda tx: load(tx, visit, kit))
    if view.standing == "your_turn":
        await check_documents(view, kit)


async def act(visit: Visit, kit: Kit, verb: Callable[[WriteTx], None], *, then: str) -> Page | Redirect:
    """Run the verb; go on to ``then``, or show what to mend, or how things stand."""
    try:
        await kit.db.write(verb)
    except NotYet as refused:
        return await once_more(visit, kit, refused)
    except (Conflict, Deleted):
        return Redirect(base_of(visit))
    return Redirect(f"{base_of(visit)}{then}")


async def once_more(visit: Visit, kit: Kit, refused: NotYet) -> Page:
    view, kept = await kit.db.read(lambda tx: load(tx, visit, kit))
    return answers.sign_page(view, kept, base_of(visit), (refused.problem,))


def base_of(visit: Visit) -> str:
    return f"/sign/{visit.path['token']}"
