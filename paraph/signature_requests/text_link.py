"""Text a signer their link, beside the mail, when the sender gave a phone number for that; and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paraph.kit.errors import BadRequest
from paraph.kit.i18n import gettext as _
from paraph.kit.sms import TextMessage, provider_of, send_text_message

from . import audit
from .access import masked_number
from .letters import in_language_of, mail_undelivered
from .links import signing_link
from .queries import lock_whole

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .check import SendPlan
    from .shapes import Signature, WholeRequest

UNDELIVERED_JOB: Final = "signature_requests.text_refused"
TITLE_CHARACTERS: Final = 60
"""A text message is short, and each 70 characters more are paid for."""


def check_texting(plan: SendPlan, kit: Kit) -> None:
    """Raise BadRequest for a signer's phone number on a server that sends no text messages."""
    for place, signer in enumerate(plan.signers):
        if signer.access.phone_number is not None and provider_of(kit.settings) is None:
            path = f"signers[{place}].sms_phone_number"
            raise BadRequest(
                f"{path} cannot be used: this server sends no text messages. Leave it out, or ask the operator to "
                "set PARAPH_SMS_URL; nothing was sent.",
                path=path,
            )


def text_link(tx: WriteTx, whole: WholeRequest, signature: Signature, kit: Kit) -> dict[str, str]:
    """Text the link, if that was asked for; returns the fact for the evidence of the mail it goes with."""
    number = signature.sms_phone_number
    if number is None or signature.sms_phone_number_type != "delivery" or provider_of(kit.settings) is None:
        return {}
    request = whole.request
    with in_language_of(tx, request, signature):
        words = _(
            "%(sender)s asks you to sign “%(title)s”: %(link)s",
            sender=request.requester_name or request.requester_email,
            title=_short(request.title),
            link=signing_link(kit, signature),
        )
    message = TextMessage(
        to=number,
        text=words,
        refused_job=UNDELIVERED_JOB,
        refused_payload={"request_pk": request.id, "signature_id": signature.signature_id, "what": "link"},
    )
    send_text_message(tx, message, kit=kit)
    return {"texted_to": masked_number(number)}


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message to a signer that no gateway takes; ``what`` it held: ``code`` or ``link``."""

    request_pk: int
    signature_id: str
    what: str
    reason: str


def record_undelivered(tx: WriteTx, message: Undelivered, kit: Kit) -> None:
    """A gateway refused a message for good: evidence, and a mail to the sender, who can put the number right."""
    whole = lock_whole(tx, message.request_pk)
    signature = next((one for one in whole.signatures if one.signature_id == message.signature_id), None)
    if signature is None or signature.sms_phone_number is None:
        return  # passed on meanwhile
    target = masked_number(signature.sms_phone_number)
    about = {"what": message.what, "reason": message.reason}
    facts = {"signature": message.signature_id, "target": target, **about}
    audit.record(tx, message.request_pk, "text_refused", facts, kit=kit)
    mail_undelivered(tx, whole, signature, kit=kit)


def _short(title: str) -> str:
    return title if len(title) <= TITLE_CHARACTERS else f"{title[: TITLE_CHARACTERS - 1]}…"
