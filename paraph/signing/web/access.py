"""The door's own forms: enter a code, have one sent. They show nothing of the request but who sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.http import Page, Redirect, form, page
from paraph.signing.enter import BEFORE_THE_DOOR, AtTheDoor, Knock, ask_for_text, enter

from .door import asking, keeping, proof_in
from .link import base_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit


@page("/sign/{token}/access", signed_in=False, translated=True)
def at_the_door(_tx: ReadTx, visit: Visit, _kit: Kit) -> Redirect:
    """Where a reload of a refused form ends."""
    return Redirect(base_of(visit))


@form("/sign/{token}/access", signed_in=False, csrf=False, translated=True)
async def entered(visit: Visit, kit: Kit) -> Page | Redirect:
    """A code was typed."""
    knock = Knock(visit.path["token"], proof_in(visit), visit.text("method"), visit.secret("code"))
    found = await kit.db.write(lambda tx: enter(tx, knock, visit.client, kit=kit))
    return _go_on(found, visit, kit)


@form("/sign/{token}/access/text", signed_in=False, csrf=False, translated=True)
async def texted(visit: Visit, kit: Kit) -> Page | Redirect:
    """A code by text message was asked for."""
    knock = Knock(visit.path["token"], proof_in(visit))
    found = await kit.db.write(lambda tx: ask_for_text(tx, knock, visit.client, kit=kit))
    return _go_on(found, visit, kit)


def _go_on(found: AtTheDoor, visit: Visit, kit: Kit) -> Page | Redirect:
    base = base_of(visit)
    if found.proof:
        return Redirect(base, headers=keeping(found.proof, base, kit))
    if found.door is None or found.problem is None or found.view.standing not in BEFORE_THE_DOOR:
        return Redirect(base)
    return asking(found.view, found.door, base, kit, problems=(found.problem,))
