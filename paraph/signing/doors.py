"""The pages that ask for a code before anything is shown, and the proof a browser carries once it was right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from paraph.kit.http import Page
from paraph.kit.i18n import gettext as _
from paraph.kit.templates import moment

from .screens import screen_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit import Kit
    from paraph.signature_requests import Door, SignerView

    from .refusals import Problem

PROOF_PURPOSE: Final = "signer-door"
PROOF_SECONDS: Final = 4 * 3600
"""Long enough to read a contract; a person who comes back tomorrow proves anew who they are."""


@dataclass(frozen=True, slots=True)
class DoorWords:
    """What the page says: a heading, sentences, and the label of the box for the code, if there is one."""

    heading: str
    sentences: tuple[str, ...]
    label: str = ""
    button: str = ""


def door_page(
    view: SignerView,
    door: Door,
    base: str,
    problems: Sequence[Problem] = (),
    *,
    status: int = 200,
    can_text: bool = True,
) -> Page:
    """Ask for the code that is missing. Of the request it says only who sent it."""
    context: dict[str, Any] = {
        "screen": screen_of(faceless(view), base),
        "base": base,
        "door": door,
        "words": _words(view, door, can_text=can_text),
        "is_sms": door.method == "sms_code",
        "can_send": door.method == "sms_code" and can_text and door.locked_until is None,
        "problems": problems,
    }
    return Page("signing/door.html", context, status=400 if problems else status)


def faceless(view: SignerView) -> SignerView:
    """The same view without what the sender wrote and sent: for people who have proved nothing yet."""
    return replace(view, request=replace(view.request, title="", message=None), documents=())


def proof_of(view: SignerView, passed: frozenset[str], kit: Kit) -> str:
    """What the browser keeps: which checks were passed for this very link, and until when that counts."""
    own = view.signature
    until = kit.clock.now() + PROOF_SECONDS
    return kit.keyring.sign(PROOF_PURPOSE, f"{own.signature_id}.{own.link_epoch}.{'+'.join(sorted(passed))}.{until}")


def passed_in(proof: str, view: SignerView, kit: Kit) -> frozenset[str]:
    """The checks that this proof shows as passed; none for one that is altered, another link's, or over."""
    value = kit.keyring.verify(PROOF_PURPOSE, proof) if proof.isascii() else None
    parts = (value or "").split(".")
    if len(parts) != 4 or not parts[3].isdecimal() or int(parts[3]) <= kit.clock.now():
        return frozenset()
    if (parts[0], parts[1]) != (view.signature.signature_id, str(view.signature.link_epoch)):
        return frozenset()
    return frozenset(parts[2].split("+"))


def _words(view: SignerView, door: Door, *, can_text: bool) -> DoorWords:
    sender = view.sender_name or view.sender_address
    if door.locked_until is not None:
        return _locked(sender, door, door.locked_until)
    if door.method == "access_code":
        return _access_code(sender)
    if not can_text:
        sorry = _("Text messages cannot be sent just now. Try again later, or ask %(sender)s.", sender=sender)
        return DoorWords(_("This document needs a code"), (sorry,))
    return _code_to_send(sender, door) if door.code_sent_at is None else _code_sent(door)


def _access_code(sender: str) -> DoorWords:
    return DoorWords(
        _("This document needs a code"),
        (
            _("%(sender)s asks you to sign a document, and chose a code that opens it.", sender=sender),
            _("You got the code in another way than this link. If you have none, ask %(sender)s.", sender=sender),
        ),
        _("Access code"),
        _("Open the document"),
    )


def _code_to_send(sender: str, door: Door) -> DoorWords:
    return DoorWords(
        _("First, a code for your phone"),
        (
            _("%(sender)s asks you to sign a document that opens with a code.", sender=sender),
            _("It is sent by text message to your phone, whose number ends so: %(number)s", number=door.target),
        ),
    )


def _code_sent(door: Door) -> DoorWords:
    where = _(
        "It was sent to your phone, whose number ends so: %(number)s. That can take a minute.", number=door.target
    )
    return DoorWords(
        _("Enter the code from the text message"),
        (where,),
        _("Code from the text message"),
        _("Open the document"),
    )


def _locked(sender: str, door: Door, until: int) -> DoorWords:
    shut = _("For safety, nobody can try again before %(time)s. Nothing was shown.", time=moment(until))
    heading = _("Too many wrong codes")
    if door.method == "sms_code":
        return DoorWords(heading, (shut,))
    return DoorWords(heading, (shut, _("%(sender)s has been told, and can tell you the right code.", sender=sender)))
