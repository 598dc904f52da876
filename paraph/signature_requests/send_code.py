"""Send a signer the one-time code that proves they hold the phone the sender named (T6)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, Literal

from paraph.kit.db import upsert
from paraph.kit.i18n import gettext as _
from paraph.kit.limits import count
from paraph.kit.sms import TextMessage, provider_of, send_text_message

from . import audit
from .access import check_row, target_of
from .access_models import signer_checks
from .text_link import UNDELIVERED_JOB
from .try_code import code_hash

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

    from .signer_view import SignerView

DIGITS: Final = 6
CODE_SECONDS: Final = 600
PAUSE_SECONDS: Final = 60
HOUR_SECONDS, DAY_SECONDS = 3600, 86_400
CODES_AN_HOUR: Final = 5
CODES_A_DAY: Final = 20
"""To one phone, whoever asks: each costs the operator money and the owner of the phone patience."""

Sent = Literal["sent", "wait", "too_many", "locked", "impossible"]


def text_code(tx: WriteTx, view: SignerView, client: Client, kit: Kit) -> Sent:
    """Send a fresh code, which takes the place of the one before; wrong tries stay counted.

    ``view`` comes from ``lock_for_signer`` in this very transaction. ``wait``: one left a moment ago;
    ``impossible``: this server has no way to send text messages any more.
    """
    own, now = view.signature, kit.clock.now()
    row = check_row(tx, own.id, "sms_code")
    if row is not None and row.locked_until is not None and row.locked_until > now:
        return "locked"
    if row is not None and row.code_sent_at is not None and now - row.code_sent_at < PAUSE_SECONDS:
        return "wait"
    if own.sms_phone_number is None or provider_of(kit.settings) is None:
        return "impossible"
    if _is_too_many(tx, own.sms_phone_number, now, kit):
        return "too_many"
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    changes = {
        "code_hash": code_hash(kit, own.signature_id, code),
        "code_sent_at": now,
        "code_expires_at": now + CODE_SECONDS,
    }
    fresh = {"signature_pk": own.id, "method": "sms_code", "account_pk": own.account_pk, **changes}
    upsert(tx, signer_checks, fresh, unique=("signature_pk", "method"), changes=changes)
    _text(tx, view, code, now, kit)
    facts = {"signature": own.signature_id, "method": "sms_code", "target": target_of(own, "sms_code")}
    audit.record(tx, view.request.id, "code_sent", facts, kit=kit, client=client)
    return "sent"


def _is_too_many(tx: WriteTx, number: str, now: int, kit: Kit) -> bool:
    # counters are kept in plain; whose phone rang how often is nobody's business
    key = f"sms:{kit.keyring.keyed_hash('sms-limit', number).hex()}"
    an_hour = count(tx, f"{key}:h", now, HOUR_SECONDS)
    return count(tx, f"{key}:d", now, DAY_SECONDS) > CODES_A_DAY or an_hour > CODES_AN_HOUR


def _text(tx: WriteTx, view: SignerView, code: str, now: int, kit: Kit) -> None:
    own = view.signature
    words = _(
        "%(code)s is your code to open a document from %(sender)s. It is good for 10 minutes. Tell it to nobody.",
        code=code,
        sender=view.sender_name or view.sender_address,
    )
    message = TextMessage(
        to=own.sms_phone_number or "",
        text=words,
        expires_at=now + CODE_SECONDS,
        refused_job=UNDELIVERED_JOB,
        refused_payload={"request_pk": view.request.id, "signature_id": own.signature_id, "what": "code"},
    )
    send_text_message(tx, message, kit=kit)
