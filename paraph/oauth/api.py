"""The API operations of this room."""

from __future__ import annotations

from paraph.accounts import account_json
from paraph.kit import Kit
from paraph.kit.db import WriteTx
from paraph.kit.http import ApiRequest, Reply, Told, writes
from paraph.kit.wire import Notice, with_warnings

from .answers import CreatedAccountAnswer
from .create_account import CreateAccount, create_account
from .wire import AccountCreateRequest, oauth_data_json

UNCONFIRMED = Notice(
    "The account was created, but its owner has not confirmed it yet. Until then, requests it sends stay on hold.",
    "unconfirmed",
)


@writes("accountCreate", body=AccountCreateRequest, told=Told(answer=CreatedAccountAnswer))
def create(tx: WriteTx, request: ApiRequest[AccountCreateRequest], kit: Kit) -> Reply:
    """POST /v3/account/create."""
    body = request.body
    command = CreateAccount(body.email_address, body.locale, body.client_id, body.client_secret)
    account, tokens = create_account(tx, request.caller, command, kit=kit)
    answer = {"account": account_json(tx, account, kit)}
    if tokens is not None:
        return Reply(answer | {"oauth_data": oauth_data_json(tokens)})
    return Reply(with_warnings(answer, [UNCONFIRMED]))
