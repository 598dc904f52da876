"""The account behind a credential, read in the statement that finds the credential: what most calls ask next.

On PostgreSQL each statement more is a round trip, which costs as much as all else of a small read (docs/speed.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.events import callback_url_of, keep_callback_url

from .account import Account
from .models import accounts
from .suspended import Suspended

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from paraph.kit.db import ReadTx

_COLUMNS = (
    accounts.c.id.label("account_pk"),
    accounts.c.account_id,
    accounts.c.email_address,
    accounts.c.name.label("account_name"),
    accounts.c.locale.label("account_locale"),
    accounts.c.confirmed_at,
    accounts.c.operator_since,
    accounts.c.password_hash.is_not(None).label("has_password"),
    accounts.c.created_at.label("account_since"),
    accounts.c.suspended_at.label("account_suspended_at"),
    callback_url_of(accounts.c.id).label("account_callback_url"),
)


def with_account(credential: Select[Any], account_pk: ColumnElement[int]) -> Select[Any]:
    """Return the statement that finds a credential with the columns of the account whose key ``account_pk`` is."""
    return credential.join(accounts, accounts.c.id == account_pk).add_columns(*_COLUMNS)


def keep_account(tx: ReadTx, row: Any) -> None:
    """Let ``load_account`` and ``callback_url`` answer from the row, as long as this view lasts.

    Raises Suspended for an account that the operator stopped: no credential of it opens anything.
    """
    if row.account_suspended_at is not None:
        raise Suspended
    tx.keep(
        (Account, row.account_pk),
        Account(
            pk=row.account_pk,
            account_id=row.account_id,
            email_address=row.email_address,
            name=row.account_name,
            locale=row.account_locale,
            confirmed_at=row.confirmed_at,
            is_operator=row.operator_since is not None,
            has_password=row.has_password,
            created_at=row.account_since,
            suspended_at=row.account_suspended_at,
        ),
    )
    keep_callback_url(tx, account_pk=row.account_pk, url=row.account_callback_url)
