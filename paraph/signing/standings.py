"""The pages that only say how things stand, one for every state in which there is nothing to sign. Pure words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.kit.i18n import N_, ngettext
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import RequestState

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.signature_requests import SignerView


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page says: a word of state with its tone (``done``, ``danger``, ``active`` or none), and sentences."""

    chip: str
    tone: str
    heading: str
    sentences: tuple[str, ...]


def unknown_link() -> Notice:
    """For every address that is not a signing link."""
    return Notice(
        "",
        "",
        _("This link does not lead to a document"),
        (
            _(
                "Open the newest mail about this document and press its button. Links in older mails may have been "
                "replaced."
            ),
            _("If that does not help, ask the person who wants your signature to send the request again."),
        ),
    )


def link_is_in_the_mail() -> Notice:
    """For who comes with the number of a request instead of a link."""
    return Notice(
        "",
        "",
        _("Open the link in your mail"),
        (
            _(
                "For your safety, a document opens only with the personal link that was mailed to the person who "
                "signs it."
            ),
            _("Look for that mail, also in the spam folder, and press its button."),
        ),
    )


def thanks_for_the_report() -> Notice:
    """After a sender was reported."""
    told = _("The people who run this server read it. The sender does not see it.")
    return Notice(_("Reported"), "done", _("Thank you, your report was sent"), (told,))


def passed_on() -> Notice:
    """What the link of somebody says who named another person to sign."""
    return Notice(
        _("Passed on"),
        "done",
        _("You passed this document on"),
        (
            _("The person you named was asked to sign instead, and the sender was told."),
            _("Your link shows nothing any more. You can close this page."),
        ),
    )


def notice_for(view: SignerView) -> Notice:
    """Return what to tell a signer who cannot sign now; not for ``your_turn``."""
    return _NOTICES[view.standing](view)


def _signed(view: SignerView) -> Notice:
    request = view.request
    if view.file_is_ready:
        here = _("Here is the finished document, sealed and with proof.")
        return Notice(_("Complete"), "done", _("Everyone has signed"), (here,))
    if request.files_deleted_at is not None:
        text = _("The files of this request are no longer kept here. Ask the sender for a copy.")
        return Notice(_("Ended"), "", _("Thank you, you have signed"), (text,))
    if request.state is RequestState.COMPLETE:
        text = _("Everyone has signed. The finished document is being sealed now, and is then mailed to you.")
        return Notice(_("Signed"), "done", _("Thank you, you have signed"), (text,))
    if request.state in _ENDINGS:
        text = _(_ENDINGS[request.state])
        return Notice(_("Ended"), "", _("You signed, but the request ended"), (text,))
    text = ngettext(
        "One more person has yet to sign. When everyone has signed, the finished document is mailed to you.",
        "%(num)s more people have yet to sign. When everyone has signed, the finished document is mailed to you.",
        sum(not other.has_signed for other in view.others),
    )
    return Notice(_("Signed"), "done", _("Thank you, you have signed"), (text, _("You can close this page.")))


_ENDINGS = {
    RequestState.DECLINED: N_("Somebody else declined to sign. The document will not be completed."),
    RequestState.CANCELLED: N_("The sender cancelled the request. The document will not be completed."),
    RequestState.EXPIRED: N_("Time ran out before everyone had signed. The document will not be completed."),
}


def _not_your_turn(_view: SignerView) -> Notice:
    text = _("Somebody else signs first. You get a mail as soon as it is your turn.")
    return Notice(_("Waiting"), "active", _("It is not your turn yet"), (text,))


def _declined_by_you(view: SignerView) -> Notice:
    told = _("%(sender)s has been told, with your reason.", sender=_sender(view))
    done = _("There is nothing more to do. You can close this page.")
    return Notice(_("Declined"), "", _("You declined to sign"), (told, done))


def _declined(view: SignerView) -> Notice:
    text = _(
        "Somebody else declined to sign, so the request ended. Ask %(sender)s if you have questions.",
        sender=_sender(view),
    )
    return Notice(_("Ended"), "", _("This request has ended"), (text,))


def _cancelled(view: SignerView) -> Notice:
    text = _("%(sender)s cancelled this request. There is nothing for you to do.", sender=_sender(view))
    return Notice(_("Cancelled"), "", _("This request was cancelled"), (text,))


def _expired(view: SignerView) -> Notice:
    text = _(
        "The time to sign ran out. If the document is still needed, ask %(sender)s to send it again.",
        sender=_sender(view),
    )
    return Notice(_("Expired"), "", _("This request has expired"), (text,))


def _not_sent(view: SignerView) -> Notice:
    if view.request.state is RequestState.FAILED:
        text = _(
            "The file could not be read, so there is nothing to sign. %(sender)s has been told.", sender=_sender(view)
        )
        return Notice(_("Problem"), "danger", _("Something is wrong with this document"), (text,))
    text = _("The document is being prepared. Wait a moment, then load this page again.")
    return Notice(_("Almost ready"), "active", _("The document is not ready yet"), (text,))


def _paused(_view: SignerView) -> Notice:
    told = _(
        "The people who run this server stopped the sender's account for now. Nothing can be signed until they "
        "decide."
    )
    later = _("You need do nothing. If the request goes on, the link in your mail opens it again.")
    return Notice("", "", _("This request is paused"), (told, later))


def _complete(_view: SignerView) -> Notice:
    nothing = _("There is nothing more to sign.")
    return Notice(_("Complete"), "done", _("This document is complete"), (nothing,))


def _sender(view: SignerView) -> str:
    return view.sender_name or view.sender_address


_NOTICES: dict[str, Callable[[SignerView], Notice]] = {
    "signed": _signed,
    "not_your_turn": _not_your_turn,
    "declined_by_you": _declined_by_you,
    "declined": _declined,
    "cancelled": _cancelled,
    "expired": _expired,
    "not_sent": _not_sent,
    "paused": _paused,
    "complete": _complete,
}
