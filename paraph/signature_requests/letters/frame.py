"""What every mail of this room has in common: the reader's language, the app, the reason for the mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.accounts import load_account
from paraph.kit.i18n import find_language, negotiate, speaking
from paraph.kit.i18n import gettext as _
from paraph.kit.mail import Letter, send_letter

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.i18n import Translator
    from paraph.signature_requests.shapes import Signature, SignatureRequest

SUBJECT_CHARACTERS = 200


def in_language_of_sender(tx: ReadTx, request: SignatureRequest) -> AbstractContextManager[Translator]:
    """Speak the language of the sender's account."""
    return speaking(load_account(tx, request.account_pk).locale)


def in_language_of(tx: ReadTx, request: SignatureRequest, signature: Signature) -> AbstractContextManager[Translator]:
    """Speak the language that this person signed or agreed in; before that the sender's is the best guess."""
    for known in (signature.signing, signature.consent):
        code = str((known or {}).get("locale") or "")
        if code:
            return speaking(find_language(code) or negotiate(code))
    return in_language_of_sender(tx, request)


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says; ``quote`` holds words of another person."""

    subject: str
    paragraphs: tuple[str, ...]
    quote: str = ""


def tell_signer(tx: WriteTx, request: SignatureRequest, signature: Signature, words: Words, kit: Kit) -> None:
    """Send a mail that only says something to a signer."""
    letter = Letter(
        to=signature.email_address,
        subject=cut(words.subject),
        paragraphs=words.paragraphs,
        facts=app_of(request),
        footnotes=why(request, kit),
    )
    send_letter(tx, letter, kit=kit)


def tell_sender(tx: WriteTx, request: SignatureRequest, words: Words, kit: Kit) -> None:
    """Send the sender a mail that leads to the request."""
    letter = Letter(
        to=request.requester_email,
        subject=cut(words.subject),
        paragraphs=words.paragraphs,
        facts=app_of(request),
        quote=words.quote,
        button=_("Open the request"),
        link=f"{kit.settings.public_url}/requests/{request.signature_request_id}",
        footnotes=why(request, kit),
    )
    send_letter(tx, letter, kit=kit)


def called(request: SignatureRequest) -> str:
    """The sender's name, or the address of one who gave none."""
    return request.requester_name or request.requester_email


def app_of(request: SignatureRequest) -> tuple[tuple[str, str], ...]:
    """The line that names the app, if the request was sent through one."""
    return ((_("Sent through the app"), request.app_name),) if request.app_name else ()


def test_note(request: SignatureRequest) -> tuple[str, ...]:
    """The warning that a test binds nobody."""
    return (_("This is a test. What you sign here is not legally binding."),) if request.test_mode else ()


def why(request: SignatureRequest, kit: Kit) -> tuple[str, ...]:
    """Why this mail came, and who runs the server that sent it."""
    if request.app_name:
        reason = _(
            "You get this mail because %(sender)s sent “%(title)s” through the app %(app)s for signature.",
            sender=request.sender,
            title=request.title,
            app=request.app_name,
        )
    else:
        reason = _(
            "You get this mail because %(sender)s sent “%(title)s” for signature.",
            sender=request.sender,
            title=request.title,
        )
    contact = kit.settings.operator_contact
    return (reason, _("This server is run by %(operator)s.", operator=contact)) if contact else (reason,)


def cut(subject: str) -> str:
    """A subject of a length that mail readers show."""
    return subject if len(subject) <= SUBJECT_CHARACTERS else f"{subject[: SUBJECT_CHARACTERS - 1]}…"
