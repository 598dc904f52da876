"""The beginning and the end: agree, look once more, finish. Each fact is a POST."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted
from paraph.kit.faults import fault_point
from paraph.kit.http import Page, Redirect
from paraph.signing import answers
from paraph.signing.agree import Agree, agree
from paraph.signing.entries import problems_of
from paraph.signing.filling import review_page
from paraph.signing.finish import Finish, finish
from paraph.signing.refusals import NotYet
from paraph.signing.withdraw import withdraw

from .door import signer_form, signer_page
from .link import act, base_of, check_bytes, load, once_more

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit

TIME_ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}")


@signer_form("/consent")
async def consented(visit: Visit, kit: Kit) -> Page | Redirect:
    """The box was ticked, and the button pressed."""
    command = Agree(visit.text("agree") == "yes", visit.text("disclosure"), visit.language.code)
    token = visit.path["token"]
    return await act(visit, kit, lambda tx: agree(tx, token, command, visit.client, kit=kit), then="#fill")


@signer_form("/withdraw")
async def withdrawn(visit: Visit, kit: Kit) -> Page | Redirect:
    """Consent is taken back."""
    token = visit.path["token"]
    return await act(visit, kit, lambda tx: withdraw(tx, token, visit.client, kit=kit), then="#agree")


@signer_page("/review")
def review(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """The last look before signing."""
    view, draft = load(tx, visit, kit)
    may_fill = view.standing == "your_turn" and view.signature.consented_at is not None
    if not may_fill or problems_of(view, draft):
        return Redirect(base_of(visit))
    return review_page(view, draft, base_of(visit), kit.clock.now())


@signer_form("/finish")
async def finished(visit: Visit, kit: Kit) -> Page | Redirect:
    """Signed. The sender's own page follows, if there is one; only its stored address is ever used."""
    zone = visit.text("time_zone")
    command = Finish(
        visit.text("fingerprint"),
        visit.text("button"),
        visit.language.code,
        zone if TIME_ZONE.fullmatch(zone) else "",
    )
    await check_bytes(visit, kit)
    fault_point("sign.checked")
    token = visit.path["token"]
    try:
        whole = await kit.db.write(lambda tx: finish(tx, token, command, visit.client, kit=kit))
    except NotYet as refused:
        return await once_more(visit, kit, refused)
    except (Conflict, Deleted):
        return Redirect(base_of(visit))
    fault_point("sign.committed")
    return Redirect(answers.leads_to(whole.request.signing_redirect_url) or base_of(visit))
