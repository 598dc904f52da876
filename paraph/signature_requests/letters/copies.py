"""Send everybody the finished document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.i18n import gettext as _
from paraph.kit.i18n import ngettext, spoken
from paraph.kit.mail import Letter, send_letter
from paraph.signature_requests.access import methods_of
from paraph.signature_requests.links import COPY_LINK_DAYS, DAY_SECONDS, file_link, signing_link

from .frame import app_of, cut, in_language_of, in_language_of_sender, test_note, why

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests.shapes import WholeRequest


def mail_copies(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Send everybody a link to the sealed file: the sender, who signed, and the copied addresses, each once."""
    request = whole.request
    link = file_link(kit, request.signature_request_id, expires_at=kit.clock.now() + COPY_LINK_DAYS * DAY_SECONDS)
    told = {request.requester_email.casefold()}
    with in_language_of_sender(tx, request):
        _mail_copy(tx, whole, request.requester_email, link, kit)
    for signature in whole.signatures:
        if signature.email_address.casefold() in told:
            continue
        told.add(signature.email_address.casefold())
        with in_language_of(tx, request, signature):
            if methods_of(signature):  # who reads the mailbox is not who proved to be the signer
                _mail_copy(tx, whole, signature.email_address, signing_link(kit, signature), kit, behind_door=True)
            else:
                _mail_copy(tx, whole, signature.email_address, link, kit)
    with in_language_of_sender(tx, request):
        for address in request.cc_email_addresses:
            if address.casefold() not in told:
                told.add(address.casefold())
                _mail_copy(tx, whole, address, link, kit)


def _mail_copy(
    tx: WriteTx, whole: WholeRequest, address: str, link: str, kit: Kit, *, behind_door: bool = False
) -> None:
    request = whole.request
    names = spoken().listed([signature.name for signature in whole.signatures])
    signed = _(
        "“%(title)s” from %(sender)s was signed by %(names)s.",
        title=request.title,
        sender=request.sender,
        names=names,
    )
    lasts = (
        _("The link asks for your code once more. Keep a copy of the file.")
        if behind_door
        else ngettext(
            "The link works for one day, for anybody who has it. Keep a copy of the file.",
            "The link works for %(num)s days, for anybody who has it. Keep a copy of the file.",
            COPY_LINK_DAYS,
        )
    )
    letter = Letter(
        to=address,
        subject=cut(_("Signed by everyone: %(title)s", title=request.title)),
        paragraphs=(
            signed,
            _("The file is sealed: any later change shows. Its last pages say who signed, when and how."),
            *test_note(request),
        ),
        facts=(*app_of(request), (_("SHA-256 of the file"), request.file_sha256 or "")),
        button=_("Download the signed document"),
        link=link,
        after=(lasts,),
        footnotes=why(request, kit),
    )
    send_letter(tx, letter, kit=kit)
