"""An account as the vendor's API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.events import callback_url
from paraph.kit.sms import provider_of

from .wire import account_body

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

    from .account import Account


def account_json(tx: ReadTx, account: Account, kit: Kit) -> dict[str, Any]:
    """Return the vendor's AccountResponse of ``account``."""
    has_texts = provider_of(kit.settings) is not None
    return account_body(account, callback_url(tx, account_pk=account.pk), has_texts=has_texts)
