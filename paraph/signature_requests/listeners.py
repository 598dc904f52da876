"""What this room does when lower rooms tell it something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import AccountConfirmed

from .release import release_held

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts


def listen(facts: Facts) -> None:
    """Subscribe this room."""
    facts.subscribe(AccountConfirmed, _send_what_waited)


def _send_what_waited(tx: WriteTx, fact: AccountConfirmed, kit: Kit) -> None:
    release_held(tx, fact.account_pk, kit)
