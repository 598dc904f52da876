"""/settings/api/apps/{client_id}/deliveries: what was sent to the app's event callback, and what came back."""

from __future__ import annotations

from paraph import events
from paraph.accounts import primary_api_key
from paraph.apps.queries import load_own_app
from paraph.kit import Kit
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.http import Page, Redirect, Visit, form, page

from .page_number import page_number
from .paths import ONE_APP, app_path

DELIVERIES = f"{ONE_APP}/deliveries"
STATES = {
    "waiting": ("Waiting", "active"),
    "delivered": ("Delivered", "done"),
    "given_up": ("Given up", "danger"),
    "dropped": ("Dropped", ""),
}


@page(DELIVERIES)
def deliveries(tx: ReadTx, visit: Visit, _kit: Kit) -> Page:
    """A page of deliveries, newest first."""
    app = load_own_app(tx, visit.signed_in, visit.path["client_id"])
    context = {
        "app": app,
        "found": events.deliveries_of(tx, app_pk=app.pk, page=page_number(visit)),
        "event_callback_url": events.callback_url(tx, app_pk=app.pk),
        "switched_off_at": events.switched_off_at(tx, app_pk=app.pk),
        "states": STATES,
    }
    return Page("apps/deliveries.html", context)


@form(f"{DELIVERIES}/{{delivery_id}}/replay")
def replay(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Send an event again, the same bytes."""
    app = load_own_app(tx, visit.signed_in, visit.path["client_id"])
    events.replay_delivery(tx, visit.path["delivery_id"], app_pk=app.pk, kit=kit)
    return _to_deliveries(app.client_id, "The event is sent again. Reload this page to see how it went.")


@form(f"{DELIVERIES}/switch-on")
def switch_on(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Send events again after they had been switched off, first those that were kept."""
    app = load_own_app(tx, visit.signed_in, visit.path["client_id"])
    events.switch_on(tx, app_pk=app.pk, kit=kit)
    return _to_deliveries(app.client_id, "Switched on. What was kept is on its way.")


@form(f"{ONE_APP}/test-event")
def send_test_event(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Send ``callback_test`` to the app's event callback."""
    caller = visit.signed_in
    app = load_own_app(tx, caller, visit.path["client_id"])
    events.send_test(
        tx,
        app_pk=app.pk,
        account_id=caller.account_id,
        client_id=app.client_id,
        hash_key=primary_api_key(tx, app.owner_pk, kit),
        kit=kit,
    )
    return _to_deliveries(app.client_id, "A test event is on its way. Reload this page to see how it went.")


def _to_deliveries(client_id: str, notice: str) -> Redirect:
    return Redirect(f"{app_path(client_id)}/deliveries", notice=notice)
