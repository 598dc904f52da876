"""Where a request came from: forwarded addresses count only when a trusted proxy forwarded them (T12)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from paraph.kit.caller import Client

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from paraph.kit.settings import Settings

AGENT_CHARACTERS = 400


def client_of(request: HTTPConnection, settings: Settings) -> Client:
    """Return the address and user agent of the requester."""
    peer = request.client.host if request.client else "0.0.0.0"  # noqa: S104 - a placeholder, nothing is bound
    agent = forwarded = None
    for name, value in request.scope["headers"]:  # once for both: the library looks through all for each
        if name == b"user-agent" and agent is None:
            agent = value.decode("latin-1")[:AGENT_CHARACTERS]
        elif name == b"x-forwarded-for" and forwarded is None:
            forwarded = value.decode("latin-1")
    return Client(_through_proxies(peer, forwarded, settings) if forwarded else peer, agent or "")


def is_loopback(request: HTTPConnection, settings: Settings) -> bool:
    """True when the peer itself is this machine, nothing was forwarded, and the address asked for is ours.

    The name counts, because any site may let its own name resolve to 127.0.0.1 and then read, in a browser on this
    machine, whatever answers there (DNS rebinding).
    """
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    asked = _host_name(f"//{request.headers.get('host', '')}")
    if not _is_this_machine(asked) and asked != _host_name(settings.public_url):
        return False
    return _is_this_machine(request.client.host)


def _host_name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_this_machine(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _through_proxies(peer: str, forwarded: str, settings: Settings) -> str:
    networks = [ipaddress.ip_network(text, strict=False) for text in settings.trusted_networks_text]
    address = peer
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _in_any(address, networks):
            break
        address = hop.partition("%")[0]  # the zone of an IPv6 address may be any text, of any length
    return address if _in_any(address, [ipaddress.ip_network("::/0"), ipaddress.ip_network("0.0.0.0/0")]) else peer


def _in_any(text: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in networks)
