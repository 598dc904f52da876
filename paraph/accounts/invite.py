"""Invite a person: an account without a password, and a mail whose link leads to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .account import Account, NewAccount
from .confirm import INVITED, new_confirmation
from .create import add_account
from .letters import invitation_letter
from .locales import DEFAULT_LOCALE

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx


def invite_account(
    tx: WriteTx,
    *,
    email_address: str,
    locale: str | None = None,
    after_path: str | None = None,
    invited_by_app: str | None = None,
    kit: Kit,
) -> Account:
    """Return the new, unconfirmed account and mail its confirmation link; raises AccountExists, BadRequest.

    After confirming, the person is led to ``after_path``, a path of this site. ``invited_by_app`` is the name of
    the app on whose behalf the mail is sent. The link goes by mail only: no caller ever sees it (M15).
    """
    if after_path is not None and not after_path.startswith("/"):
        raise ValueError("after_path must be a path of this site")
    wanted = NewAccount(email_address=email_address, name="", locale=locale or DEFAULT_LOCALE)
    account = add_account(tx, wanted, kit=kit)
    token = new_confirmation(tx, account, INVITED, kit=kit, after_path=after_path, invited_by_app=invited_by_app)
    invitation_letter(tx, account, token, invited_by_app, kit=kit)
    return account
