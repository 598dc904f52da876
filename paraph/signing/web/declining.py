"""Declining: why, and then the end of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted
from paraph.kit.http import Page, Redirect
from paraph.signing import answers
from paraph.signing.decline import decline
from paraph.signing.refusals import NotYet

from .door import signer_form, signer_page
from .link import base_of, load

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit


@signer_page("/decline")
def ask_to_decline(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """Why the signer declines."""
    view, _kept = load(tx, visit, kit)
    if view.standing != "your_turn" or not view.request.allow_decline:
        return Redirect(base_of(visit))
    return answers.reason_page(view, base_of(visit), answers.decline_question(view))


@signer_form("/decline")
async def declined(visit: Visit, kit: Kit) -> Page | Redirect:
    """The signer declined."""
    reason = visit.text("reason")
    try:
        await kit.db.write(lambda tx: decline(tx, visit.path["token"], reason, visit.client, kit=kit))
    except NotYet as refused:
        view, _kept = await kit.db.read(lambda tx: load(tx, visit, kit))
        question = answers.decline_question(view)
        return answers.reason_page(view, base_of(visit), question, (refused.problem,), reason)
    except (Conflict, Deleted):
        pass  # the page says how things stand
    return Redirect(base_of(visit))
