"""Passing a signature on to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted, NotFound
from paraph.kit.http import Page, Redirect
from paraph.signature_requests import may_reassign
from paraph.signing import answers
from paraph.signing.pass_on import PassOn, pass_on, read_pass_on
from paraph.signing.refusals import Problem
from paraph.signing.screens import screen_of
from paraph.signing.standings import passed_on

from .door import signer_form, signer_page
from .link import base_of, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView


@signer_page("/reassign")
def ask_to_reassign(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """Who signs instead, and why."""
    view = load(tx, visit, kit)[0]
    if view.standing != "your_turn" or not may_reassign(view):
        return Redirect(base_of(visit))
    return _page(view, visit, PassOn())


@signer_form("/reassign")
async def reassigned(visit: Visit, kit: Kit) -> Page | Redirect:
    """Somebody else was named."""
    entered = read_pass_on(visit.secret("name"), visit.secret("email"), visit.secret("reason"))
    view = (await kit.db.read(lambda tx: load(tx, visit, kit)))[0]
    if view.standing != "your_turn" or not may_reassign(view):
        return Redirect(base_of(visit))
    if entered.problems:
        return _page(view, visit, entered, entered.problems)
    try:
        await kit.db.write(lambda tx: pass_on(tx, visit.path["token"], entered, visit.client, kit=kit))
    except (NotFound, Deleted):
        return Redirect(base_of(visit))  # at the same moment from another window
    except Conflict as refused:
        return _page(view, visit, entered, (Problem("email", refused.message),))
    return answers.notice_page(passed_on())


def _page(view: SignerView, visit: Visit, entered: PassOn, problems: Sequence[Problem] = ()) -> Page:
    base = base_of(visit)
    context = {
        "screen": screen_of(view, base),
        "base": base,
        "entered": entered,
        "problems": problems,
        "needs_code": view.signature.has_pin,
    }
    return Page("signing/reassign.html", context, status=400 if problems else 200)
