"""What the certificate of completion says of one signer; pure.

How they proved who they are, and who had the signature before them, is read from the audit chain.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .lettering import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .audit import AuditEvent
    from .shapes import Signature, SignatureRequest

Row = tuple[str, str]

NO_VALUE = "–"
KINDS = {"draw": "drawn", "type": "typed", "upload": "uploaded picture", "phone": "drawn on a phone"}
METHODS = {"access_code": "Access code", "sms_code": "Code by text message", "link": "Secret link"}


def signer_rows(request: SignatureRequest, signature: Signature, chain: Sequence[AuditEvent]) -> tuple[Row, ...]:
    """Labels and values, in the order in which they are printed."""
    own = [event for event in chain if event.facts.get("signature") == signature.signature_id]
    return (
        ("Name", visible(signature.name)),
        ("Address", signature.email_address),
        ("Role", "Signer"),
        ("Order", str(signature.turn + 1) if request.is_ordered else "None"),
        *_passed_on(signature, chain),
        ("Link mailed", utc(signature.invited_at)),
        *_mails(own),
        *_authentication(signature, own),
        ("First viewed", utc(signature.first_viewed_at)),
        ("Last viewed", utc(signature.last_viewed_at)),
        *_consent(signature),
        *_handed_in(own),
        *_signing(signature),
        *((("Declined because", visible(signature.decline_reason)),) if signature.decline_reason else ()),
    )


def utc(seconds: int | None) -> str:
    """A moment as the certificate prints it; a dash for none."""
    if seconds is None:
        return NO_VALUE
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _passed_on(signature: Signature, chain: Sequence[AuditEvent]) -> Iterator[Row]:
    """Who had the signature before, first to last."""
    moves = {event.facts["signature"]: event for event in chain if event.kind == "reassigned"}
    found: list[Row] = []
    wanted = signature.signature_id
    while (event := moves.pop(wanted, None)) is not None:
        facts = event.facts
        former, reason = facts["from"], visible(str(facts.get("reason") or ""))
        words = f"{visible(former['name'])} ({former['email_address']}), {utc(event.happened_at)}"
        found.append(("Passed on by", f"{words}: {reason}" if reason else words))
        wanted = former["signature"]
    yield from reversed(found)


def _mails(own: Sequence[AuditEvent]) -> Iterator[Row]:
    for event in own:
        if event.kind == "mailed":
            yield "Taken by the mail server", f"{utc(event.happened_at)} ({event.facts['what'].replace('_', ' ')})"
        elif event.kind == "reminded":
            yield "Reminded", utc(event.happened_at)


def _authentication(signature: Signature, own: Sequence[AuditEvent]) -> Iterator[Row]:
    """Method, result and time; wrong tries too."""
    opened = f"opened {utc(signature.first_viewed_at)}" if signature.first_viewed_at else "not opened"
    yield "Authentication", f"Secret link, sent to {signature.email_address}: {opened}"
    for event in own:
        facts = event.facts
        if event.kind not in ("authenticated", "authentication_failed"):
            continue
        method = METHODS.get(str(facts.get("method")), str(facts.get("method")))
        target = f" ({visible(str(facts['target']))})" if facts.get("target") else ""
        result = "right" if event.kind == "authenticated" else f"refused ({facts.get('reason', 'wrong')})"
        yield "Authentication", f"{method}{target}: {result}, {utc(event.happened_at)}"


def _consent(signature: Signature) -> tuple[Row, ...]:
    consent = signature.consent or {}
    return (
        ("Agreed to sign electronically", utc(signature.consented_at)),
        (
            "Disclosure",
            f"version {consent.get('disclosure_version', NO_VALUE)}, language {consent.get('locale', NO_VALUE)}",
        ),
        ("SHA-256 of the disclosure", str(consent.get("disclosure_sha256", NO_VALUE))),
    )


def _handed_in(own: Sequence[AuditEvent]) -> Iterator[Row]:
    """The files that the signer had handed in when they signed."""
    for event in own:
        if event.kind == "signed":
            for one in event.facts.get("attachments", ()):
                yield "File handed in", f"{visible(str(one.get('name', '')))}, SHA-256 {one.get('sha256', NO_VALUE)}"


def _signing(signature: Signature) -> tuple[Row, ...]:
    made: Mapping[str, Any] = signature.signing or {}
    local = _local(signature.signed_at, str(made.get("time_zone", "")))
    return (
        ("Kind of signature", KINDS.get(str(made.get("kind")), NO_VALUE)),
        ("Button pressed", f"“{visible(str(made.get('button', '')))}” ({visible(str(made.get('locale', '')))})"),
        ("Signed", utc(signature.signed_at)),
        *((("Signed, signer's time", local),) if local else ()),
        ("IP address", str(made.get("address", NO_VALUE))),
        ("Browser", visible(str(made.get("user_agent", ""))) or NO_VALUE),
    )


def _local(seconds: int | None, zone: str) -> str:
    """The moment in the signer's own zone; empty when the browser named none that exists."""
    if seconds is None or not zone:
        return ""
    try:
        local = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        return ""
    return f"{local.strftime('%Y-%m-%d %H:%M:%S %z')} ({zone})"
