"""Consent to electronic records and signatures, given by ticking an empty box and pressing a button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.kit.i18n import gettext as _
from paraph.signature_requests import Consent, lock_for_signer, record_consent, refusal_of

from .disclosure import current_disclosure
from .refusals import NotYet

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx


@dataclass(frozen=True, slots=True)
class Agree:
    """The form: whether the box was ticked, and which words stood beside it."""

    is_ticked: bool
    version: str
    locale: str


def agree(tx: WriteTx, token: str, command: Agree, client: Client, *, kit: Kit) -> None:
    """Record the consent; raises NotYet for an empty box, or for words that are no longer those in force."""
    view = lock_for_signer(tx, token, kit)
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    if view.signature.first_viewed_at is None:
        raise NotYet("read", _("Open the document first."))
    disclosure = current_disclosure(command.locale)
    if command.version != disclosure.version:
        raise NotYet("agreement", _("The statement has changed since you opened the page. Read it and agree again."))
    if not command.is_ticked:
        raise NotYet("agreement", _("Tick the box if you agree to sign on screen."))
    record_consent(tx, view, Consent(disclosure.version, disclosure.sha256, disclosure.locale), client, kit)
