"""The vendor's account operations (accountCreate belongs to OAuth, whose tokens it may give)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Forbidden
from paraph.kit.http import ApiRequest, Reply, Told, reads, writes

from .answers import AccountAnswer, VerifyAnswer
from .find import account_not_found, verify_address, visible_account
from .show import account_json
from .update import update_account
from .wire import AccountQuery, AccountUpdate, AccountVerify, account_envelope, limited_body, verified_body

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx


@reads("accountGet", told=Told((AccountQuery,), AccountAnswer))
def get_account(tx: ReadTx, request: ApiRequest[None], kit: Kit) -> Reply:
    """The caller's own account; any other is not found."""
    query = request.query_as(AccountQuery)
    account = visible_account(tx, request.caller, account_id=query.account_id, email_address=query.email_address)
    body = account_json(tx, account, kit)
    if request.caller.kind == "bearer" and "account_access" not in request.caller.scopes:
        body = limited_body(body)
    return Reply(account_envelope(body, account))


@writes("accountUpdate", body=AccountUpdate, told=Told(answer=AccountAnswer))
def put_account(tx: WriteTx, request: ApiRequest[AccountUpdate], kit: Kit) -> Reply:
    """Set callback URL and language of the caller's own account."""
    account = update_account(tx, request.caller, request.body, kit=kit)
    return Reply(account_envelope(account_json(tx, account, kit), account))


@writes("accountVerify", body=AccountVerify, told=Told(answer=VerifyAnswer))
def verify_account(tx: WriteTx, request: ApiRequest[AccountVerify], kit: Kit) -> Reply:
    """Whether an address has an account (walkthrough, Account Creation Flow)."""
    if not kit.settings.account_verify_enabled:
        raise Forbidden("This server does not tell whether an address has an account.")
    found = verify_address(tx, request.caller, request.body.email_address, kit=kit)
    if found is None:
        failure = account_not_found()
        failure.keeps_writes = True  # the look-up counts, whatever it finds
        raise failure
    return Reply(verified_body(found))
