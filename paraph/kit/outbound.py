"""The one outbound HTTP client (T33): resolve once, connect to that very address, never to a private one.

No redirects are followed. Time and size are capped. Names are checked at connect time, inside the connection
pool, so a name that changes its mind between check and use gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from pathlib import Path

    from .settings import Settings

RESOLVE_SECONDS = 5.0
CONNECT_SECONDS = 10.0
ANSWER_BYTES = 64 * 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundRefused(Exception):
    """The address may not be called; trying again will not help. The message says why."""


class OutboundFailed(Exception):
    """The far side could not be reached, or answered too slowly or with too much."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the far side said; ``body`` holds at most the first 64 KiB."""

    status: int
    body: bytes


class Outbound:
    """Calls callbacks and downloads file_urls."""

    def __init__(self, settings: Settings) -> None:
        self._guard = AddressGuard(private=settings.allow_private_callbacks, loopback=settings.is_development)
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=_GuardedBackend(self._guard), max_connections=100, max_keepalive_connections=0
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    def check_url(self, url: str, *, https_only: bool) -> None:
        """Raise OutboundRefused for a URL that this server would never call (scheme, credentials, address)."""
        parts = split_url(url)
        if parts.scheme != "https" and (https_only or parts.scheme != "http"):
            raise OutboundRefused("only https addresses are called")
        try:
            self._guard.check(ipaddress.ip_address(parts.hostname or ""))
        except ValueError:
            return  # a name: checked when it is resolved

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Answer:
        """POST ``body``; raises OutboundRefused or OutboundFailed."""
        async with self._stream("POST", url, headers, body, seconds) as response:
            return Answer(response.status, await _first_bytes(response, ANSWER_BYTES))

    async def download(self, url: str, target: Path, *, max_bytes: int, seconds: float) -> None:
        """GET an https URL into ``target``; raises OutboundRefused or OutboundFailed."""
        self.check_url(url, https_only=True)
        async with self._stream("GET", url, {}, None, seconds) as response:
            if response.status != 200:
                raise OutboundFailed(f"the server answered {response.status}")
            size = 0
            with target.open("wb") as file:
                async for chunk in response.aiter_stream():
                    size += len(chunk)
                    if size > max_bytes:
                        raise OutboundFailed(f"the file is larger than {max_bytes} bytes")
                    file.write(chunk)

    @asynccontextmanager
    async def _stream(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> AsyncIterator[httpcore.Response]:
        split_url(url)
        sent = {"User-Agent": "Paraph", "Accept-Encoding": "identity", "Connection": "close"} | dict(headers)
        timeout = {"connect": CONNECT_SECONDS, "read": seconds, "write": seconds, "pool": seconds}
        try:
            async with (
                asyncio.timeout(seconds),
                self._pool.stream(
                    method, url, headers=list(sent.items()), content=body, extensions={"timeout": timeout}
                ) as response,
            ):
                yield response
        except TimeoutError as error:
            raise OutboundFailed(f"no full answer within {seconds:g} seconds") from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise OutboundFailed(str(error) or type(error).__name__) from error
        except (httpcore.UnsupportedProtocol, UnicodeError, ValueError) as error:
            raise OutboundRefused("the address cannot be called") from error


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Which addresses may be called: public ones; ``private`` adds all others; ``loopback`` adds this machine."""

    private: bool
    loopback: bool

    def check(self, address: Address) -> None:
        """Raise OutboundRefused for an address that may not be called."""
        real = getattr(address, "ipv4_mapped", None) or address
        if self.private or (self.loopback and real.is_loopback):
            return
        if not real.is_global or real.is_multicast or _wraps_ipv4(real):
            raise OutboundRefused(f"{address} is not a public address")

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the addresses of ``host``, at least one; every one of them must be allowed."""
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise OutboundRefused(f"{host} took too long to resolve") from error
        except (OSError, UnicodeError) as error:
            raise OutboundFailed(f"{host} cannot be resolved") from error
        addresses = [str(item[4][0]) for item in found]
        for text in addresses:
            self.check(ipaddress.ip_address(text.partition("%")[0]))
        return addresses


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        *first, last = await self._guard.resolve(host, port)
        for address in first:  # localhost is often ::1 first, with nobody listening there
            with suppress(httpcore.ConnectError):
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._backend.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class _Url:
    __slots__ = ("hostname", "scheme")

    def __init__(self, scheme: str, hostname: str) -> None:
        self.scheme = scheme
        self.hostname = hostname


def split_url(url: str) -> _Url:
    """Return scheme and host of an absolute http(s) URL; raises OutboundRefused for anything doubtful."""
    try:
        parts = urlsplit(url)
        host, user = parts.hostname, parts.username
        _ = parts.port  # parsing it may raise
    except ValueError as error:
        raise OutboundRefused("the address cannot be read") from error
    if parts.scheme not in ("http", "https") or not host or user is not None:
        raise OutboundRefused("the address must be a plain http or https one")
    return _Url(parts.scheme, host)


def _wraps_ipv4(address: Address) -> bool:
    """6to4, Teredo and NAT64 addresses carry an IPv4 address past the check."""
    if isinstance(address, ipaddress.IPv4Address):
        return False
    return bool(address.sixtofour or address.teredo or address in ipaddress.ip_network("64:ff9b::/96"))


async def _first_bytes(response: httpcore.Response, limit: int) -> bytes:
    body = b""
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
