"""How often somebody may be asked to sign in an hour: nobody's mailbox is to be flooded through this server (T15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import TooManyRequests
from paraph.kit.limits import Count, count_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

HOUR_SECONDS = 3600
ALL_SENDERS_FACTOR = 5
"""All accounts together may ask one address that many times as often as one of them: an attacker can have several."""


def may_ask(tx: WriteTx, account_pk: int, addresses: Iterable[str], kit: Kit) -> str | None:
    """Count one mail of this account that asks each address to sign; return the first that gets too many, or None."""
    asked = asked_of(account_pk, addresses, kit)
    counts = [count for one in asked.values() for count in one]
    return too_often(asked, count_all(tx, counts, kit.clock.now()) if counts else {}, kit)


def asked_of(account_pk: int, addresses: Iterable[str], kit: Kit) -> dict[str, tuple[Count, Count]]:
    """What is to be counted when these addresses are asked: against this account, and against all."""
    keys = {address: _key(address, kit) for address in addresses}
    return {
        address: (Count(f"ask:{account_pk}:{key}", HOUR_SECONDS), Count(f"asked:{key}", HOUR_SECONDS))
        for address, key in keys.items()
    }


def too_often(asked: Mapping[str, tuple[Count, Count]], totals: Mapping[str, int], kit: Kit) -> str | None:
    """The first address that gets too many mails by these totals, or None."""
    most = kit.settings.asks_per_hour
    for address, (own, everybody) in asked.items():
        if totals[own.key] > most or totals[everybody.key] > most * ALL_SENDERS_FACTOR:
            return address
    return None


def check_may_ask(tx: WriteTx, account_pk: int, addresses: Iterable[str], kit: Kit) -> None:
    """Count as ``may_ask`` does; raises TooManyRequests, with which what was counted is taken back."""
    refuse_asking(may_ask(tx, account_pk, addresses, kit), kit)


def refuse_asking(address: str | None, kit: Kit) -> None:
    """Raise TooManyRequests for an address that gets too many mails, if there is one."""
    if address is not None:
        wait = HOUR_SECONDS - kit.clock.now() % HOUR_SECONDS
        raise TooManyRequests(
            f"{address} was asked to sign very often within an hour. Try again later.",
            headers={"Retry-After": str(wait)},
        )


def _key(address: str, kit: Kit) -> str:
    # counters are kept in plain; who is written to is nobody's business
    return kit.keyring.keyed_hash("asked-address", address.casefold()).hex()[:40]
