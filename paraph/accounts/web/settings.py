"""The settings of an account: name, language, address, password, callback URL, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.accounts.activity import recent_activity
from paraph.accounts.addresses import read_address
from paraph.accounts.create import read_name
from paraph.accounts.locales import LOCALES
from paraph.accounts.log_in import WrongPassword, admit_own_try
from paraph.accounts.passwords import RULE, password_problem
from paraph.accounts.profile import (
    ask_new_address,
    change_password,
    log_out_everywhere,
    pending_address,
    rename,
    set_locale,
)
from paraph.accounts.queries import load_account
from paraph.accounts.sessions import sessions_of
from paraph.events import callback_url
from paraph.kit.errors import BadRequest
from paraph.kit.http import Page, Redirect, Visit, form, page

from .activity_words import activity_words, browser_words
from .passwords import hashed, verified

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

WRONG_PASSWORD = "This is not your password."  # noqa: S105 - a sentence


@page("/settings")
def show_settings(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The overview."""
    return _overview(tx, visit, kit, {})


@form("/settings")
def save_profile(tx: WriteTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """Save name and language."""
    account_pk, errors = visit.signed_in.account_pk, {}
    try:
        name = read_name(visit.text("name"))
    except BadRequest as error:
        errors["name"] = error.message
    if visit.text("locale") not in LOCALES:
        errors["locale"] = "Choose one of the languages."
    if errors:
        return _overview(tx, visit, kit, errors)
    rename(tx, account_pk, name)
    set_locale(tx, account_pk, visit.text("locale"))
    return Redirect("/settings", notice="Saved.")


@page("/settings/email")
def show_email(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """Ask for a new address."""
    return _email_form(visit, {})


@form("/settings/email")
async def ask_email(visit: Visit, kit: Kit) -> Page | Redirect:
    """Mail a link to the new address; it takes effect when the link is used."""
    caller, wanted = visit.signed_in, visit.text("email")
    try:
        read_address(wanted)
    except BadRequest:
        return _email_form(visit, {"email": "Give an email address, such as ann@example.com."})
    try:
        candidate = await verified(
            lambda tx: admit_own_try(tx, caller.account_pk, visit.client, kit=kit), visit.secret("password"), kit
        )
        shown = await kit.db.write(lambda tx: ask_new_address(tx, candidate, wanted, visit.client, kit=kit))
    except WrongPassword:
        return _email_form(visit, {"password": WRONG_PASSWORD})
    return Redirect("/settings", notice=f"We sent a link to {shown}. Your address changes when you open it.")


@page("/settings/password")
def show_password(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """Ask for a new password."""
    return _password_form(visit, {})


@form("/settings/password")
async def save_password(visit: Visit, kit: Kit) -> Page | Redirect:
    """Set it, and log out every other browser."""
    caller, wanted = visit.signed_in, visit.secret("new_password")
    if problem := password_problem(wanted, caller.email_address):
        return _password_form(visit, {"new_password": problem})
    try:
        candidate = await verified(
            lambda tx: admit_own_try(tx, caller.account_pk, visit.client, kit=kit), visit.secret("password"), kit
        )
        new_hash = await hashed(wanted)
        revoke = bool(visit.text("revoke_grants"))
        await kit.db.write(lambda tx: change_password(tx, candidate, new_hash, caller, kit=kit, revoke_grants=revoke))
    except WrongPassword:
        return _password_form(visit, {"password": WRONG_PASSWORD})
    return Redirect("/settings", notice="Your password is changed, and every other browser is logged out.")


@form("/settings/sessions")
def log_out_all(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """End every session, this one too."""
    revoke = bool(visit.text("revoke_grants"))
    log_out_everywhere(tx, visit.signed_in.account_pk, visit.client, kit=kit, revoke_grants=revoke)
    return Redirect("/login", notice="You are logged out everywhere.", session="")


def _overview(tx: ReadTx, visit: Visit, kit: Kit, errors: dict[str, str]) -> Page:
    caller, now = visit.signed_in, kit.clock.now()
    account = load_account(tx, caller.account_pk)
    given = {"name": visit.text("name"), "locale": visit.text("locale")}
    context: dict[str, Any] = {
        "errors": errors,
        "values": given if errors else {"name": account.name, "locale": account.locale},
        "account": account,
        "locales": list(LOCALES.items()),
        "pending_address": pending_address(tx, account.pk, now),
        "callback_url": callback_url(tx, account_pk=account.pk),
        "sessions": [(row, browser_words(row.user_agent)) for row in sessions_of(tx, account.pk, now)],
        "this_session": caller.credential_pk,
        "activity": [(row, activity_words(row.what, row.detail)) for row in recent_activity(tx, account.pk)],
    }
    return Page("accounts/settings.html", context, status=400 if errors else 200)


def _email_form(visit: Visit, errors: dict[str, str]) -> Page:
    context = {"errors": errors, "values": {"email": visit.text("email")}}
    return Page("accounts/change_email.html", context, status=400 if errors else 200)


def _password_form(visit: Visit, errors: dict[str, str]) -> Page:
    context = {"errors": errors, "password_rule": RULE, "revoke_grants": bool(visit.text("revoke_grants"))}
    return Page("accounts/change_password.html", context, status=400 if errors else 200)
