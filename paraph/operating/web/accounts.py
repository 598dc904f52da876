"""/operator/accounts: look for an account, stop it, let it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import accounts_page, find_account, recent_acts, resume_account, suspend_account
from paraph.kit.errors import NotFound
from paraph.kit.http import Page, Redirect, form, page

from .numbers import page_number

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.http import Visit

HERE = "/operator/accounts"
ONE = HERE + "/{account_id}"


@page(HERE, operator=True)
def accounts(tx: ReadTx, visit: Visit, _kit: Kit) -> Page:
    """The list; ``q`` narrows it."""
    number, words = page_number(visit), visit.query.get("q", "")
    lines, has_more = accounts_page(tx, words, page=number)
    context = {"accounts": lines, "words": words, "number": number, "has_more": has_more}
    return Page("operating/accounts.html", context)


@page(ONE, operator=True)
def one_account(tx: ReadTx, visit: Visit, _kit: Kit) -> Page:
    """One account, and what operators did to it."""
    account = find_account(tx, account_id=visit.path["account_id"])
    if account is None:
        raise NotFound("There is no such account.")
    found, _ = recent_acts(tx, account_pk=account.pk)
    own = account.pk == visit.signed_in.account_pk
    return Page("operating/account.html", {"account": account, "acts": found, "is_own": own})


@form(ONE + "/suspend", operator=True)
def suspend(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Stop it; the reason is mailed to its owner."""
    account = suspend_account(tx, visit.path["account_id"], visit.text("reason"), by=visit.signed_in, kit=kit)
    return Redirect(f"{HERE}/{account.account_id}", notice="The account is suspended. Its owner gets a mail.")


@form(ONE + "/resume", operator=True)
def resume(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Let it go on."""
    account = resume_account(tx, visit.path["account_id"], by=visit.signed_in, kit=kit)
    return Redirect(f"{HERE}/{account.account_id}", notice="The account works again. Its owner gets a mail.")
