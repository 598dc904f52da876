"""Log in with address and password, in two steps: count the try, then (the password verified outside) let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update

from paraph.kit.errors import BadRequest

from .addresses import find_key
from .models import accounts
from .queries import account_row, row_by_address
from .sessions import start_session
from .throttle import count_try, forgive_tries

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx


class WrongPassword(BadRequest):
    """400: unknown address or wrong password; never told apart."""

    def __init__(self) -> None:
        super().__init__("The address or the password is not right.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom a password is to be verified for; no account when the address is unknown."""

    email_key: str
    account_pk: int | None
    password_hash: str | None


def admit_try(tx: WriteTx, email_address: str, client: Client, *, kit: Kit) -> Candidate:
    """Count one try and return whose password to verify; raises TooManyRequests."""
    key = find_key(email_address) or email_address.casefold()
    count_try(tx, key, client, kit)
    row = row_by_address(tx, email_address)
    return Candidate(key, row.id, row.password_hash) if row else Candidate(key, None, None)


def admit_own_try(tx: WriteTx, account_pk: int, client: Client, *, kit: Kit) -> Candidate:
    """The same for someone who is logged in and has to give the password again."""
    row = account_row(tx, account_pk)
    count_try(tx, row.email_key, client, kit)
    return Candidate(row.email_key, row.id, row.password_hash)


def log_in(
    tx: WriteTx,
    candidate: Candidate,
    client: Client,
    *,
    kit: Kit,
    new_hash: str | None = None,
    replaces: str | None = None,
) -> str:
    """Return the token of a new session for a candidate whose password fitted; raises WrongPassword.

    ``new_hash`` replaces the stored one, which was made with weaker parameters.
    """
    account_pk = accept_try(tx, candidate, client, kit=kit)
    if new_hash is not None:
        tx.execute(update(accounts).where(accounts.c.id == account_pk).values(password_hash=new_hash))
    return start_session(tx, account_pk, client, kit=kit, replaces=replaces)


def accept_try(tx: WriteTx, candidate: Candidate, client: Client, *, kit: Kit) -> int:
    """Forget the tries of a candidate whose password fitted and return the account's key.

    Raises WrongPassword when the password was changed since it was verified.
    """
    if candidate.account_pk is None or candidate.password_hash is None:
        raise WrongPassword
    if account_row(tx, candidate.account_pk).password_hash != candidate.password_hash:
        raise WrongPassword
    forgive_tries(tx, candidate.email_key, client, kit)
    return candidate.account_pk
