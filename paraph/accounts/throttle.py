"""Limits on guessing, counted in the database, so that they hold across processes (T11, B12).

Each try is counted before the password is looked at: fifty at once count as fifty.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from paraph.kit.errors import TooManyRequests
from paraph.kit.limits import clear, count

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

    from .addresses import MailAddress

WINDOW_SECONDS = 900
HOUR = 3600
NETWORK_FACTOR = 10
"""A network (an office behind one address) may fail this many times as often as one account."""

SIGN_UPS_PER_HOUR = 200
RESETS_PER_HOUR = 200
MAILS_PER_HOUR = 6
LOOK_UPS_PER_HOUR = 100
IPV6_PREFIX = 64


def count_try(tx: WriteTx, email_key: str, client: Client, kit: Kit) -> None:
    """Count one try of a password; raises TooManyRequests, which keeps the count."""
    limit = kit.settings.login_attempts
    by_account = _count(tx, _account_key(email_key, kit), WINDOW_SECONDS, kit)
    by_network = _count(tx, f"login-network:{network_of(client.address)}", WINDOW_SECONDS, kit)
    if by_account > limit or by_network > limit * NETWORK_FACTOR:
        raise _too_many(WINDOW_SECONDS, kit, "Too many failed log-ins.")


def forgive_tries(tx: WriteTx, email_key: str, client: Client, kit: Kit) -> None:
    """Forget the tries against an account once its person got in; their network gets the last one back."""
    forgive_account(tx, email_key, kit)
    count(tx, f"login-network:{network_of(client.address)}", kit.clock.now(), WINDOW_SECONDS, add=-1)


def forgive_account(tx: WriteTx, email_key: str, kit: Kit) -> None:
    """Forget the tries against an account."""
    clear(tx, _account_key(email_key, kit))


def count_sign_up(tx: WriteTx, client: Client, kit: Kit) -> None:
    """Count one sign-up from a network; raises TooManyRequests."""
    if _count(tx, f"sign-up:{network_of(client.address)}", HOUR, kit) > SIGN_UPS_PER_HOUR:
        raise _too_many(HOUR, kit, "Too many new accounts from your network.")


def count_reset(tx: WriteTx, client: Client, kit: Kit) -> None:
    """Count one request for a reset link from a network; raises TooManyRequests."""
    if _count(tx, f"reset:{network_of(client.address)}", HOUR, kit) > RESETS_PER_HOUR:
        raise _too_many(HOUR, kit, "Too many password resets were asked for from your network.")


def may_mail(tx: WriteTx, address: MailAddress, kit: Kit) -> bool:
    """Count one mail with a link to this address; False beyond the limit, so that nobody's mailbox is flooded."""
    key = kit.keyring.keyed_hash("mailed-address", address.key).hex()[:40]
    return _count(tx, f"link-mail:{key}", HOUR, kit) <= MAILS_PER_HOUR


def count_look_up(tx: WriteTx, account_pk: int, app_pk: int | None, kit: Kit) -> None:
    """Count one account/verify per account and app (M16); raises TooManyRequests."""
    if _count(tx, f"verify:{account_pk}:{app_pk or 0}", HOUR, kit) > LOOK_UPS_PER_HOUR:
        raise _too_many(HOUR, kit, "Too many look-ups.")


def network_of(address: str) -> str:
    """The network a client is counted as: an IPv4 address, or the /64 of an IPv6 one, however it is spelled (V16)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(parsed), IPV6_PREFIX), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)


def _account_key(email_key: str, kit: Kit) -> str:
    return f"login-account:{kit.keyring.keyed_hash('login-address', email_key).hex()[:40]}"


def _count(tx: WriteTx, key: str, window: int, kit: Kit) -> int:
    return count(tx, key, kit.clock.now(), window)


def _too_many(window: int, kit: Kit, what: str) -> TooManyRequests:
    wait = window - kit.clock.now() % window
    minutes = -(-wait // 60)
    return TooManyRequests(
        f"{what} Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}.",
        keeps_writes=True,
        headers={"Retry-After": str(wait)},
    )
