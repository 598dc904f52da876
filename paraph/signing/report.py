"""Report a sender to whoever runs the server (T15). The sender does not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email

from paraph.kit.errors import TooManyRequests
from paraph.kit.i18n import gettext as _
from paraph.kit.limits import count
from paraph.kit.mail import Letter, send_letter
from paraph.signature_requests import load_for_signer

from .decline import checked_reason
from .models import abuse_reports

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx
    from paraph.signature_requests import SignerView

REPORTS_A_DAY = 5
DAY_SECONDS = 86_400


def report_sender(tx: WriteTx, token: str, reason: str, client: Client, *, kit: Kit) -> None:
    """Store the report, and mail it when the operator's contact is an address; raises NotYet, TooManyRequests."""
    view = load_for_signer(tx, token, kit)
    reason = checked_reason(reason)
    now, signature = kit.clock.now(), view.signature
    if count(tx, f"report:{signature.signature_id}", now, DAY_SECONDS) > REPORTS_A_DAY:
        raise TooManyRequests(_("You have already sent several reports today. They are being read."))
    values = {
        "account_pk": view.request.account_pk,
        "request_pk": view.request.id,
        "signature_pk": signature.id,
        "signature_request_id": view.request.signature_request_id,
        "sender": view.request.sender,
        "app": _app(view),
        "reason": reason,
        "address": client.address,
        "reported_at": now,
    }
    tx.insert(abuse_reports, values)
    contact = _address(kit.settings.operator_contact)
    if contact:
        send_letter(tx, _letter(view, contact, reason), kit=kit)


def _letter(view: SignerView, contact: str, reason: str) -> Letter:
    request = view.request
    return Letter(
        to=contact,
        subject="A signer reported a sender",
        paragraphs=("A person who was asked to sign a document reported the sender.",),
        facts=(
            ("Sender", request.sender),
            ("App", _app(view) or "none"),
            ("Signature request", request.signature_request_id),
            ("Reported by", view.signature.email_address),
        ),
        quote=reason,
        footnotes=("You get this mail because you run this Paraph server. The sender was not told.",),
    )


def _app(view: SignerView) -> str:
    return f"{view.app_name} ({view.client_id})" if view.app_name else ""


def _address(contact: str) -> str:
    try:
        return validate_email(contact, check_deliverability=False).normalized
    except EmailNotValidError:
        return ""
