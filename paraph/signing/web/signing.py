"""The way to a signature: agree, adopt, look once more, finish. Each fact is a POST."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted
from paraph.kit.http import Page, Redirect
from paraph.signing import answers
from paraph.signing.adopt import adopt, check_may_adopt
from paraph.signing.agree import Agree, agree
from paraph.signing.finish import Finish, finish
from paraph.signing.intake import read_signature
from paraph.signing.refusals import NotYet
from paraph.signing.withdraw import withdraw

from .door import signer_form, signer_page
from .link import act, base_of, check_bytes, load, once_more

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView

TIME_ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}")


@signer_form("/consent")
async def consented(visit: Visit, kit: Kit) -> Page | Redirect:
    """The box was ticked, and the button pressed."""
    command = Agree(visit.text("agree") == "yes", visit.text("disclosure"), visit.language.code)
    token = visit.path["token"]
    return await act(visit, kit, lambda tx: agree(tx, token, command, visit.client, kit=kit), then="#sign")


@signer_form("/withdraw")
async def withdrawn(visit: Visit, kit: Kit) -> Page | Redirect:
    """Consent is taken back."""
    token = visit.path["token"]
    return await act(visit, kit, lambda tx: withdraw(tx, token, visit.client, kit=kit), then="#agree")


@signer_form("/signature")
async def adopted(visit: Visit, kit: Kit) -> Page | Redirect:
    """A signature was drawn, typed or chosen; the next page shows it in its place."""
    view, kept = await kit.db.read(lambda tx: load(tx, visit, kit))
    try:
        check_may_adopt(view, visit.text("method"))
        made = await read_signature(visit, view, kept, kit)
    except NotYet as refused:
        return answers.sign_page(view, kept, base_of(visit), (refused.problem,), _entered(visit, view))
    except (Conflict, Deleted):
        return Redirect(base_of(visit))
    return await act(visit, kit, lambda tx: adopt(tx, visit.path["token"], made, kit=kit), then="/review")


@signer_page("/review")
def review(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """The last look before signing."""
    view, kept = load(tx, visit, kit)
    if view.standing != "your_turn" or view.signature.consented_at is None or kept is None:
        return Redirect(base_of(visit))
    return answers.review_page(view, kept, base_of(visit))


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
    token = visit.path["token"]
    try:
        whole = await kit.db.write(lambda tx: finish(tx, token, command, visit.client, kit=kit))
    except NotYet as refused:
        return await once_more(visit, kit, refused)
    except (Conflict, Deleted):
        return Redirect(base_of(visit))
    return Redirect(answers.leads_to(whole.request.signing_redirect_url) or base_of(visit))


def _entered(visit: Visit, view: SignerView) -> answers.Entered:
    """What was entered, so that nobody types twice; a drawing that was refused is not worth keeping."""
    method = visit.text("method")
    allowed = view.signing_options.allowed
    known = next((way for way in allowed if way == method), view.signing_options.default)
    return answers.Entered(known, text=visit.text("text"), face=visit.text("face"))
