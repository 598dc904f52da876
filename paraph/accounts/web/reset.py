"""A forgotten password: ask for a link, choose a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts.confirm import StaleLink
from paraph.accounts.create import read_name
from paraph.accounts.passwords import RULE, password_problem
from paraph.accounts.reset import WantedPassword, find_reset, reset_password
from paraph.accounts.throttle import count_reset
from paraph.kit.errors import BadRequest
from paraph.kit.http import Page, Redirect, Visit, form, page

from .passwords import hashed

if TYPE_CHECKING:
    from paraph.accounts.account import Account
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

LONGEST_ADDRESS_CHARACTERS = 320


@page("/reset", signed_in=False)
def show_ask_reset(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """Where to send the link."""
    email = visit.signed_in.email_address if visit.caller else ""
    return Page("accounts/ask_reset.html", {"errors": {}, "values": {"email": email}, "sent_to": None})


@form("/reset", signed_in=False)
def ask_reset(tx: WriteTx, visit: Visit, kit: Kit) -> Page:
    """Say the same, as fast, whether or not there is such an account."""
    email = visit.text("email")[:LONGEST_ADDRESS_CHARACTERS]
    count_reset(tx, visit.client, kit)
    kit.queue.enqueue(tx, "accounts.send_reset_link", email_address=email)
    return Page("accounts/ask_reset.html", {"errors": {}, "values": {"email": email}, "sent_to": email})


@page("/reset/{token}", signed_in=False)
def show_reset(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """Choose a new password."""
    try:
        account = find_reset(tx, visit.path["token"], kit.clock.now())
    except StaleLink as error:
        return _stale(error)
    return _form(visit, account, {})


@form("/reset/{token}", signed_in=False)
async def reset(visit: Visit, kit: Kit) -> Page | Redirect:
    """Set it, end every session, and ask to log in with it."""
    try:
        account = await kit.db.read(lambda tx: find_reset(tx, visit.path["token"], kit.clock.now()))
        errors, name = _checked(visit, account)
        if errors:
            return _form(visit, account, errors)
        wanted = WantedPassword(
            password_hash=await hashed(visit.secret("password")),
            name=name,
            revoke_grants=bool(visit.text("revoke_grants")),
        )
        await kit.db.write(lambda tx: reset_password(tx, visit.path["token"], wanted, visit.client, kit=kit))
    except StaleLink as error:
        return _stale(error)
    return Redirect("/login", notice="Your password is changed. Log in with the new one.", session="")


def _checked(visit: Visit, account: Account) -> tuple[dict[str, str], str]:
    """Return (errors, name)."""
    errors, name = {}, visit.text("name")
    try:
        name = read_name(name) if name else ""
    except BadRequest as error:
        errors["name"] = error.message
    if problem := password_problem(visit.secret("password"), account.email_address):
        errors["password"] = problem
    return errors, name


def _form(visit: Visit, account: Account, errors: dict[str, str]) -> Page:
    context = {
        "errors": errors,
        "values": {"name": visit.text("name")},
        "account": account,
        "password_rule": RULE,
        "revoke_grants": bool(visit.text("revoke_grants")),
    }
    return Page("accounts/reset.html", context, status=400 if errors else 200)


def _stale(error: StaleLink) -> Page:
    return Page("accounts/stale_link.html", {"message": error.message}, status=error.status)
