"""Agree and finish: the one press that signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.kit.i18n import gettext as _
from paraph.kit.i18n import translator
from paraph.signature_requests import FilledSignature, lock_for_signer, record_signed, refusal_of

from .adopt import forget_adopted
from .queries import kept_signature
from .refusals import NotYet
from .values import content_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx
    from paraph.signature_requests import WholeRequest


@dataclass(frozen=True, slots=True)
class Finish:
    """The form: the words of the pressed button, and the fingerprint of the signature that was shown above it."""

    fingerprint: str
    button_text: str
    locale: str
    time_zone: str


def finish(tx: WriteTx, token: str, command: Finish, client: Client, *, kit: Kit) -> WholeRequest:
    """Sign with the adopted signature.

    Raises NotYet when there is none, when another one was adopted since the page was shown (a second window), or
    when the form did not come from the button; else as ``record_signed``.
    """
    view = lock_for_signer(tx, token, kit)
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    kept = kept_signature(tx, view.signature.id, kit=kit)
    if kept is None:
        raise NotYet("sign", _("Make your signature first."))
    if kept.fingerprint != command.fingerprint:
        raise NotYet("sign", _("Your signature was changed in another window. Check it again."))
    button = finish_words(command.locale)
    if command.button_text != button:
        raise NotYet("sign", _("Press “%(button)s” to sign.", button=button))
    filled = FilledSignature(content_of(kept.adopted), command.button_text, command.locale, command.time_zone)
    whole = record_signed(tx, view, filled, client, kit)
    forget_adopted(tx, view.signature.id)
    return whole


def finish_words(locale: str) -> str:
    """The words of the button that signs, in the language of the page: only these are a signature's."""
    return translator(locale).gettext("Agree and finish")
