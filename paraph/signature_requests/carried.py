"""What a sealed file says about its request: read from the audit chain that it carries, from nothing else.

To be believed only of a file whose seal is intact.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from paraph.kit.i18n import N_
from paraph.kit.i18n import gettext as _

from .assembly import PROPERTY_HEAD, PROPERTY_REQUEST
from .certificate import CHAIN_FILE
from .chain_check import chain_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paraph.documents import Verdict

NO_CHAIN = N_("The file holds no audit chain.")
OF_ANOTHER = N_("The audit chain in this file belongs to another signature request than the file names.")


@dataclass(frozen=True, slots=True)
class CarriedSigner:
    """Somebody who was asked to sign; ``signed_at`` in seconds, UTC; ``kind``: draw, type or upload."""

    name: str
    email_address: str
    signed_at: int | None = None
    kind: str = ""
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """The request as the chain in the file tells it. ``fault``: what is wrong with the chain, a sentence; or None."""

    fault: str | None
    signature_request_id: str = ""
    title: str = ""
    sender: str = ""
    app_name: str = ""
    signers: tuple[CarriedSigner, ...] = ()
    events: int = 0
    head: str = ""


def carried_in(verdict: Verdict) -> Carried:
    """Read the evidence inside a verified file; any bytes are survived."""
    attached = next((one for one in verdict.attachments if one.name == CHAIN_FILE), None)
    if attached is None:
        return Carried(_(NO_CHAIN))
    fault = chain_fault(attached.data, verdict.properties.get(PROPERTY_HEAD, ""))
    if fault is not None:
        return Carried(fault)
    try:
        told = _told(json.loads(attached.data))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Carried(_("The audit chain in this file cannot be read."))
    if told.signature_request_id != verdict.properties.get(PROPERTY_REQUEST):
        return replace(told, fault=_(OF_ANOTHER))
    return told


def _told(content: Mapping[str, Any]) -> Carried:
    events = [json.loads(one["canonical"]) for one in content["events"]]
    created = events[0]
    sender, app = created["sender"], created.get("app") or {}
    return Carried(
        fault=None if len({event["request"] for event in events}) == 1 else _(OF_ANOTHER),
        signature_request_id=created["request"],
        title=str(created["title"]),
        sender=" ".join(f"{sender['name']} ({sender['email_address']})".split()),
        app_name=str(app.get("name") or ""),
        signers=tuple(_signers(events).values()),
        events=len(events),
        head=str(content["head"]),
    )


def _signers(events: list[dict[str, Any]]) -> dict[str, CarriedSigner]:
    """By signature id, in the order of the request; who passed it on makes room for who took it over."""
    found: dict[str, CarriedSigner] = {}
    for event in events:
        own = str(event.get("signature", ""))
        if event["event"] == "created":
            found = {one["signature"]: _asked(one) for one in event["signers"]}
        elif event["event"] == "reassigned":
            found.pop(event["from"]["signature"], None)
            found[own] = _asked(event["to"])
        elif own in found:
            found[own] = _after(found[own], event)
    return found


def _asked(person: Mapping[str, Any]) -> CarriedSigner:
    return CarriedSigner(str(person["name"]), str(person["email_address"]))


def _after(signer: CarriedSigner, event: Mapping[str, Any]) -> CarriedSigner:
    if event["event"] == "signed":
        return replace(signer, signed_at=int(event["time"]), kind=str(event.get("kind", "")))
    if event["event"] == "authenticated":
        return replace(signer, methods=(*signer.methods, str(event.get("method", ""))))
    return signer
