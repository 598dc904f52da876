"""Remind one signer by mail: not before an hour has passed since the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from paraph.kit.errors import BadRequest, Forbidden, ParaphError

from . import audit
from .announce import announce
from .asking_limit import check_may_ask
from .invite import is_stopped
from .letters import mail_reminder
from .lifecycle import OPEN_FOR_SIGNING, RequestState
from .models import signatures
from .queries import load_whole, lock_sent
from .text_link import text_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paraph.kit import Kit
    from paraph.kit.caller import Caller, Client
    from paraph.kit.db import WriteTx

    from .shapes import Signature, WholeRequest

PAUSE_SECONDS = 3600


class InvalidReminder(ParaphError):
    """400 ``invalid_reminder``: the request is over, the signer is not next, or was reminded just now."""

    default_name = "invalid_reminder"


def remind_signer(
    tx: WriteTx, caller: Caller, signature_request_id: str, email_address: str, name: str | None, *, kit: Kit
) -> WholeRequest:
    """Mail the signer their link again; ``name`` tells apart signers who share an address.

    Raises NotFound, BadRequest for somebody who is no signer, InvalidReminder, Forbidden for a suspended app,
    TooManyRequests for somebody who is asked too often.
    """
    whole = lock_sent(tx, caller, signature_request_id)
    if is_stopped(tx, whole.request):
        raise Forbidden("This app is suspended; nothing can be sent with it.")
    signature = _signer(whole, email_address, name)
    _check_open(whole, kit)
    _check_signer(whole, signature, kit)
    check_may_ask(tx, whole.request.account_pk, [signature.email_address], kit)
    mail_reminder(tx, whole, signature, kit=kit)
    facts = {"automatic": False, **audit.caller_facts(caller)}
    return record_reminder(tx, whole, signature, facts, kit=kit, client=caller.client)


def record_reminder(
    tx: WriteTx,
    whole: WholeRequest,
    signature: Signature,
    facts: Mapping[str, Any],
    *,
    kit: Kit,
    client: Client | None = None,
) -> WholeRequest:
    """Record that this signer was reminded now, and announce it; returns the request anew."""
    values = {"last_reminded_at": kit.clock.now()}
    tx.execute(update(signatures).where(signatures.c.id == signature.id).values(values))
    texted = text_link(tx, whole, signature, kit)
    about = {"signature": signature.signature_id, "sent_to": signature.email_address, **texted, **facts}
    audit.record(tx, whole.request.id, "reminded", about, kit=kit, client=client)
    whole = load_whole(tx, whole.request.id)
    announce(tx, whole, "signature_request_remind", related=whole.signatures[signature.position], kit=kit)
    return whole


def _check_open(whole: WholeRequest, kit: Kit) -> None:
    request = whole.request
    expired = request.expires_at is not None and request.expires_at <= kit.clock.now()
    if request.state is RequestState.EXPIRED or (request.state in OPEN_FOR_SIGNING and expired):
        raise InvalidReminder("This signature request has expired.", name="signature_request_expired")
    if request.state not in OPEN_FOR_SIGNING:
        raise InvalidReminder("This signature request is not waiting for signatures, so nobody can be reminded.")


def _signer(whole: WholeRequest, email_address: str, name: str | None) -> Signature:
    """The signer meant; of several with one address the one who is next."""
    found = [one for one in whole.signatures if one.email_address.casefold() == email_address.casefold()]
    if name is not None:
        found = [one for one in found if one.name.casefold() == " ".join(name.split()).casefold()]
    if not found:
        raise BadRequest(f"{email_address} is not a signer", path="email_address")
    return next((one for one in found if whole.lifecycle.is_turn_of(one.position)), found[0])


def _check_signer(whole: WholeRequest, signature: Signature, kit: Kit) -> None:
    if signature.signed_at is not None:
        raise InvalidReminder(f"{signature.email_address} has already signed.")
    if not whole.lifecycle.is_turn_of(signature.position):
        raise InvalidReminder(f"{signature.email_address} cannot sign yet: others come first.")
    last = signature.last_reminded_at
    if last is not None and kit.clock.now() - last < PAUSE_SECONDS:
        raise InvalidReminder(f"{signature.email_address} was reminded less than an hour ago. Try again later.")
