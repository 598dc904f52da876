"""Tell the sender how signers get in: shut out after wrong codes, out of reach by phone, replaced by others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.i18n import gettext as _
from paraph.kit.templates import moment

from .frame import Words, in_language_of_sender, tell_sender

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests.shapes import Signature, WholeRequest


def mail_locked(tx: WriteTx, whole: WholeRequest, signature: Signature, until: int, *, kit: Kit) -> None:
    """Tell the sender that somebody with a signer's link entered wrong codes."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _(
            "Somebody who has the link of %(name)s (%(address)s) to “%(title)s” entered a wrong code several times.",
            name=signature.name,
            address=signature.email_address,
            title=request.title,
        )
        second = _(
            "The document was not shown. Nobody can try again with this link until %(date)s.", date=moment(until)
        )
        third = _("Ask them whether it was they. If it was not, cancel the request.")
        subject = _("Wrong codes for %(title)s", title=request.title)
        tell_sender(tx, request, Words(subject, (first, second, third)), kit)


def mail_undelivered(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Tell the sender that no text message reaches a signer."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _(
            "A text message about “%(title)s” could not be sent to the phone of %(name)s.",
            title=request.title,
            name=signature.name,
        )
        second = _("Check the number you gave. To use another one, cancel this request and send a new one.")
        subject = _("No text message reaches %(name)s", name=signature.name)
        tell_sender(tx, request, Words(subject, (first, second)), kit)


def mail_reassigned(tx: WriteTx, whole: WholeRequest, signature: Signature, before: Signature, *, kit: Kit) -> None:
    """Tell the sender who signs in whose place, and why."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _(
            "%(old)s (%(old_address)s) passed “%(title)s” on to %(new)s (%(new_address)s), who is now asked to sign.",
            old=before.name,
            old_address=before.email_address,
            title=request.title,
            new=signature.name,
            new_address=signature.email_address,
        )
        second = _("If you do not want this, cancel the request.")
        paragraphs = (first, _keeps_code(), second) if signature.has_pin else (first, second)
        subject = _("%(new)s signs in place of %(old)s", new=signature.name, old=before.name)
        tell_sender(tx, request, Words(subject, paragraphs, signature.reassignment_reason or ""), kit)


def _keeps_code() -> str:
    return _("The access code stays the same. Give it to the new signer, but not by mail.")
