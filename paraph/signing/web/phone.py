"""Drawing on a phone: the page with the QR code on this computer, and the pad on the phone.

The phone's link is no signing link: it gives a pad and the title, for ten minutes and one drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted, NotFound
from paraph.kit.http import Page, Redirect, Reply, form, page
from paraph.kit.i18n import gettext as _
from paraph.signing import answers
from paraph.signing.drawing import Unusable, read_drawing
from paraph.signing.phone_pad import draw_on_pad, load_for_pad, make_pad, pad_of
from paraph.signing.qr import qr_picture
from paraph.signing.refusals import NotYet, Problem
from paraph.signing.screens import screen_of
from paraph.signing.standings import Notice

from .door import signer_form, signer_page
from .link import base_of, load

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView
    from paraph.signing.drafts import InkKind
    from paraph.signing.phone_pad import Pad


@signer_page("/phone")
def phone(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """The code to look at with a phone, or the button that makes one."""
    view = load(tx, visit, kit)[0]
    if not _is_offered(view):
        return Redirect(base_of(visit))
    return _code_page(view, pad_of(tx, view, kit), visit)


@signer_form("/phone")
async def phone_asked_for(visit: Visit, kit: Kit) -> Page | Redirect:
    """A code was asked for."""
    token, kind, place = visit.path["token"], _kind(visit.text("kind")), visit.text("place")
    try:
        await kit.db.write(lambda tx: make_pad(tx, token, kind, place, kit=kit))
    except (NotYet, Conflict, Deleted):
        return Redirect(base_of(visit))
    return Redirect(f"{base_of(visit)}/phone")


@signer_page("/phone/state")
def phone_state(tx: ReadTx, visit: Visit, kit: Kit) -> Reply:
    """How it stands, for the page's script."""
    return Reply({"state": pad_of(tx, load(tx, visit, kit)[0], kit).state})


@page("/draw/{pad}", signed_in=False, translated=True)
def pad(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The pad on the phone."""
    try:
        view = load_for_pad(tx, visit.path["pad"], kit)
    except (NotFound, NotYet, Conflict, Deleted):
        return answers.notice_page(_dead_pad(), status=404)
    return _pad_page(view, visit)


@form("/draw/{pad}", signed_in=False, csrf=False, translated=True)
async def drawn(visit: Visit, kit: Kit) -> Page:
    """Drawn, and handed to the computer."""
    token = visit.path["pad"]
    try:
        drawing = read_drawing(visit.secret("strokes"))
        await kit.db.write(lambda tx: draw_on_pad(tx, token, drawing, kit=kit))
    except Unusable as refused:
        return await _once_more(visit, kit, Problem("pad", str(refused)))
    except (NotFound, NotYet, Conflict, Deleted):
        return answers.notice_page(_dead_pad(), status=404)
    done = _("Your drawing is on your computer now. Go on there; you can close this page.")
    return answers.notice_page(Notice(_("Done"), "done", _("Thank you, that was all here"), (done,)))


async def _once_more(visit: Visit, kit: Kit, problem: Problem) -> Page:
    try:
        view = await kit.db.read(lambda tx: load_for_pad(tx, visit.path["pad"], kit))
    except (NotFound, NotYet, Conflict, Deleted):
        return answers.notice_page(_dead_pad(), status=404)
    return _pad_page(view, visit, (problem,))


def _pad_page(view: SignerView, visit: Visit, problems: tuple[Problem, ...] = ()) -> Page:
    context = {
        "title": view.request.title or _("Document"),
        "action": f"/draw/{visit.path['pad']}",
        "problems": problems,
        "screen": None,
        "base": "",
    }
    return Page("signing/draw.html", context, status=400 if problems else 200)


def _code_page(view: SignerView, made: Pad, visit: Visit) -> Page:
    base = base_of(visit)
    context = {
        "screen": screen_of(view, base),
        "base": base,
        "pad": made,
        "code": qr_picture(made.link) if made.state == "waiting" else None,
        "kind": _kind(visit.query.get("kind", "")),
        "place": visit.query.get("place", ""),
    }
    return Page("signing/phone.html", context)


def _is_offered(view: SignerView) -> bool:
    may_sign = view.standing == "your_turn" and view.signature.consented_at is not None
    return may_sign and "phone" in view.signing_options.allowed


def _kind(word: str) -> InkKind:
    return "initials" if word == "initials" else "signature"


def _dead_pad() -> Notice:
    return Notice(
        "",
        "",
        _("This link is over or was used"),
        (_("Go back to your computer. If your signature is not there yet, ask for a new code there."),),
    )
