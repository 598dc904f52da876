"""The shapes of what the account operations answer, for our own OpenAPI document (paraph/web/openapi.py)."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from paraph.kit.wire import Notice


class Quotas(TypedDict):
    """What is left; null is without limit, for this server sells nothing."""

    api_signature_requests_left: int | None
    documents_left: int | None
    templates_total: int | None
    templates_left: int | None
    sms_verifications_left: int | None
    num_fax_pages_left: int | None


class Usage(TypedDict):
    """What was used."""

    fax_pages_sent: int


class AccountSettings(TypedDict):
    """What the account's signers can be asked for."""

    signer_access_codes: bool
    sms_delivery: bool
    sms_authentication: bool


class Account(TypedDict):
    """An account as its owner sees it."""

    account_id: str
    email_address: str
    is_locked: bool
    is_paid_hs: bool
    is_paid_hf: bool
    quotas: Quotas
    callback_url: str | None
    role_code: str | None
    team_id: str | None
    locale: str
    usage: Usage
    settings: AccountSettings


class AccountAnswer(TypedDict):
    """The account; a warning while its address is not confirmed."""

    account: Account
    warnings: NotRequired[list[Notice]]


class KnownAccount(TypedDict):
    """What is told of an account to somebody else."""

    account_id: str
    email_address: str


class VerifyAnswer(TypedDict):
    """The account of an address."""

    account: KnownAccount
