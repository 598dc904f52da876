"""A signer at the door: one code tried, or a text message asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from paraph.kit.i18n import gettext as _
from paraph.signature_requests import lock_for_signer, next_door, record_try, text_code

from .doors import passed_in, proof_of
from .refusals import Problem

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx
    from paraph.signature_requests import Door, SignerView

BEFORE_THE_DOOR: frozenset[str] = frozenset({"your_turn", "signed"})
"""Standings in which there is something to read behind it; the others are told without a code."""


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """How it went: the ``door`` that is shut now (None: all is open), what to mend, the proof to carry."""

    view: SignerView
    door: Door | None
    problem: Problem | None = None
    proof: str = ""


def enter(tx: WriteTx, token: str, proof: str, tried: tuple[str, str], client: Client, *, kit: Kit) -> AtTheDoor:
    """Try a code; ``tried`` is the method of the page it was typed into, and the code. Raises NotFound."""
    view = lock_for_signer(tx, token, kit)
    passed = passed_in(proof, view, kit)
    door = next_door(tx, view, passed, kit)
    method, code = tried
    if door is None or door.method != method or view.standing not in BEFORE_THE_DOOR:
        return AtTheDoor(view, door)  # typed into an old page: what is to be done now is shown instead
    if not code.strip():
        return AtTheDoor(view, door, Problem("code", _("Enter the code first.")))
    outcome = record_try(tx, view, door.method, code, client, kit)
    if outcome == "right":
        return AtTheDoor(view, None, proof=proof_of(view, passed | {method}, kit))
    return AtTheDoor(view, next_door(tx, view, passed, kit), _problem(outcome))


def ask_for_text(tx: WriteTx, token: str, proof: str, client: Client, *, kit: Kit) -> AtTheDoor:
    """Send the code by text message, where that is what comes next. Raises NotFound."""
    view = lock_for_signer(tx, token, kit)
    passed = passed_in(proof, view, kit)
    door = next_door(tx, view, passed, kit)
    if door is None or door.method != "sms_code" or view.standing not in BEFORE_THE_DOOR:
        return AtTheDoor(view, door)
    outcome = text_code(tx, view, client, kit)
    sentences = {
        "wait": _("A code was sent a moment ago. Wait a minute before you ask for another one."),
        "too_many": _("Many codes were sent to this phone already. Try again in an hour."),
    }
    problem = Problem("code", sentences[outcome]) if outcome in sentences else None
    return AtTheDoor(view, next_door(tx, view, passed, kit), problem)


def _problem(outcome: Literal["wrong", "stale", "locked"]) -> Problem | None:
    if outcome == "wrong":
        return Problem("code", _("This code is not right. Look at it once more and type it again."))
    if outcome == "stale":
        return Problem("code", _("This code is no longer good. Ask for a new one."))
    return None
