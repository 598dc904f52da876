"""Reads of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from paraph.kit.db import Prepared
from paraph.kit.errors import NotFound

from .account import Account, account_of
from .addresses import find_key
from .models import accounts

if TYPE_CHECKING:
    from sqlalchemy import Row

    from paraph.kit.db import ReadTx, WriteTx

_BY_PK = Prepared(select(accounts).where(accounts.c.id == bindparam("pk")))


def load_account(tx: ReadTx, pk: int) -> Account:
    """Return the account; raises NotFound."""
    kept: Account | None = tx.kept((Account, pk))
    return kept or account_of(account_row(tx, pk))


def find_account(tx: ReadTx, *, account_id: str | None = None, email_address: str | None = None) -> Account | None:
    """Return the account of that id, else of that address (spelled any way), or None; the id wins."""
    row = None
    if account_id:
        row = tx.one_or_none(select(accounts).where(accounts.c.account_id == account_id))
    elif email_address:
        row = row_by_address(tx, email_address)
    return None if row is None else account_of(row)


def account_row(tx: ReadTx, pk: int) -> Row[Any]:
    """Return the whole row, password hash included; raises NotFound."""
    row: Row[Any] | None = _BY_PK.one_or_none(tx, pk=pk)
    if row is None:
        raise NotFound("Account not found")
    return row


def row_by_address(tx: ReadTx, text: str) -> Row[Any] | None:
    """Return the row of the account with that address, or None."""
    key = find_key(text)
    return None if key is None else tx.one_or_none(select(accounts).where(accounts.c.email_key == key))


def hold_account(tx: WriteTx, pk: int) -> Account:
    """As ``load_account``, but it stays so until the transaction ends: a change under way is waited for."""
    row = tx.one_or_none(select(accounts).where(accounts.c.id == pk).with_for_update(read=True))
    if row is None:
        raise NotFound("Account not found")
    return account_of(row)


def lock_account(tx: WriteTx, pk: int) -> Row[Any]:
    """Return the row, held until the transaction ends, so that what is counted below it stays counted."""
    row = tx.one_or_none(select(accounts).where(accounts.c.id == pk).with_for_update())
    if row is None:
        raise NotFound("Account not found")
    return row
