"""One try: POST the event and judge the answer. No database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph import __version__
from paraph.kit.errors import BadRequest
from paraph.kit.outbound import Answer, OutboundFailed, OutboundRefused

from .callbacks import check_callback_url
from .payload import multipart_body, signature_header

if TYPE_CHECKING:
    from paraph.kit import Kit

ANSWER_SECONDS = 30
EXPECTED_STATUS = 200
EXPECTED_WORDS = b"Hello API Event Received"
ANSWER_CHARACTERS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery ready to go: where, what, and the key that signs it.

    ``had_failed``: the callback gave up events since it last took one.
    """

    delivery_pk: int
    delivery_id: str
    url: str
    payload: bytes
    signing_key: bytes
    had_failed: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went; ``error`` is None when the receiver took the event, else a sentence."""

    milliseconds: int
    status: int | None
    answer: str | None
    error: str | None


async def post_event(parcel: Parcel, kit: Kit) -> Outcome:
    """Try once, within 30 seconds. Never raises for anything the receiver or the network does."""
    started = time.perf_counter()
    content_type, body = multipart_body(parcel.payload, parcel.delivery_id)
    headers = {
        "Content-Type": content_type,
        "User-Agent": f"Paraph/{__version__} (callback)",
        "X-Paraph-Signature": signature_header(
            parcel.signing_key, now=kit.clock.now(), delivery_id=parcel.delivery_id, payload=parcel.payload
        ),
    }
    try:
        check_callback_url(parcel.url, kit)  # the settings may have changed since it was saved
        answer = await kit.outbound.post(parcel.url, body, headers, seconds=ANSWER_SECONDS)
    except BadRequest as error:
        return Outcome(_since(started), None, None, _sentence(error.detail or error.message))
    except (OutboundRefused, OutboundFailed) as error:
        return Outcome(_since(started), None, None, _sentence(str(error)))
    return Outcome(_since(started), answer.status, _kept(answer.body), _fault(answer))


def _fault(answer: Answer) -> str | None:
    if 300 <= answer.status < 400:
        return f"The receiver answered {answer.status}; redirects are not followed."
    if answer.status != EXPECTED_STATUS:
        return f"The receiver answered {answer.status}; only {EXPECTED_STATUS} counts."
    if EXPECTED_WORDS not in answer.body:
        return f'The answer does not hold the words "{EXPECTED_WORDS.decode()}".'
    return None


def _kept(body: bytes) -> str:
    # PostgreSQL stores no NUL
    return body.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")[:ANSWER_CHARACTERS_KEPT]


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}.".replace("\x00", "")
