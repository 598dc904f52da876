"""Tell people that a request ended without being completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.i18n import gettext as _
from paraph.kit.mail import Letter, send_letter

from .frame import Words, app_of, cut, in_language_of, in_language_of_sender, tell_sender, tell_signer, why

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests.shapes import Signature, WholeRequest


def mail_declined(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Tell the sender that somebody declined, and why; and who had signed that it was for nothing."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _(
            "%(name)s (%(address)s) declined to sign “%(title)s”.",
            name=signature.name,
            address=signature.email_address,
            title=request.title,
        )
        subject = _("%(name)s declined to sign", name=signature.name)
        tell_sender(tx, request, Words(subject, (first, _over()), signature.decline_reason or ""), kit)
    _tell_who_signed_of_the_refusal(tx, whole, signature, kit)


def _tell_who_signed_of_the_refusal(tx: WriteTx, whole: WholeRequest, refused: Signature, kit: Kit) -> None:
    """Who has signed waits for the finished document, and would for ever; the reason is for the sender alone."""
    request = whole.request
    for signature in whole.signatures:
        if signature.signed_at is None:
            continue
        with in_language_of(tx, request, signature):
            subject = _("Not completed: %(title)s", title=request.title)
            first = _(
                "%(name)s declined to sign “%(title)s” from %(sender)s. What you signed will not be completed.",
                name=refused.name,
                title=request.title,
                sender=request.sender,
            )
            tell_signer(tx, request, signature, Words(subject, (first, _("You need not do anything."))), kit)


def mail_expired(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell the sender that time ran out."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _("“%(title)s” expired before everyone had signed.", title=request.title)
        tell_sender(tx, request, Words(_("Your signature request expired"), (first, _over())), kit)


def mail_expired_to_signers(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell everybody who was asked that time ran out."""
    request = whole.request
    for signature in whole.signatures:
        if signature.invited_at is None:
            continue
        with in_language_of(tx, request, signature):
            first = _(
                "The time to sign “%(title)s” from %(sender)s is over. Not everybody had signed.",
                title=request.title,
                sender=request.sender,
            )
            paragraphs = (first, _what_expiry_means(signature))
            tell_signer(tx, request, signature, Words(_("Expired: %(title)s", title=request.title), paragraphs), kit)


def mail_cancelled(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell everybody who was asked to sign that they need not, and the sender that it is done."""
    request = whole.request
    for signature in whole.signatures:
        if signature.invited_at is None:
            continue
        with in_language_of(tx, request, signature):
            subject = _("Cancelled: %(title)s", title=request.title)
            first = _("%(sender)s cancelled “%(title)s”.", sender=request.sender, title=request.title)
            second = _("You need not do anything. The link you were sent no longer works.")
            tell_signer(tx, request, signature, Words(subject, (first, second)), kit)
    with in_language_of_sender(tx, request):
        done = _("“%(title)s” is cancelled. Who was asked to sign it has been told.", title=request.title)
        sent = Letter(
            to=request.requester_email,
            subject=cut(_("Cancelled: %(title)s", title=request.title)),
            paragraphs=(done,),
            facts=app_of(request),
            footnotes=why(request, kit),
        )
        send_letter(tx, sent, kit=kit)


def _over() -> str:
    return _("Nobody can sign this request any more. To go on, send a new one.")


def _what_expiry_means(signature: Signature) -> str:
    if signature.signed_at is not None:
        return _("What you signed will not be completed. You need not do anything.")
    return _("The link you were sent no longer lets you sign. If you still want to, ask the sender for a new one.")
