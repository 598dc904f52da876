"""What goes over the wire: the event's JSON, its hash, our signature, the multipart body. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNING_LABEL = b"paraph callback signature v1"


def event_hash(api_key: str, event_time: str, event_type: str) -> str:
    """Return the vendor's ``event_hash``: hex HMAC-SHA-256 of time and type, keyed with the primary API key."""
    return hmac.digest(api_key.encode(), f"{event_time}{event_type}".encode(), "sha256").hex()


def render_payload(
    *,
    event_type: str,
    event_time: int,
    hash_key: str,
    event_metadata: Mapping[str, str | None],
    envelope: Mapping[str, str | None],
    body: Mapping[str, Any],
) -> bytes:
    """Return the JSON of an event (behaviour sheet, E.3), in ASCII: receivers guess the charset of form fields.

    ``envelope`` holds ``account_guid`` and ``client_id``; those that are None, or that ``body`` brings, give way.
    """
    time_text = str(event_time)
    event = {
        "event_time": time_text,
        "event_type": event_type,
        "event_hash": event_hash(hash_key, time_text, event_type),
        "event_metadata": dict(event_metadata),
    }
    whole = {"event": event} | {key: value for key, value in {**envelope, **body}.items() if value is not None}
    return json.dumps(whole, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def signing_key(api_key: str) -> bytes:
    """Return the key of the signature header. One way: who holds it cannot use the API."""
    return hmac.digest(api_key.encode(), SIGNING_LABEL, "sha256")


def signature_header(key: bytes, *, now: int, delivery_id: str, payload: bytes) -> str:
    """Return the value of ``X-Paraph-Signature`` (T35): time, delivery, and the MAC over both and the whole JSON."""
    mac = hmac.digest(key, f"{now}.{delivery_id}.".encode() + payload, "sha256").hex()
    return f"t={now},id={delivery_id},v1={mac}"


def multipart_body(payload: bytes, delivery_id: str) -> tuple[str, bytes]:
    """Return content type and body of the form with its one field ``json``.

    The boundary is the delivery's random id, which no payload can hold: the same bytes at each try.
    """
    boundary = f"paraph-{delivery_id}"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="json"\r\n\r\n'.encode()
    return f"multipart/form-data; boundary={boundary}", head + payload + f"\r\n--{boundary}--\r\n".encode()


def payload_sha256(payload: bytes) -> str:
    """Return the hexadecimal SHA-256 of the payload."""
    return hashlib.sha256(payload).hexdigest()
