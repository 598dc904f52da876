"""Hand text messages to the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from paraph.kit.db import delete_some
from paraph.kit.outbound import OutboundFailed, OutboundRefused
from paraph.kit.queue import WaitsFor, job
from paraph.kit.sms_template import read_template

from .models import text_messages
from .send import DELIVER_JOB, SEAL_PURPOSE

if TYPE_CHECKING:
    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

TIMEOUT_SECONDS = 20.0
REFUSED = frozenset({400, 404, 410, 422})
"""About this number or text. Anything else (our credentials, their limits, their trouble) may be put right."""
KEPT_SECONDS = 90 * 86_400


@job(DELIVER_JOB)
async def deliver(payload: dict[str, Any], kit: Kit) -> None:
    """Send one message; a refusal for good is recorded and reported, a gateway that is gone is waited for.

    What expires meanwhile counts as refused."""
    columns = text_messages.c
    which = columns.id == payload["message_id"]
    row = await kit.db.read(lambda tx: tx.one_or_none(select(text_messages).where(which)))
    if row is None or row.sent_at is not None or row.refused_at is not None:
        return
    if row.expires_at is not None and row.expires_at <= kit.clock.now():
        await kit.db.write(lambda tx: _refused(tx, row, "it was not sent in time", kit))
        return
    reason = await _send(row, kit)
    if reason is not None:
        await kit.db.write(lambda tx: _refused(tx, row, reason, kit))
        return
    done = update(text_messages).where(which).values(sent_at=kit.clock.now(), body=None)
    await kit.db.write(lambda tx: tx.changed(done))


def sweep_text_messages(tx: WriteTx, now: int) -> int:
    """Drop a batch of messages older than 90 days; return how many."""
    return delete_some(tx, text_messages, text_messages.c.created_at < now - KEPT_SECONDS)


async def _send(row: Row[Any], kit: Kit) -> str | None:
    """Return None when the gateway took it, the reason when it never will; raises to be tried again."""
    settings = kit.settings
    template = read_template(settings.sms_body)
    body = template.fill(row.recipient, kit.keyring.unseal(SEAL_PURPOSE, row.body).decode())
    name, _, value = settings.sms_header.partition(":")
    headers = {"Content-Type": template.media_type} | ({name.strip(): value.strip()} if name else {})
    try:
        answer = await kit.outbound.post(settings.sms_url, body, headers, seconds=TIMEOUT_SECONDS)
    except (OutboundFailed, OutboundRefused) as error:
        raise WaitsFor("text_gateway", str(error)) from error
    if 200 <= answer.status < 300:
        return None
    # the answer's text is not kept: gateways like to repeat what they were sent
    if answer.status in REFUSED:
        return f"the gateway answered {answer.status}"
    raise WaitsFor("text_gateway", f"the gateway answered {answer.status}")


def _refused(tx: WriteTx, row: Row[Any], reason: str, kit: Kit) -> None:
    fresh = (text_messages.c.id == row.id) & text_messages.c.refused_at.is_(None)
    values = {"refused_at": kit.clock.now(), "refusal": reason, "body": None}
    if tx.changed(update(text_messages).where(fresh).values(values)) and row.refused_job:
        kit.queue.enqueue(tx, row.refused_job["name"], **row.refused_job["payload"], reason=reason)
