"""How often somebody may be asked to sign in an hour: nobody's mailbox is to be flooded through this server (T15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import TooManyRequests
from paraph.kit.limits import count_each

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

HOUR_SECONDS = 3600
ALL_SENDERS_FACTOR = 5
"""All accounts together may ask one address that many times as often as one of them: an attacker can have several."""


def may_ask(tx: WriteTx, account_pk: int, addresses: Iterable[str], kit: Kit) -> str | None:
    """Count one mail of this account that asks each address to sign; return the first that gets too many, or None."""
    now, most = kit.clock.now(), kit.settings.asks_per_hour
    keys = {address: _key(address, kit) for address in addresses}
    counters = [key for one in keys.values() for key in (f"ask:{account_pk}:{one}", f"asked:{one}")]
    totals = count_each(tx, counters, now, HOUR_SECONDS) if counters else {}
    for address, key in keys.items():
        if totals[f"ask:{account_pk}:{key}"] > most or totals[f"asked:{key}"] > most * ALL_SENDERS_FACTOR:
            return address
    return None


def check_may_ask(tx: WriteTx, account_pk: int, addresses: Iterable[str], kit: Kit) -> None:
    """Count as ``may_ask`` does; raises TooManyRequests, with which what was counted is taken back."""
    address = may_ask(tx, account_pk, addresses, kit)
    if address is not None:
        wait = HOUR_SECONDS - kit.clock.now() % HOUR_SECONDS
        raise TooManyRequests(
            f"{address} was asked to sign very often within an hour. Try again later.",
            headers={"Retry-After": str(wait)},
        )


def _key(address: str, kit: Kit) -> str:
    # counters are kept in plain; who is written to is nobody's business
    return kit.keyring.keyed_hash("asked-address", address.casefold()).hex()[:40]
