"""Filling in: what is typed and tapped is kept at once, by the page's script or by the buttons of one form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted
from paraph.kit.http import Page, Redirect, Reply
from paraph.signing.adopt import adopt, check_may_adopt
from paraph.signing.controls import Entered, read_entered
from paraph.signing.entries import entries_of, next_open, problem_list
from paraph.signing.filling import Shown, holding, saved_page
from paraph.signing.hand_in import missing_files
from paraph.signing.intake import PREFIX, read_ink
from paraph.signing.makers import makers_of, with_entered
from paraph.signing.phone_pad import make_pad
from paraph.signing.refusals import NotYet
from paraph.signing.save import save

from .door import signer_form
from .link import again, base_of, here, load

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView
    from paraph.signing.drafts import Draft, InkKind
    from paraph.signing.makers import Maker

MOST_DIGITS = 6


@signer_form("/save")
async def saved(visit: Visit, kit: Kit) -> Reply:
    """Some controls changed; the script hears what is wrong with what is on the page now."""
    view, draft = await _keep(visit, kit)
    entries = entries_of(view, draft)
    problems = {entry.id: entry.problem for entry in entries if entry.problem}
    holds = {str(place): held for place, held in holding(view.form, draft.values).items()}
    return Reply({"problems": problems, "holds": holds})


@signer_form("/fill")
async def filled(visit: Visit, kit: Kit) -> Page | Redirect:
    """A button was pressed; whatever it was, everything that was entered is kept first."""
    try:
        view, draft = await _keep(visit, kit)
        step, _sep, rest = visit.text("action").partition(":")
        if step == "adopt":
            return await _adopt(visit, kit, view, draft, rest)
        if step == "phone":
            return await _on_phone(visit, kit, view, rest)
    except (Conflict, Deleted):
        return Redirect(base_of(visit))
    if step == "later":
        return saved_page(view, base_of(visit))
    if step == "review":
        problems = problem_list(entries_of(view, draft)) + missing_files(view)
        if problems:
            return again(visit, kit, view, draft, Shown(problems, _makers(visit, view, draft)))
        return Redirect(f"{base_of(visit)}/review")
    return Redirect(here(visit, "fill"))


@signer_form("/signature")
async def adopted(visit: Visit, kit: Kit) -> Page | Redirect:
    """A signature was made by itself, without the rest of the form; it goes to the first place that needs it."""
    try:
        view, draft = await kit.db.read(lambda tx: load(tx, visit, kit))
        return await _adopt(visit, kit, view, draft, "signature:")
    except (Conflict, Deleted):
        return Redirect(base_of(visit))


async def _keep(visit: Visit, kit: Kit) -> tuple[SignerView, Draft]:
    view, _draft = await kit.db.read(lambda tx: load(tx, visit, kit))
    entered = _entered(visit, view)
    return await kit.db.write(lambda tx: save(tx, visit.path["token"], entered, kit=kit))


def _entered(visit: Visit, view: SignerView) -> Entered:
    """The script says which controls it sends; a form without a script sends all."""
    about = visit.form.get("controls")
    if not isinstance(about, str):
        return read_entered(view.form, visit.secret)
    numbers = frozenset(int(word) for word in about.split() if _is_number(word))
    return read_entered(view.form, visit.secret, numbers)


async def _adopt(visit: Visit, kit: Kit, view: SignerView, draft: Draft, what: str) -> Page | Redirect:
    """Make the ink; ``what`` is its kind and the number of the field that was tapped: ``initials:7``."""
    word, _sep, number = what.partition(":")
    kind: InkKind = "initials" if word == "initials" else "signature"
    try:
        check_may_adopt(view, visit.text(f"{PREFIX[kind]}method"))
        made = await read_ink(visit, view, kind, draft.ink(kind), kit)
        token, place = visit.path["token"], _place(view, number)
        view, draft = await kit.db.write(lambda tx: adopt(tx, token, made, kit=kit, kind=kind, place=place))
    except NotYet as refused:
        shown = Shown((refused.problem,), _makers(visit, view, draft, kind))
        return again(visit, kit, view, draft, shown)
    onward = next_open(entries_of(view, draft), int(number) if _is_number(number) else -1)
    return Redirect(here(visit, onward.id) if onward else f"{base_of(visit)}/review")


async def _on_phone(visit: Visit, kit: Kit, view: SignerView, what: str) -> Redirect:
    """Show a code for a phone; ``what`` as for ``_adopt``."""
    word, _sep, number = what.partition(":")
    kind: InkKind = "initials" if word == "initials" else "signature"
    token, place = visit.path["token"], _place(view, number)
    try:
        await kit.db.write(lambda tx: make_pad(tx, token, kind, place, kit=kit))
    except NotYet:
        return Redirect(base_of(visit))  # a way that the sender does not offer
    return Redirect(f"{base_of(visit)}/phone")


def _place(view: SignerView, number: str) -> str:
    is_field = _is_number(number) and int(number) < len(view.form.fields)
    return view.form.fields[int(number)].api_id if is_field else ""


def _makers(visit: Visit, view: SignerView, draft: Draft, only: str = "") -> dict[str, Maker]:
    """The makers with what was just entered, so that nobody draws or types twice."""
    found = makers_of(view, draft, base_of(visit))
    return {
        kind: with_entered(maker, visit.secret) if kind == only or maker.ink is None else maker
        for kind, maker in found.items()
    }


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) <= MOST_DIGITS
