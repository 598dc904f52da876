"""JSON of accounts: what requests hold, what answers look like (spec: AccountResponse)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, UnsetType

from paraph.kit.wire import Email, Request, rule

if TYPE_CHECKING:
    from .account import Account

UNCONFIRMED = {
    "warning_msg": "This account's email address is not confirmed yet. "
    "Confirm it through the link that was mailed there.",
    "warning_name": "unconfirmed",
}


class AccountQuery(Request):
    """Query of GET /account; the id wins."""

    account_id: str | None = None
    email_address: str | None = None


class AccountUpdate(Request):
    """Body of PUT /account; an empty callback_url clears it."""

    account_id: str | None = None
    callback_url: Annotated[str | UnsetType, rule(empty_clears=True)] = UNSET
    locale: str | None = None


class AccountVerify(Request):
    """Body of POST /account/verify."""

    email_address: Annotated[Email, rule(missing="Must specify an email_address")]


def account_body(account: Account, callback_url: str | None, *, has_texts: bool) -> dict[str, Any]:
    """Return AccountResponse. This server sells nothing: nothing is limited (null), nothing needs a plan.

    ``has_texts``: this server can send text messages.
    """
    return {
        "account_id": account.account_id,
        "email_address": account.email_address,
        "is_locked": False,
        "is_paid_hs": True,
        "is_paid_hf": False,
        "quotas": {
            "api_signature_requests_left": None,
            "documents_left": None,
            "templates_total": None,
            "templates_left": None,
            "sms_verifications_left": None,
            "num_fax_pages_left": None,
        },
        "callback_url": callback_url,
        "role_code": None,
        "team_id": None,
        "locale": account.locale,
        "usage": {"fax_pages_sent": 0},
        "settings": {"signer_access_codes": True, "sms_delivery": has_texts, "sms_authentication": has_texts},
    }


def limited_body(body: dict[str, Any]) -> dict[str, Any]:
    """What an app with ``basic_account_info`` alone reads: who it is, not where its events go."""
    return body | {"callback_url": None}


def account_envelope(body: dict[str, Any], account: Account) -> dict[str, Any]:
    """``{"account": …}``, with the warning that an unconfirmed account's answers carry."""
    return {"account": body} if account.is_confirmed else {"account": body, "warnings": [UNCONFIRMED]}


def verified_body(account: Account) -> dict[str, Any]:
    """Answer of account/verify for a known address (walkthrough, Account Creation Flow)."""
    return {"account": {"account_id": account.account_id, "email_address": account.email_address}}
