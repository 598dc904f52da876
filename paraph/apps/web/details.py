"""/settings/api/apps/{client_id}: everything a developer needs to take away, and the switches."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from paraph import events
from paraph.apps.app import App
from paraph.apps.client_secrets import secrets_of
from paraph.apps.decide import request_approval
from paraph.apps.queries import Decision, decisions_on, load_own_app
from paraph.apps.rotate_secret import DAY, HOUR, end_old_secrets, rotate_secret
from paraph.apps.scopes import GROUPS, SCOPES, billing_group
from paraph.apps.set_protocol import LEAST_TOKEN_SECONDS, MOST_TOKEN_SECONDS, Protocol, set_protocol
from paraph.kit import Kit, ids
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.errors import BadRequest
from paraph.kit.http import Page, Redirect, Visit, form, page

from .paths import ONE_APP, app_path
from .state import state_of

STATE_CHARACTERS = 8
GRACES = (
    (str(HOUR), "works for 1 more hour"),
    (str(DAY), "works for 1 more day"),
    (str(7 * DAY), "works for 7 more days"),
    ("0", "stops at once"),
    ("compromised", "stops at once: somebody else may know it"),
)


@page(ONE_APP)
def details(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The app's page, for its owner."""
    app = load_own_app(tx, visit.signed_in, visit.path["client_id"])
    current, *old = secrets_of(tx, app.pk, kit)
    group = billing_group(app.scopes)
    decisions = decisions_on(tx, app.pk)
    context: dict[str, Any] = {
        "app": app,
        "state": state_of(app),
        "decisions": decisions,
        "reason": _reason(app, decisions),
        "secret": current,
        "old_secrets": old,
        "graces": GRACES,
        "authorization_url": authorization_url(app, kit) if app.has_oauth else None,
        "event_callback_url": events.callback_url(tx, app_pk=app.pk),
        "scopes": [SCOPES[name] for name in app.scopes_in_order],
        "who_pays": GROUPS[group] if group else None,
        "token_seconds": (LEAST_TOKEN_SECONDS, MOST_TOKEN_SECONDS),
    }
    return Page("apps/details.html", context)


@form(f"{ONE_APP}/secret")
def rotate(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Give the app a new secret."""
    client_id, grace = visit.path["client_id"], visit.text("grace")
    compromised = grace == "compromised"
    seconds = 0 if compromised else _whole(grace)
    rotate_secret(
        tx, visit.signed_in, client_id, grace=-1 if seconds is None else seconds, compromised=compromised, kit=kit
    )
    return Redirect(app_path(client_id), notice="The app has a new client secret. Put it into your app.")


@form(f"{ONE_APP}/secret/end-old")
def end_old(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Stop the old secrets."""
    client_id = visit.path["client_id"]
    ended = end_old_secrets(tx, visit.signed_in, client_id, kit=kit)
    words = "The old secret has stopped working." if ended else "No old secret was left."
    return Redirect(app_path(client_id), notice=words)


@form(f"{ONE_APP}/approval")
def request(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Ask for production approval."""
    client_id = visit.path["client_id"]
    request_approval(tx, visit.signed_in, client_id, kit=kit)
    return Redirect(app_path(client_id), notice="Approval is requested. You get a mail when it is decided.")


@form(f"{ONE_APP}/protocol")
def switch_protocol(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Set the profile and what belongs to it."""
    client_id, typed = visit.path["client_id"], visit.text("access_token_seconds")
    seconds = _whole(typed) if typed else None
    if typed and seconds is None:
        raise BadRequest("The life of access tokens must be a whole number of seconds. Nothing was saved.")
    wanted = Protocol(visit.text("profile"), visit.text("refresh_needs_secret") == "1", seconds)
    set_protocol(tx, visit.signed_in, client_id, wanted, kit=kit)
    return Redirect(app_path(client_id), notice="The OAuth rules of the app are saved.")


def authorization_url(app: App, kit: Kit) -> str:
    """Return an address that starts an authorization, with a state made up for this copy."""
    parameters = {
        "response_type": "code",
        "client_id": app.client_id,
        "state": ids.short_id()[:STATE_CHARACTERS],
        "redirect_uri": app.oauth_callback_url or "",
    }
    return f"{kit.settings.public_url}/oauth/authorize?{urlencode(parameters)}"


def _reason(app: App, decisions: list[Decision]) -> str | None:
    """Why the app is suspended, or was refused."""
    kind = "suspended" if app.is_suspended else app.approval
    return next((one.reason for one in decisions if one.kind == kind), None)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
