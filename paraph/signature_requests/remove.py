"""Give up one's own access to a request that is over; the others keep theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.db import insert_or_ignore
from paraph.kit.errors import ParaphError

from . import audit
from .blocks import hide
from .lifecycle import FULLY_EXECUTED
from .models import request_removals
from .queries import lock_visible

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx


class RemoveFailed(ParaphError):
    """400 ``signature_request_remove_failed``: the request is not over yet."""

    default_name = "signature_request_remove_failed"


def remove_request(tx: WriteTx, caller: Caller, signature_request_id: str, *, kit: Kit) -> None:
    """Take the request out of the caller's sight for good; raises NotFound, Deleted, RemoveFailed."""
    whole = lock_visible(tx, caller, signature_request_id)
    if whole.request.state not in FULLY_EXECUTED:
        raise RemoveFailed("Only a request that everyone signed, or that was declined, can be removed.")
    values = {
        "account_pk": caller.account_pk,
        "request_pk": whole.request.id,
        "removed_at": kit.clock.now(),
    }
    facts = {"by": caller.email_address, **audit.caller_facts(caller)}
    if insert_or_ignore(tx, request_removals, values, unique=("account_pk", "request_pk")):
        if whole.request.account_pk == caller.account_pk:
            hide(tx, whole.request)
        audit.record(tx, whole.request.id, "removed", facts, kit=kit, client=caller.client)
