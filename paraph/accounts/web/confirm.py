"""The page that a confirmation mail leads to: GET shows, POST confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts.addresses import read_address
from paraph.accounts.confirm import CHANGE, INVITED, StaleLink, confirm_address, confirm_invited, find_confirmation
from paraph.accounts.create import read_name
from paraph.accounts.log_in import WrongPassword, accept_try, admit_own_try
from paraph.accounts.passwords import RULE, password_problem
from paraph.accounts.queries import load_account
from paraph.accounts.sessions import start_session
from paraph.accounts.sign_up import ask_to_confirm
from paraph.kit.errors import BadRequest
from paraph.kit.http import Page, Redirect, Visit, form, page

from .passwords import hashed, verified

if TYPE_CHECKING:
    from paraph.accounts.confirm import Confirmation
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

CONFIRMED = "Your address is confirmed."
WRONG_PASSWORD = "This is not the password of this account."  # noqa: S105 - a sentence


@page("/confirm/{token}", signed_in=False)
def show_confirmation(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """What is about to be confirmed; nothing changes, because mail scanners open links too."""
    try:
        found = find_confirmation(tx, visit.path["token"], kit.clock.now())
    except StaleLink as error:
        return _stale(error)
    return _form(visit, found, {})


@form("/confirm/{token}", signed_in=False)
async def confirm(visit: Visit, kit: Kit) -> Page | Redirect:
    """Confirm, sign in where needed, and go on to where the link was meant to lead."""
    try:
        found = await kit.db.read(lambda tx: find_confirmation(tx, visit.path["token"], kit.clock.now()))
        if found.purpose == INVITED:
            return await _confirm_invited(visit, found, kit)
        return await _confirm_address(visit, found, kit)
    except StaleLink as error:
        return _stale(error)


@form("/confirm")
def resend_confirmation(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Send the confirmation mail again; earlier links stop working."""
    account = load_account(tx, visit.signed_in.account_pk)
    if account.is_confirmed:
        return Redirect("/", notice="Your address is confirmed already.")
    if not ask_to_confirm(tx, account, read_address(account.email_address), kit=kit):
        return Redirect("/", notice="Several mails were sent within this hour. Look into your spam folder, or wait.")
    return Redirect("/", notice=f"A new mail is on its way to {account.email_address}.")


async def _confirm_invited(visit: Visit, found: Confirmation, kit: Kit) -> Page | Redirect:
    errors = {}
    name, password = visit.text("name"), visit.secret("password")
    try:
        name = read_name(name) if name else ""
    except BadRequest as error:
        errors["name"] = error.message
    if problem := password_problem(password, found.email_address):
        errors["password"] = problem
    if errors:
        return _form(visit, found, errors)
    password_hash = await hashed(password)

    def claim(tx: WriteTx) -> str:
        done = confirm_invited(tx, visit.path["token"], name, password_hash, visit.client, kit=kit)
        return start_session(tx, done.account.pk, visit.client, kit=kit, replaces=visit.session_token)

    return Redirect(found.after_path or "/", session=await kit.db.write(claim), notice=CONFIRMED)


async def _confirm_address(visit: Visit, found: Confirmation, kit: Kit) -> Page | Redirect:
    token, client = visit.path["token"], visit.client
    if _is_own(visit, found):
        await kit.db.write(lambda tx: confirm_address(tx, token, client, kit=kit))
        return Redirect(found.after_path or "/", notice=CONFIRMED)
    try:
        candidate = await verified(
            lambda tx: admit_own_try(tx, found.account.pk, client, kit=kit), visit.secret("password"), kit
        )
    except WrongPassword:
        return _form(visit, found, {"password": WRONG_PASSWORD})

    def confirm_and_log_in(tx: WriteTx) -> str:
        account_pk = accept_try(tx, candidate, client, kit=kit)
        confirm_address(tx, token, client, kit=kit)
        return start_session(tx, account_pk, client, kit=kit, replaces=visit.session_token)

    session = await kit.db.write(confirm_and_log_in)
    return Redirect(found.after_path or "/", session=session, notice=CONFIRMED)


def _form(visit: Visit, found: Confirmation, errors: dict[str, str]) -> Page:
    context = {
        "errors": errors,
        "values": {"name": visit.text("name")},
        "confirmation": found,
        "is_invited": found.purpose == INVITED,
        "is_change": found.purpose == CHANGE,
        "is_own": _is_own(visit, found),
        "password_rule": RULE,
    }
    return Page("accounts/confirm.html", context, status=400 if errors else 200)


def _stale(error: StaleLink) -> Page:
    return Page("accounts/stale_link.html", {"message": error.message}, status=error.status)


def _is_own(visit: Visit, found: Confirmation) -> bool:
    return visit.caller is not None and visit.caller.account_pk == found.account.pk
