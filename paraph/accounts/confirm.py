"""Confirmation links: that an address is its account's, sent by mail only, used once (M15).

GET shows, POST confirms, because mail scanners open links. Whoever holds only the link of an account that has a
password must also know that password, or be logged in to it: otherwise a stranger who signed up with your address
would be confirmed by your own click (pre-hijacking).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from paraph.kit import ids
from paraph.kit.crypto import token_hash
from paraph.kit.db import delete_some
from paraph.kit.errors import ParaphError

from .account import Account, account_of
from .activity import record
from .addresses import MailAddress
from .facts import AccountConfirmed, AccountEmailChanged
from .letters import address_changed_letter
from .models import accounts, confirmations

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import ReadTx, WriteTx

ADDRESS, INVITED, CHANGE = "address", "invited", "change"
DAY = 86_400
LIFE_SECONDS = {ADDRESS: 7 * DAY, INVITED: 30 * DAY, CHANGE: DAY}
TOKEN_PREFIX = "pcf_"  # noqa: S105 - a prefix by which leaked tokens are recognised, not a secret


class StaleLink(ParaphError):
    """410: the link was used, replaced by a newer one, or is too old."""

    default_name = "deleted"
    default_status = 410

    def __init__(self) -> None:
        super().__init__("This link was used before, was replaced by a newer one, or is too old.")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A link that still works: ``email_address`` is what it confirms, ``purpose`` one of the three above."""

    pk: int
    account: Account
    purpose: str
    email_address: str
    email_key: str
    after_path: str | None
    invited_by_app: str | None


def new_confirmation(
    tx: WriteTx,
    account: Account,
    purpose: str,
    *,
    kit: Kit,
    address: MailAddress | None = None,
    after_path: str | None = None,
    invited_by_app: str | None = None,
) -> str:
    """Return the token of a new link; earlier ones of the same purpose stop working."""
    drop_confirmations(tx, account.pk, purpose)
    token, now = ids.opaque_token(TOKEN_PREFIX), kit.clock.now()
    values = {
        "account_pk": account.pk,
        "token_hash": token_hash(token),
        "purpose": purpose,
        "email_address": address.shown if address else account.email_address,
        "email_key": address.key if address else _key_of(tx, account),
        "after_path": after_path,
        "invited_by_app": invited_by_app,
        "created_at": now,
        "expires_at": now + LIFE_SECONDS[purpose],
    }
    tx.insert(confirmations, values)
    return token


def find_confirmation(tx: ReadTx, token: str, now: int) -> Confirmation:
    """Return what the link would confirm; raises StaleLink."""
    link = confirmations.c
    alive = link.used_at.is_(None) & (link.expires_at > now)
    row = tx.one_or_none(select(confirmations).where(link.token_hash == token_hash(token), alive))
    if row is None:
        raise StaleLink
    account = account_of(tx.execute(select(accounts).where(accounts.c.id == row.account_pk)).one())
    return Confirmation(
        row.id, account, row.purpose, row.email_address, row.email_key, row.after_path, row.invited_by_app
    )


def confirm_address(tx: WriteTx, token: str, client: Client, *, kit: Kit) -> Confirmation:
    """Confirm the address of an account that has a password, or change it to the new one; raises StaleLink."""
    found = _use(tx, token, kit)
    if found.purpose == CHANGE:
        _change_address(tx, found, client, kit)
    _mark_confirmed(tx, found.account.pk, client, kit)
    return found


def confirm_invited(
    tx: WriteTx, token: str, name: str, password_hash: str, client: Client, *, kit: Kit
) -> Confirmation:
    """Confirm an invited account, with the name and password its person chose; raises StaleLink."""
    found = _use(tx, token, kit)
    unclaimed = (accounts.c.id == found.account.pk) & accounts.c.password_hash.is_(None)
    if tx.changed(update(accounts).where(unclaimed).values(name=name, password_hash=password_hash)) == 0:
        raise StaleLink
    _mark_confirmed(tx, found.account.pk, client, kit)
    return found


def mark_confirmed(tx: WriteTx, account_pk: int, client: Client, *, kit: Kit) -> None:
    """Record that the address was proved in another way (a password reset by mail)."""
    drop_confirmations(tx, account_pk, ADDRESS, INVITED)
    _mark_confirmed(tx, account_pk, client, kit)


def drop_confirmations(tx: WriteTx, account_pk: int, *purposes: str) -> None:
    """Let the account's unused links of these purposes stop working."""
    link = confirmations.c
    tx.execute(
        delete(confirmations).where(link.account_pk == account_pk, link.purpose.in_(purposes), link.used_at.is_(None))
    )


def sweep_confirmations(tx: WriteTx, now: int) -> int:
    """Delete a batch of links that are over; return how many."""
    return delete_some(tx, confirmations, confirmations.c.expires_at < now)


def _use(tx: WriteTx, token: str, kit: Kit) -> Confirmation:
    now = kit.clock.now()
    found = find_confirmation(tx, token, now)
    unused = (confirmations.c.id == found.pk) & confirmations.c.used_at.is_(None)
    if tx.changed(update(confirmations).where(unused).values(used_at=now)) == 0:
        raise StaleLink
    return found


def _change_address(tx: WriteTx, found: Confirmation, client: Client, kit: Kit) -> None:
    values = {"email_address": found.email_address, "email_key": found.email_key}
    try:
        with tx.savepoint():  # no look beforehand: somebody may sign up with the address at this very moment
            tx.execute(update(accounts).where(accounts.c.id == found.account.pk).values(values))
    except IntegrityError as error:
        raise ParaphError("Another account has this address by now, so yours was not changed.", status=409) from error
    drop_confirmations(tx, found.account.pk, ADDRESS, INVITED)
    record(tx, found.account.pk, "email_changed", client, kit=kit, detail={"from": found.account.email_address})
    address_changed_letter(tx, found.account, found.email_address, kit=kit)
    kit.facts.publish(tx, AccountEmailChanged(found.account.pk), kit)


def _mark_confirmed(tx: WriteTx, account_pk: int, client: Client, kit: Kit) -> None:
    first = (accounts.c.id == account_pk) & accounts.c.confirmed_at.is_(None)
    if tx.changed(update(accounts).where(first).values(confirmed_at=kit.clock.now())) == 1:
        record(tx, account_pk, "confirmed", client, kit=kit)
        kit.facts.publish(tx, AccountConfirmed(account_pk), kit)


def _key_of(tx: ReadTx, account: Account) -> Any:
    return tx.scalar(select(accounts.c.email_key).where(accounts.c.id == account.pk))
