"""The mails of this room: from whom, on whose behalf, through which app, what happens on click; one link each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from paraph.kit.i18n import gettext as _
from paraph.kit.mail import Letter, send_letter
from paraph.kit.templates import moment

from .links import COPY_LINK_DAYS, DAY_SECONDS, file_link, signing_link

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .shapes import Signature, SignatureRequest, WholeRequest

BOUNCE_JOB = "signature_requests.bounced"
MAILED_JOB = "signature_requests.mailed"
SUBJECT_CHARACTERS = 200
TEST_NOTE = "This is a test. What you sign here is not legally binding."


@dataclass(frozen=True, slots=True)
class _Asking:
    """How a person is asked to sign; ``what`` this mail is goes into the evidence."""

    what: Literal["invitation", "reminder", "expiry_reminder"]
    subject: str
    opening: str


def mail_invitation(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Ask one person to sign: the only mail with their link, until they are reminded."""
    request = whole.request
    subject = request.subject or f"{_called(request)} asks you to sign {request.title}"
    opening = f"{request.sender} asks you to sign “{request.title}”."
    _ask(tx, request, signature, _Asking("invitation", subject, opening), kit)


def mail_reminder(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Remind one person who was asked before."""
    request = whole.request
    opening = f"{request.sender} reminds you: “{request.title}” is waiting for your signature."
    asking = _Asking("reminder", f"Reminder: please sign {request.title}", opening)
    _ask(tx, request, signature, asking, kit)


def mail_expiry_reminder(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Remind one person that the time to sign runs out."""
    request = whole.request
    until = moment(request.expires_at)
    subject = _("Until %(date)s: please sign %(title)s", date=until, title=request.title)
    opening = _(
        "“%(title)s” from %(sender)s is still waiting for your signature. It can be signed until %(date)s.",
        title=request.title,
        sender=request.sender,
        date=until,
    )
    _ask(tx, request, signature, _Asking("expiry_reminder", subject, opening), kit)


def mail_copies(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Send everybody a link to the sealed file: the sender, who signed, and the copied addresses, each once."""
    request = whole.request
    recipients = {request.requester_email.casefold(): request.requester_email}
    for address in [*(one.email_address for one in whole.signatures), *request.cc_email_addresses]:
        recipients.setdefault(address.casefold(), address)
    link = file_link(kit, request.signature_request_id, expires_at=kit.clock.now() + COPY_LINK_DAYS * DAY_SECONDS)
    names = ", ".join(signature.name for signature in whole.signatures)
    for address in recipients.values():
        letter = Letter(
            to=address,
            subject=_cut(f"Signed by everyone: {request.title}"),
            paragraphs=(
                f"“{request.title}” from {request.sender} was signed by {names}.",
                "The file is sealed: any later change shows. Its last pages say who signed, when and how.",
                *_test(request),
            ),
            facts=(*_app(request), ("SHA-256 of the file", request.file_sha256 or "")),
            button="Download the signed document",
            link=link,
            after=(f"The link works for {COPY_LINK_DAYS} days, for anybody who has it. Keep a copy of the file.",),
            footnotes=_why(request, kit),
        )
        send_letter(tx, letter, kit=kit)


def mail_declined(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Tell the sender that somebody declined, and why."""
    paragraphs = (
        f"{signature.name} ({signature.email_address}) declined to sign “{whole.request.title}”.",
        "Nobody can sign this request any more. To go on, send a new one.",
    )
    _tell_sender(
        tx, whole.request, f"{signature.name} declined to sign", paragraphs, kit, quote=signature.decline_reason or ""
    )
    _tell_who_signed_of_the_refusal(tx, whole, signature, kit)


def _tell_who_signed_of_the_refusal(tx: WriteTx, whole: WholeRequest, refused: Signature, kit: Kit) -> None:
    """Who has signed waits for the finished document, and would for ever; the reason is for the sender alone."""
    request = whole.request
    for signature in whole.signatures:
        if signature.signed_at is None:
            continue
        subject = _("Not completed: %(title)s", title=request.title)
        first = _(
            "%(name)s declined to sign “%(title)s” from %(sender)s. What you signed will not be completed.",
            name=refused.name,
            title=request.title,
            sender=request.sender,
        )
        _tell_signer(tx, request, signature, subject, (first, _("You need not do anything.")), kit)


def mail_failed(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell the sender that the request could not be sent."""
    paragraphs = (
        f"“{whole.request.title}” was not sent: one of its files cannot be used. Nobody was asked to sign.",
        whole.request.error_message or "",
    )
    _tell_sender(tx, whole.request, "Your signature request was not sent", paragraphs, kit)


def mail_bounced(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Tell the sender that the mail to a signer came back."""
    paragraphs = (
        f"The mail that asks {signature.name} to sign “{whole.request.title}” came back from "
        f"{signature.email_address}.",
        "Check the address. Cancel this request and send a new one to the right address.",
    )
    _tell_sender(tx, whole.request, f"No mail reaches {signature.email_address}", paragraphs, kit)


def mail_expired(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell the sender that time ran out."""
    paragraphs = (
        f"“{whole.request.title}” expired before everyone had signed.",
        "Nobody can sign this request any more. To go on, send a new one.",
    )
    _tell_sender(tx, whole.request, "Your signature request expired", paragraphs, kit)


def mail_expired_to_signers(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell everybody who was asked that time ran out."""
    request = whole.request
    for signature in whole.signatures:
        if signature.invited_at is None:
            continue
        subject = _("Expired: %(title)s", title=request.title)
        first = _(
            "The time to sign “%(title)s” from %(sender)s is over. Not everybody had signed.",
            title=request.title,
            sender=request.sender,
        )
        second = (
            _("What you signed will not be completed. You need not do anything.")
            if signature.signed_at is not None
            else _(
                "The link you were sent no longer lets you sign. If you still want to, ask the sender for a new one."
            )
        )
        _tell_signer(tx, request, signature, subject, (first, second), kit)


def mail_stopped(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell the sender that nothing was sent, because the app may send nothing any more."""
    paragraphs = (
        f"“{whole.request.title}” was not sent: the app it was made with has been suspended on this server.",
        "Nobody was asked to sign. To go on, send it in another way.",
    )
    letter = Letter(
        to=whole.request.requester_email,
        subject="Your signature request was not sent",
        paragraphs=paragraphs,
        facts=_app(whole.request),
        footnotes=_why(whole.request, kit),
    )
    send_letter(tx, letter, kit=kit)


def mail_cancelled(tx: WriteTx, whole: WholeRequest, *, kit: Kit) -> None:
    """Tell everybody who was asked to sign that they need not, and the sender that it is done."""
    request = whole.request
    for signature in whole.signatures:
        if signature.invited_at is None:
            continue
        letter = Letter(
            to=signature.email_address,
            subject=_cut(f"Cancelled: {request.title}"),
            paragraphs=(
                f"{request.sender} cancelled “{request.title}”.",
                "You need not do anything. The link you were sent no longer works.",
            ),
            facts=_app(request),
            footnotes=_why(request, kit),
        )
        send_letter(tx, letter, kit=kit)
    sent = Letter(
        to=request.requester_email,
        subject=_cut(f"Cancelled: {request.title}"),
        paragraphs=(f"“{request.title}” is cancelled. Who was asked to sign it has been told.",),
        facts=_app(request),
        footnotes=_why(request, kit),
    )
    send_letter(tx, sent, kit=kit)


def _ask(tx: WriteTx, request: SignatureRequest, signature: Signature, asking: _Asking, kit: Kit) -> None:
    until = f" The link works until {moment(request.expires_at)}." if request.expires_at else ""
    decline = " You can also decline there." if request.allow_decline else ""
    letter = Letter(
        to=signature.email_address,
        subject=_cut(asking.subject),
        paragraphs=(f"Hello {signature.name},", asking.opening, *_test(request)),
        facts=_app(request),
        quote=request.message or "",
        button="Review and sign",
        link=signing_link(kit, signature),
        after=(
            f"The button opens the document in your browser. Nothing is signed until you say so.{decline}{until}",
            "The link is yours alone: do not pass this mail on.",
        ),
        footnotes=(
            *_why(request, kit),
            "You do not know the sender, or this looks wrong? Open the link and choose “Report this sender”.",
        ),
        refused_job=BOUNCE_JOB,
        refused_payload={"request_pk": request.id, "signature_id": signature.signature_id},
        accepted_job=MAILED_JOB,
        accepted_payload={
            "request_pk": request.id,
            "signature_id": signature.signature_id,
            "sent_to": signature.email_address,
            "what": asking.what,
        },
    )
    send_letter(tx, letter, kit=kit)


def _tell_sender(
    tx: WriteTx, request: SignatureRequest, subject: str, paragraphs: tuple[str, ...], kit: Kit, *, quote: str = ""
) -> None:
    letter = Letter(
        to=request.requester_email,
        subject=_cut(subject),
        paragraphs=paragraphs,
        facts=_app(request),
        quote=quote,
        button="Open the request",
        link=f"{kit.settings.public_url}/requests/{request.signature_request_id}",
        footnotes=_why(request, kit),
    )
    send_letter(tx, letter, kit=kit)


def _tell_signer(
    tx: WriteTx, request: SignatureRequest, signature: Signature, subject: str, paragraphs: tuple[str, ...], kit: Kit
) -> None:
    letter = Letter(
        to=signature.email_address,
        subject=_cut(subject),
        paragraphs=paragraphs,
        facts=_app(request),
        footnotes=_why(request, kit),
    )
    send_letter(tx, letter, kit=kit)


def _called(request: SignatureRequest) -> str:
    return request.requester_name or request.requester_email


def _app(request: SignatureRequest) -> tuple[tuple[str, str], ...]:
    return (("Sent through the app", request.app_name),) if request.app_name else ()


def _test(request: SignatureRequest) -> tuple[str, ...]:
    return (TEST_NOTE,) if request.test_mode else ()


def _why(request: SignatureRequest, kit: Kit) -> tuple[str, ...]:
    through = f" through the app {request.app_name}" if request.app_name else ""
    contact = kit.settings.operator_contact
    run_by = (f"This server is run by {contact}.",) if contact else ()
    return (f"You get this mail because {request.sender} sent “{request.title}”{through} for signature.", *run_by)


def _cut(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_CHARACTERS else f"{subject[: SUBJECT_CHARACTERS - 1]}…"
