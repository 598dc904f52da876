"""Ask people to sign, and remind them: the only mails that carry their link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from paraph.kit.i18n import gettext as _
from paraph.kit.mail import Letter, send_letter
from paraph.kit.templates import moment
from paraph.signature_requests.links import signing_link

from .frame import app_of, called, cut, in_language_of, test_note, why

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests.shapes import Signature, SignatureRequest, WholeRequest

BOUNCE_JOB = "signature_requests.bounced"
MAILED_JOB = "signature_requests.mailed"


@dataclass(frozen=True, slots=True)
class _Asking:
    """How a person is asked to sign; ``what`` this mail is goes into the evidence."""

    what: Literal["invitation", "reminder", "expiry_reminder"]
    subject: str
    opening: str


def mail_invitation(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Ask one person to sign: the only mail with their link, until they are reminded."""
    request = whole.request
    with in_language_of(tx, request, signature):
        asks = _("%(sender)s asks you to sign %(title)s", sender=called(request), title=request.title)
        opening = _("%(sender)s asks you to sign “%(title)s”.", sender=request.sender, title=request.title)
        _ask(tx, request, signature, _Asking("invitation", request.subject or asks, opening), kit)


def mail_reminder(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Remind one person who was asked before."""
    request = whole.request
    with in_language_of(tx, request, signature):
        subject = _("Reminder: please sign %(title)s", title=request.title)
        opening = _(
            "%(sender)s reminds you: “%(title)s” is waiting for your signature.",
            sender=request.sender,
            title=request.title,
        )
        _ask(tx, request, signature, _Asking("reminder", subject, opening), kit)


def mail_expiry_reminder(tx: WriteTx, whole: WholeRequest, signature: Signature, *, kit: Kit) -> None:
    """Remind one person that the time to sign runs out."""
    request = whole.request
    with in_language_of(tx, request, signature):
        until = moment(request.expires_at)
        subject = _("Until %(date)s: please sign %(title)s", date=until, title=request.title)
        opening = _(
            "“%(title)s” from %(sender)s is still waiting for your signature. It can be signed until %(date)s.",
            title=request.title,
            sender=request.sender,
            date=until,
        )
        _ask(tx, request, signature, _Asking("expiry_reminder", subject, opening), kit)


def _ask(tx: WriteTx, request: SignatureRequest, signature: Signature, asking: _Asking, kit: Kit) -> None:
    letter = Letter(
        to=signature.email_address,
        subject=cut(asking.subject),
        paragraphs=(
            _("Hello %(name)s,", name=signature.name),
            asking.opening,
            *_passed_on(signature),
            *_code_needed(request, signature),
            *test_note(request),
        ),
        facts=app_of(request),
        quote=request.message or "",
        button=_("Review and sign"),
        link=signing_link(kit, signature),
        after=(_what_happens(request), _("The link is yours alone: do not pass this mail on.")),
        footnotes=(
            *why(request, kit),
            _("You do not know the sender, or this looks wrong? Open the link and choose “Report this sender”."),
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


def _what_happens(request: SignatureRequest) -> str:
    sentences = [_("The button opens the document in your browser. Nothing is signed until you say so.")]
    if request.allow_decline:
        sentences.append(_("You can also decline there."))
    if request.expires_at:
        sentences.append(_("The link works until %(date)s.", date=moment(request.expires_at)))
    return " ".join(sentences)


def _passed_on(signature: Signature) -> tuple[str, ...]:
    if signature.reassigned_by is None:
        return ()
    return (_("%(address)s was asked first and named you to sign instead.", address=signature.reassigned_by),)


def _code_needed(request: SignatureRequest, signature: Signature) -> tuple[str, ...]:
    if not signature.has_pin:
        return ()
    return (
        _("The document opens with an access code. If you do not have it, ask %(sender)s.", sender=called(request)),
    )
