"""The pages that only say how things stand, one for every state in which there is nothing to sign. Pure words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


UNKNOWN_LINK = Notice(
    "",
    "",
    "This link does not lead to a document",
    (
        "Open the newest mail about this document and press its button. Links in older mails may have been replaced.",
        "If that does not help, ask the person who wants your signature to send the request again.",
    ),
)
LINK_IS_IN_THE_MAIL = Notice(
    "",
    "",
    "Open the link in your mail",
    (
        "For your safety, a document opens only with the personal link that was mailed to the person who signs it.",
        "Look for that mail, also in the spam folder, and press its button.",
    ),
)
REPORTED = Notice(
    "Reported",
    "done",
    "Thank you, your report was sent",
    ("The people who run this server read it. The sender does not see it.",),
)


def notice_for(view: SignerView) -> Notice:
    """Return what to tell a signer who cannot sign now; not for ``your_turn``."""
    return _NOTICES[view.standing](view)


def _signed(view: SignerView) -> Notice:
    request = view.request
    if view.file_is_ready:
        return Notice(
            "Complete", "done", "Everyone has signed", ("Here is the finished document, sealed and with proof.",)
        )
    if request.state is RequestState.COMPLETE:
        text = "Everyone has signed. The finished document is being sealed now, and is then mailed to you."
        return Notice("Signed", "done", "Thank you, you have signed", (text,))
    if request.state in _ENDINGS:
        text = f"{_ENDINGS[request.state]} The document will not be completed."
        return Notice("Ended", "", "You signed, but the request ended", (text,))
    waiting = sum(not other.has_signed for other in view.others)
    people = "One more person has" if waiting == 1 else f"{waiting} more people have"
    text = f"{people} yet to sign. When everyone has signed, the finished document is mailed to you."
    return Notice("Signed", "done", "Thank you, you have signed", (text, "You can close this page."))


_ENDINGS = {
    RequestState.DECLINED: "Somebody else declined to sign.",
    RequestState.CANCELLED: "The sender cancelled the request.",
    RequestState.EXPIRED: "Time ran out before everyone had signed.",
}


def _not_your_turn(_view: SignerView) -> Notice:
    text = "Somebody else signs first. You get a mail as soon as it is your turn."
    return Notice("Waiting", "active", "It is not your turn yet", (text,))


def _declined_by_you(view: SignerView) -> Notice:
    told = f"{_sender(view)} has been told, with your reason."
    return Notice(
        "Declined", "", "You declined to sign", (told, "There is nothing more to do. You can close this page.")
    )


def _declined(view: SignerView) -> Notice:
    text = f"Somebody else declined to sign, so the request ended. Ask {_sender(view)} if you have questions."
    return Notice("Ended", "", "This request has ended", (text,))


def _cancelled(view: SignerView) -> Notice:
    text = f"{_sender(view)} cancelled this request. There is nothing for you to do."
    return Notice("Cancelled", "", "This request was cancelled", (text,))


def _expired(view: SignerView) -> Notice:
    text = f"The time to sign ran out. If the document is still needed, ask {_sender(view)} to send it again."
    return Notice("Expired", "", "This request has expired", (text,))


def _not_sent(view: SignerView) -> Notice:
    if view.request.state is RequestState.FAILED:
        text = f"The file could not be read, so there is nothing to sign. {_sender(view)} has been told."
        return Notice("Problem", "danger", "Something is wrong with this document", (text,))
    text = "The document is being prepared. Wait a moment, then load this page again."
    return Notice("Almost ready", "active", "The document is not ready yet", (text,))


def _complete(_view: SignerView) -> Notice:
    return Notice("Complete", "done", "This document is complete", ("There is nothing more to sign.",))


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
    "complete": _complete,
}
