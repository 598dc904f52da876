"""/operator/requests: requests that are not prepared or sealed, with the reason, and a button to try again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import record_act
from paraph.kit.http import Page, Redirect, form, page
from paraph.operating.stuck import PATIENCE_SECONDS
from paraph.signature_requests import retry_request, stuck_requests

from .numbers import page_number

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.http import Visit

HERE = "/operator/requests"


@page(HERE, operator=True)
def requests(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The page."""
    now, number = kit.clock.now(), page_number(visit)
    found, has_more = stuck_requests(tx, now - PATIENCE_SECONDS, page=number)
    context = {"requests": found, "now": now, "number": number, "has_more": has_more}
    return Page("operating/requests.html", context)


@form(HERE + "/{request_id}/retry", operator=True)
def retry_one(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Have one prepared or sealed now."""
    request_id = visit.path["request_id"]
    retry_request(tx, request_id, kit=kit)
    record_act(tx, visit.signed_in, "request_retried", request_id, kit=kit)
    return Redirect(HERE, notice="The request is tried again.")
