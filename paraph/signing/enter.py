"""A signer at the door: one code tried, or a text message asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from paraph.kit.i18n import gettext as _
from paraph.signature_requests import Attempt, lock_for_signer, next_door, record_try, text_code

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


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody at the door: their link, the proof their browser carries, and the code typed for ``method``."""

    token: str
    proof: str = field(repr=False)
    method: str = ""
    code: str = field(default="", repr=False)


def enter(tx: WriteTx, knock: Knock, client: Client, *, kit: Kit) -> AtTheDoor:
    """Try a code. Raises NotFound."""
    view = lock_for_signer(tx, knock.token, kit)
    passed = passed_in(knock.proof, view, kit)
    door = next_door(tx, view, passed, kit)
    if door is None or door.method != knock.method or view.standing not in BEFORE_THE_DOOR:
        return AtTheDoor(view, door)  # typed into an old page: what is to be done now is shown instead
    if not knock.code.strip():
        return AtTheDoor(view, door, Problem("code", _("Enter the code first.")))
    outcome = record_try(tx, Attempt(view, door.method, knock.code, client), kit)
    if outcome == "right":
        return AtTheDoor(view, None, proof=proof_of(view, passed | {door.method}, kit))
    return AtTheDoor(view, next_door(tx, view, passed, kit), _problem(outcome))


def ask_for_text(tx: WriteTx, knock: Knock, client: Client, *, kit: Kit) -> AtTheDoor:
    """Send the code by text message, where that is what comes next. Raises NotFound."""
    view = lock_for_signer(tx, knock.token, kit)
    passed = passed_in(knock.proof, view, kit)
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
