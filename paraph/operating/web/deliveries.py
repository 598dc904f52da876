"""/operator/deliveries: receivers that do not answer as they should, and a way to send once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import load_account, record_act
from paraph.apps import load_app
from paraph.events import deliveries_in_trouble, delivery_counts, failed_callbacks, replay_callback, try_now
from paraph.kit.http import Page, Redirect, form, page

from .numbers import key_in, page_number

if TYPE_CHECKING:
    from paraph.events import FailedCallback
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.http import Visit

HERE = "/operator/deliveries"


@page(HERE, operator=True)
def deliveries(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The page."""
    number = page_number(visit)
    rows, has_more = deliveries_in_trouble(tx, page=number)
    callbacks = [(one, _owner(tx, one)) for one in failed_callbacks(tx)]
    context = {
        "counts": delivery_counts(tx),
        "callbacks": callbacks,
        "deliveries": rows,
        "number": number,
        "has_more": has_more,
    }
    return Page("operating/deliveries.html", context)


@form(HERE + "/{delivery_id}/replay", operator=True)
def replay_one(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Deliver one event once more, now."""
    row = try_now(tx, visit.path["delivery_id"], kit=kit)
    subject = f"delivery {row.delivery_id}"
    record_act(tx, visit.signed_in, "delivery_replayed", subject, account_pk=row.account_pk, kit=kit)
    return Redirect(HERE, notice="The event is delivered again.")


@form("/operator/callbacks/{callback_pk}/replay", operator=True)
def replay_all(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Deliver everything that failed at one callback URL once more."""
    key = key_in(visit, "callback_pk")
    total = replay_callback(tx, key, kit=kit)
    record_act(tx, visit.signed_in, "callback_replayed", f"callback {key}, {total} events", kit=kit)
    return Redirect(HERE, notice=f"{total} events are delivered again.")


def _owner(tx: ReadTx, callback: FailedCallback) -> str:
    if callback.app_pk is not None:
        return f"app {load_app(tx, callback.app_pk).display_name}"
    return load_account(tx, callback.account_pk or 0).email_address
