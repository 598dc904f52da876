"""An account as other rooms see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .locales import DEFAULT_LOCALE

if TYPE_CHECKING:
    from sqlalchemy import Row


@dataclass(frozen=True, slots=True)
class Account:
    """``pk`` is the internal key and never leaves; moments in seconds, UTC. ``name`` may be empty (invited)."""

    pk: int
    account_id: str
    email_address: str
    name: str
    locale: str
    confirmed_at: int | None
    is_operator: bool
    has_password: bool
    created_at: int
    suspended_at: int | None = None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def display_name(self) -> str:
        """The name, or the address of someone who has not given one."""
        return self.name or self.email_address


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is made of; ``password_hash`` as ``hash_password`` returns it."""

    email_address: str
    name: str
    password_hash: str | None = None
    confirmed: bool = False
    operator: bool = False
    locale: str = DEFAULT_LOCALE


def account_of(row: Row[Any]) -> Account:
    """Return the account of a row of ``accounts``."""
    return Account(
        pk=row.id,
        account_id=row.account_id,
        email_address=row.email_address,
        name=row.name,
        locale=row.locale,
        confirmed_at=row.confirmed_at,
        is_operator=row.operator_since is not None,
        has_password=row.password_hash is not None,
        created_at=row.created_at,
        suspended_at=row.suspended_at,
    )
