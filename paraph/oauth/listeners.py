"""What this room does when something happens in the rooms below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import AccountConfirmed, AccountEmailChanged, AppsDisconnected, PasswordReset
from paraph.apps import AppDeleting, AppScopesChanged, AppSecretRotated, AppSuspended

from .announce import announce_account_confirmed
from .pending import drop_pending
from .revoke import drop_unfinished, revoke_account_tokens, revoke_active_grants, revoke_app_tokens

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts


def listen(facts: Facts) -> None:
    """Subscribe to the facts that end or begin access."""
    facts.subscribe(AppScopesChanged, _on_scopes_changed)
    facts.subscribe(AppSuspended, _on_app_suspended)
    facts.subscribe(AppSecretRotated, _on_secret_rotated)
    facts.subscribe(AppDeleting, _on_app_deleting)
    facts.subscribe(PasswordReset, _on_password_reset)
    facts.subscribe(AppsDisconnected, _on_apps_disconnected)
    facts.subscribe(AccountEmailChanged, _on_email_changed)
    facts.subscribe(AccountConfirmed, _on_account_confirmed)


def _on_scopes_changed(tx: WriteTx, fact: AppScopesChanged, kit: Kit) -> None:
    revoke_app_tokens(tx, fact.app_pk, kit, because="scopes_changed")


def _on_app_suspended(tx: WriteTx, fact: AppSuspended, kit: Kit) -> None:
    revoke_app_tokens(tx, fact.app_pk, kit, because="app_suspended")


def _on_app_deleting(tx: WriteTx, fact: AppDeleting, kit: Kit) -> None:
    revoke_app_tokens(tx, fact.app_pk, kit, because="app_deleted")


def _on_secret_rotated(tx: WriteTx, fact: AppSecretRotated, kit: Kit) -> None:
    """Whoever knew the secret may hold tokens too; a rotation without alarm leaves users connected (R13)."""
    if fact.compromised:
        revoke_app_tokens(tx, fact.app_pk, kit, because="secret_compromised")


def _on_password_reset(tx: WriteTx, fact: PasswordReset, kit: Kit) -> None:
    """Codes on their way die in any case (T21); grants when the person asked for it.

    Where nobody had proved the address before, what was granted may be a stranger's doing. A pending pair may stay:
    it needs the consent of whoever holds the mailbox now (M14).
    """
    drop_unfinished(tx, fact.account_pk)
    if fact.revoke_grants:
        revoke_account_tokens(tx, fact.account_pk, kit, because="password_reset")
    elif fact.was_unconfirmed:
        revoke_active_grants(tx, fact.account_pk, because="password_reset", now=kit.clock.now())


def _on_apps_disconnected(tx: WriteTx, fact: AppsDisconnected, kit: Kit) -> None:
    revoke_account_tokens(tx, fact.account_pk, kit, because="user")


def _on_email_changed(tx: WriteTx, fact: AccountEmailChanged, kit: Kit) -> None:
    drop_pending(tx, fact.account_pk, None, "address_changed", kit.clock.now())


def _on_account_confirmed(tx: WriteTx, fact: AccountConfirmed, kit: Kit) -> None:
    announce_account_confirmed(tx, fact.account_pk, kit=kit)
