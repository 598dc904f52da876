"""What every page of a signer begins with: the signing link, and how a verb is run and its refusal shown.

The address is the secret: no account, and no cookie gives any right without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted
from paraph.kit.http import Page, Redirect
from paraph.signature_requests import check_documents, load_for_signer
from paraph.signing.filling import Shown, sign_page
from paraph.signing.queries import kept_draft
from paraph.signing.refusals import NotYet

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView
    from paraph.signing.drafts import Draft

LIST = "list"
VIEWS = (LIST, "page")
"""``?view=``: everything in a list, or one thing at a time on the page."""


def load(tx: ReadTx, visit: Visit, kit: Kit) -> tuple[SignerView, Draft]:
    view = load_for_signer(tx, visit.path["token"], kit)
    return view, kept_draft(tx, view, kit=kit)


async def check_bytes(visit: Visit, kit: Kit) -> None:
    view, _kept = await kit.db.read(lambda tx: load(tx, visit, kit))
    if view.standing == "your_turn":
        await check_documents(view, kit)


async def act(visit: Visit, kit: Kit, verb: Callable[[WriteTx], object], *, then: str) -> Page | Redirect:
    """Run the verb; go on to ``then``, or show what to mend, or how things stand."""
    try:
        await kit.db.write(verb)
    except NotYet as refused:
        return await once_more(visit, kit, refused)
    except (Conflict, Deleted):
        return Redirect(base_of(visit))
    return Redirect(f"{base_of(visit)}{then}")


async def once_more(visit: Visit, kit: Kit, refused: NotYet) -> Page:
    """The page again, with what is to be mended."""
    view, draft = await kit.db.read(lambda tx: load(tx, visit, kit))
    return again(visit, kit, view, draft, Shown((refused.problem,)))


def again(visit: Visit, kit: Kit, view: SignerView, draft: Draft, shown: Shown) -> Page:
    """The page to fill in, looked at as before."""
    told = Shown(shown.problems, shown.makers, asked_for_list(visit))
    return sign_page(view, draft, base_of(visit), kit.clock.now(), told)


def asked_for_list(visit: Visit) -> bool | None:
    """What the address or the form says about how to look at it; None when they do not."""
    asked = visit.text("view") or visit.query.get("view", "")
    return asked == LIST if asked in VIEWS else None


def base_of(visit: Visit) -> str:
    return f"/sign/{visit.path['token']}"


def here(visit: Visit, place: str) -> str:
    """The address of the page, looked at as before, at the element of this id."""
    asked = visit.text("view")
    return f"{base_of(visit)}{f'?view={asked}' if asked in VIEWS else ''}#{place}"
