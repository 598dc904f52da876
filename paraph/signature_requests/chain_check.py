"""Check the audit chain that a sealed file carries: with the file alone, without the database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from paraph.kit.i18n import gettext as _

from .assembly import PROPERTY_HEAD
from .audit import AuditEvent, is_intact
from .certificate import CHAIN_FILE

if TYPE_CHECKING:
    from paraph.documents import Verdict


def chain_fault_in(verdict: Verdict) -> str | None:
    """What is wrong with the evidence inside a verified file, in a sentence; None when it is whole."""
    attached = next((one for one in verdict.attachments if one.name == CHAIN_FILE), None)
    if attached is None:
        return _("The file holds no audit chain.")
    return chain_fault(attached.data, verdict.properties.get(PROPERTY_HEAD, ""))


def chain_fault(data: bytes, head: str) -> str | None:
    """What is wrong with the chain embedded in a sealed file, in a sentence; None when it is whole.

    ``data`` is the attachment CHAIN_FILE, ``head`` the file's property PROPERTY_HEAD; any bytes are survived.
    """
    try:
        content = json.loads(data)
        events = [
            AuditEvent(int(one["sequence"]), "", 0, str(one["canonical"]), str(one["hash"]))
            for one in content["events"]
        ]
        if not events or not is_intact(events):
            return _("The audit chain in this file was changed: an event was altered, left out or put in.")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _("The audit chain in this file cannot be read.")
    if not events[-1].hash == content.get("head") == head:
        return _("The audit chain in this file does not end in the head that the file names.")
    return None
