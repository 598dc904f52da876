"""Log in, sign up, log out; each leads back to where the person was going."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.accounts.account import NewAccount
from paraph.accounts.addresses import read_address
from paraph.accounts.create import AccountExists, read_name
from paraph.accounts.log_in import WrongPassword, admit_try, log_in
from paraph.accounts.passwords import RULE, password_problem
from paraph.accounts.sessions import end_session
from paraph.accounts.sign_up import sign_up
from paraph.accounts.throttle import count_sign_up
from paraph.kit.errors import BadRequest
from paraph.kit.http import Page, Redirect, Visit, form, local_path, page

from .passwords import hashed, rehashed, verified

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

EXISTS = "There is an account with this address already. Log in instead."


@page("/login", signed_in=False)
def show_log_in(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """The log-in form; whoever is logged in goes straight on."""
    return _onward(visit, kit) if visit.caller else _form("log_in", visit, {})


@form("/login", signed_in=False)
async def do_log_in(visit: Visit, kit: Kit) -> Page | Redirect:
    """Log in and go on."""
    address, password = visit.text("email"), visit.secret("password")
    try:
        candidate = await verified(lambda tx: admit_try(tx, address, visit.client, kit=kit), password, kit)
        new_hash = await rehashed(candidate, password)
        session = await kit.db.write(
            lambda tx: log_in(tx, candidate, visit.client, kit=kit, new_hash=new_hash, replaces=visit.session_token)
        )
    except WrongPassword as error:
        return _form("log_in", visit, {"": error.message})
    return _onward(visit, kit, session=session)


@page("/signup", signed_in=False)
def show_sign_up(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """The sign-up form; whoever is logged in goes straight on."""
    return _onward(visit, kit) if visit.caller else _form("sign_up", visit, {})


@form("/signup", signed_in=False)
async def do_sign_up(visit: Visit, kit: Kit) -> Page | Redirect:
    """Make the account, sign the person in and go on; the address is confirmed later."""
    errors = _sign_up_errors(visit)
    if errors:
        return _form("sign_up", visit, errors)
    # before the password is hashed: a flood of sign-ups must not buy 50 ms of work with each post
    await kit.db.write(lambda tx: count_sign_up(tx, visit.client, kit))
    wanted = NewAccount(
        email_address=visit.text("email"),
        name=visit.text("name"),
        password_hash=await hashed(visit.secret("password")),
    )
    try:
        session = await kit.db.write(
            lambda tx: sign_up(tx, wanted, visit.client, kit=kit, replaces=visit.session_token)
        )
    except AccountExists:
        return _form("sign_up", visit, {"email": EXISTS})
    return _onward(visit, kit, session=session, notice="Your account is ready.")


@form("/logout", signed_in=False)
def log_out(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """End this browser's session; who only switches the account goes back to where that was asked."""
    if visit.session_token:
        end_session(tx, visit.session_token)
    return Redirect(local_path(kit, _continue(visit)), notice="You are logged out.", session="")


def _sign_up_errors(visit: Visit) -> dict[str, str]:
    errors = {}
    for field, read in (("name", read_name), ("email", read_address)):
        try:
            read(visit.text(field))
        except BadRequest as error:
            errors[field] = error.message if field == "name" else "Give an email address, such as ann@example.com."
    problem = password_problem(visit.secret("password"), visit.text("email"))
    return errors | ({"password": problem} if problem else {})


def _form(which: str, visit: Visit, errors: dict[str, str]) -> Page:
    context: dict[str, Any] = {
        "errors": errors,
        "values": {"name": visit.text("name"), "email": visit.text("email")},
        "continue_to": _continue(visit),
        "password_rule": RULE,
    }
    return Page(f"accounts/{which}.html", context, status=400 if errors else 200)


def _continue(visit: Visit) -> str:
    return visit.text("continue") or visit.query.get("continue", "")


def _onward(visit: Visit, kit: Kit, *, session: str | None = None, notice: str | None = None) -> Redirect:
    return Redirect(local_path(kit, _continue(visit)), session=session, notice=notice)
