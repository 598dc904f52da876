"""Tell the sender what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.i18n import gettext as _
from paraph.kit.mail import Letter, send_letter

from .frame import Words, app_of, in_language_of_sender, tell_sender, why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests.shapes import Signature, WholeRequest


def mail_failed(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell the sender that the request could not be sent."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _(
            "“%(title)s” was not sent: one of its files cannot be used. Nobody was asked to sign.",
            title=request.title,
        )
        paragraphs = (first, request.error_message or "")
        tell_sender(tx, request, Words(_("Your signature request was not sent"), paragraphs), kit)


def mail_flattened(tx: WriteTx, whole: WholeRequest, names: Sequence[str], *, kit: Kit) -> None:
    """Tell the sender that files had been signed digitally before, and what became of that."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _(
            "“%(title)s” holds a file that had been signed digitally before: %(names)s.",
            title=request.title,
            names=", ".join(names),
        )
        second = _(
            "Those signatures stay visible, but can no longer be checked in the file that is signed now. Keep the "
            "original. If its signatures must stay valid, cancel this request."
        )
        subject = _("A file of %(title)s had been signed before", title=request.title)
        tell_sender(tx, request, Words(subject, (first, second)), kit)


def mail_bounced(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Tell the sender that the mail to a signer came back."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _(
            "The mail that asks %(name)s to sign “%(title)s” came back from %(address)s.",
            name=signature.name,
            title=request.title,
            address=signature.email_address,
        )
        second = _("Check the address. Cancel this request and send a new one to the right address.")
        subject = _("No mail reaches %(address)s", address=signature.email_address)
        tell_sender(tx, request, Words(subject, (first, second)), kit)


def mail_stopped(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell the sender that nothing was sent, because the app may send nothing any more."""
    request = whole.request
    with in_language_of_sender(tx, request):
        first = _(
            "“%(title)s” was not sent: the app it was made with has been suspended on this server.",
            title=request.title,
        )
        letter = Letter(
            to=request.requester_email,
            subject=_("Your signature request was not sent"),
            paragraphs=(first, _("Nobody was asked to sign. To go on, send it in another way.")),
            facts=app_of(request),
            footnotes=why(request, kit),
        )
        send_letter(tx, letter, kit=kit)
