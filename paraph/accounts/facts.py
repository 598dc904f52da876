"""What this room tells the rooms above it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountConfirmed:
    """The person proved that the account's address is theirs, for the first time."""

    account_pk: int


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """A new password was set through the mailbox, and every session ended.

    ``revoke_grants``: the person asked that every app lose its access too (T10). ``was_unconfirmed``: until now
    nobody had proved that the address is theirs, so whatever the account held may be a stranger's.
    """

    account_pk: int
    was_unconfirmed: bool
    revoke_grants: bool


@dataclass(frozen=True, slots=True)
class AccountEmailChanged:
    """The account has another (confirmed) address."""

    account_pk: int


@dataclass(frozen=True, slots=True)
class AppsDisconnected:
    """The person asked, while changing the password or logging out everywhere, that every app lose its access."""

    account_pk: int


@dataclass(frozen=True, slots=True)
class AccountSuspended:
    """An operator stopped the account: whatever acts for it stops, too."""

    account_pk: int


@dataclass(frozen=True, slots=True)
class AccountResumed:
    """An operator let the account go on."""

    account_pk: int
