"""Record an event in the transaction of its fact, for everybody who wants to hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from paraph.kit import ids
from paraph.kit.errors import BadRequest

from .callbacks import check_switched_on, owned
from .event_types import CALLBACK_TEST, EVENT_TYPES
from .models import callbacks, deliveries, events
from .payload import payload_sha256, render_payload, signing_key
from .states import DROPPED, WAITING
from .waking import wake

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

SIGNING_PURPOSE = "events.signing_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whose callback is meant, and for whom the payload says it is.

    Exactly one of ``account_pk`` and ``app_pk``. ``hash_key`` is the plain primary API key of the account, or of the
    app's owner.
    """

    account_pk: int | None = None
    app_pk: int | None = None
    account_id: str | None = None
    client_id: str | None = None
    hash_key: str


def record_event(
    tx: WriteTx,
    *,
    event_type: str,
    body: Mapping[str, Any],
    audience: Sequence[Audience],
    message: str | None = None,
    related_signature_id: str | None = None,
    kit: Kit,
) -> None:
    """Render and store the event for each of ``audience`` that has a callback, and have it delivered.

    ``body`` is what the payload holds beside ``event`` (``{"signature_request": …}``), as it is at this moment.
    Raises ValueError for a type that is not the vendor's.
    """
    if event_type not in EVENT_TYPES:
        raise ValueError(f"{event_type} is not an event type of the vendor: SDKs would refuse it")
    for listener in audience:
        callback = tx.one_or_none(select(callbacks).where(owned(callbacks, listener.account_pk, listener.app_pk)))
        if callback is not None and callback.url is not None:
            payload = _render(listener, event_type, body, message, related_signature_id, kit)
            _store(tx, callback, listener, event_type, payload, kit)


def send_test(
    tx: WriteTx,
    *,
    account_pk: int | None = None,
    app_pk: int | None = None,
    account_id: str | None = None,
    client_id: str | None = None,
    hash_key: str,
    kit: Kit,
) -> None:
    """Send ``callback_test``; raises BadRequest when there is no callback URL."""
    callback = tx.one_or_none(select(callbacks).where(owned(callbacks, account_pk, app_pk)))
    if callback is None or callback.url is None:
        raise BadRequest("There is no callback URL to test.", path="callback_url")
    check_switched_on(callback)
    listener = Audience(
        account_pk=account_pk, app_pk=app_pk, account_id=account_id, client_id=client_id, hash_key=hash_key
    )
    record_event(tx, event_type=CALLBACK_TEST, body={}, audience=[listener], kit=kit)


def add_delivery(tx: WriteTx, event: Row[Any], *, is_replay: bool, is_off: bool = False, kit: Kit) -> str:
    """Have a stored event delivered, now, or kept while its callback ``is_off``; return the id of the delivery."""
    now = kit.clock.now()
    delivery_id = ids.short_id()
    values = {
        "delivery_id": delivery_id,
        "event_pk": event.id,
        "callback_pk": event.callback_pk,
        "account_pk": event.account_pk,
        "app_pk": event.app_pk,
        "state": DROPPED if is_off else WAITING,
        "is_replay": is_replay,
        "next_try_at": None if is_off else now,
        "finished_at": now if is_off else None,
        "created_at": now,
    }
    tx.insert(deliveries, values)
    if not is_off:
        wake(tx, event.callback_pk, now, kit)
    return delivery_id


def _render(
    listener: Audience,
    event_type: str,
    body: Mapping[str, Any],
    message: str | None,
    related_signature_id: str | None,
    kit: Kit,
) -> bytes:
    return render_payload(
        event_type=event_type,
        event_time=kit.clock.now(),
        hash_key=listener.hash_key,
        event_metadata={
            "related_signature_id": related_signature_id,
            "reported_for_account_id": listener.account_id,
            # SDKs take an event for an app's exactly when this is set
            "reported_for_app_id": listener.client_id if listener.app_pk is not None else None,
            "event_message": message,
        },
        envelope={"account_guid": listener.account_id, "client_id": listener.client_id},
        body=body,
    )


def _store(tx: WriteTx, callback: Row[Any], listener: Audience, event_type: str, payload: bytes, kit: Kit) -> None:
    values = {
        "callback_pk": callback.id,
        "account_pk": callback.account_pk,
        "app_pk": callback.app_pk,
        "event_type": event_type,
        "payload": payload,
        "payload_sha256": payload_sha256(payload),
        "signing_key": kit.keyring.seal(SIGNING_PURPOSE, signing_key(listener.hash_key)),
        "created_at": kit.clock.now(),
    }
    event_pk = tx.insert(events, values)
    event = tx.execute(select(events).where(events.c.id == event_pk)).one()
    add_delivery(tx, event, is_replay=False, is_off=callback.switched_off_at is not None, kit=kit)
