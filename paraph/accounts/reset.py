"""Password reset by mail. It ends every session; and where nobody had proved the address before, it clears out
whatever a stranger may have set up under it (pre-hijacking, M14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from paraph.events import set_callback
from paraph.kit import ids
from paraph.kit.crypto import token_hash
from paraph.kit.db import delete_some

from .account import Account
from .activity import record
from .addresses import read_address
from .api_keys import drop_api_keys
from .confirm import CHANGE, StaleLink, drop_confirmations, mark_confirmed
from .facts import PasswordReset
from .letters import password_changed_letter, reset_letter
from .models import accounts, password_resets
from .queries import find_account, load_account
from .sessions import end_sessions
from .throttle import forgive_account, may_mail

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import ReadTx, WriteTx

LIFE_SECONDS = 3600
TOKEN_PREFIX = "prs_"  # noqa: S105 - a prefix by which leaked tokens are recognised, not a secret


@dataclass(frozen=True, slots=True)
class WantedPassword:
    """What the person chose. ``name`` counts only where the account was unconfirmed: its name may be a stranger's."""

    password_hash: str
    name: str
    revoke_grants: bool


def send_reset_link(tx: WriteTx, email_address: str, *, kit: Kit) -> None:
    """Mail a link to choose a new password, if an account has that address."""
    account = find_account(tx, email_address=email_address)
    if account is None or not may_mail(tx, read_address(account.email_address), kit):
        return
    drop_resets(tx, account.pk)
    token, now = ids.opaque_token(TOKEN_PREFIX), kit.clock.now()
    values = {
        "account_pk": account.pk,
        "token_hash": token_hash(token),
        "created_at": now,
        "expires_at": now + LIFE_SECONDS,
    }
    tx.insert(password_resets, values)
    reset_letter(tx, account, token, kit=kit)


def find_reset(tx: ReadTx, token: str, now: int) -> Account:
    """Return the account whose password the link may set; raises StaleLink."""
    alive = password_resets.c.used_at.is_(None) & (password_resets.c.expires_at > now)
    by_token = password_resets.c.token_hash == token_hash(token)
    account_pk = tx.scalar(select(password_resets.c.account_pk).where(by_token, alive))
    if account_pk is None:
        raise StaleLink
    return load_account(tx, account_pk)


def reset_password(tx: WriteTx, token: str, wanted: WantedPassword, client: Client, *, kit: Kit) -> Account:
    """Set the password, end every session, tell the rooms above; return the account as it was. Raises StaleLink."""
    account = _use(tx, token, kit)
    mine = accounts.c.id == account.pk
    tx.execute(update(accounts).where(mine).values(password_hash=wanted.password_hash))
    end_sessions(tx, account.pk)
    drop_confirmations(tx, account.pk, CHANGE)
    forgive_account(tx, read_address(account.email_address).key, kit)
    record(tx, account.pk, "password_reset", client, kit=kit)
    if not account.is_confirmed:
        drop_api_keys(tx, account.pk)
        set_callback(tx, account_pk=account.pk, url=None, kit=kit)
        tx.execute(update(accounts).where(mine).values(name=wanted.name))
    kit.facts.publish(tx, PasswordReset(account.pk, not account.is_confirmed, wanted.revoke_grants), kit)
    if not account.is_confirmed:
        mark_confirmed(tx, account.pk, client, kit=kit)
    password_changed_letter(tx, account, kit=kit)
    return account


def drop_resets(tx: WriteTx, account_pk: int) -> None:
    """Let the account's unused reset links stop working."""
    tx.execute(
        delete(password_resets).where(password_resets.c.account_pk == account_pk, password_resets.c.used_at.is_(None))
    )


def sweep_resets(tx: WriteTx, now: int) -> int:
    """Delete a batch of links that are over; return how many."""
    return delete_some(tx, password_resets, password_resets.c.expires_at < now)


def _use(tx: WriteTx, token: str, kit: Kit) -> Account:
    now = kit.clock.now()
    account = find_reset(tx, token, now)
    unused = (password_resets.c.token_hash == token_hash(token)) & password_resets.c.used_at.is_(None)
    if tx.changed(update(password_resets).where(unused).values(used_at=now)) == 0:
        raise StaleLink
    return account
