"""The one outbound HTTP client (T33): resolve once, connect to that very address, never to a private one.

No redirects are followed. Time and size are capped. Names are checked at connect time, inside the connection
pool, so a name that changes its mind between check and use gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpcore

from paraph.kit import trace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from pathlib import Path

    from .settings import Settings

RESOLVE_SECONDS = 5.0
CONNECT_SECONDS = 10.0
ANSWER_BYTES = 64 * 1024
RESOLVER_THREADS = 32
"""Look-ups at once; names that hang must not use up the threads that store files."""

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_DOUBTFUL = re.compile(r"[\x00-\x20\x7f\\]")
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_NUMERIC_LABEL = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]*)")
_SAFE = "/:?#[]@!$&'()*+,;=%~"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundRefused(Exception):
    """The address may not be called; trying again will not help. The message says why."""


class OutboundFailed(Exception):
    """The far side could not be reached, or answered too slowly or with too much."""


class OutboundTooLarge(OutboundFailed):
    """The far side sends more than was allowed; trying again will not help."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the far side said; ``body`` holds at most the first 64 KiB."""

    status: int
    body: bytes


class Outbound:
    """Calls callbacks and downloads file_urls."""

    def __init__(self, settings: Settings, *, private: bool = False) -> None:
        """With ``private``, for hosts that the operator named: they may be anywhere."""
        self._guard = AddressGuard(
            private=private or settings.allow_private_callbacks, loopback=settings.is_development
        )
        # callers bound how many calls run at once; waiting for a free connection would eat their seconds
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=_GuardedBackend(self._guard), max_connections=None, max_keepalive_connections=0
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()
        self._guard.close()

    def check_url(self, url: str, *, https_only: bool, http_loopback: bool = False) -> None:
        """Raise OutboundRefused for a URL that this server would never call (scheme, credentials, address).

        With ``http_loopback``, http is good enough for this very machine.
        """
        target = read_url(url)
        plain_allowed = not https_only or (http_loopback and target.is_loopback)
        if target.scheme != "https" and not plain_allowed:
            raise OutboundRefused("only https addresses are called")
        if target.address is not None:
            self._guard.check(target.address)  # a name is checked when it is resolved

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Answer:
        """POST ``body``; raises OutboundRefused or OutboundFailed."""
        return await self.request(url, headers, body, seconds=seconds, max_bytes=ANSWER_BYTES)

    async def request(
        self, url: str, headers: Mapping[str, str], body: bytes | None, *, seconds: float, max_bytes: int
    ) -> Answer:
        """POST ``body``, or GET when there is none, and keep the first ``max_bytes`` of the answer.

        Raises OutboundRefused or OutboundFailed.
        """
        async with self._stream("GET" if body is None else "POST", url, headers, body, seconds) as response:
            return Answer(response.status, await _first_bytes(response, max_bytes))

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
                        raise OutboundTooLarge(f"the file is larger than {max_bytes} bytes")
                    file.write(chunk)

    @asynccontextmanager
    async def _stream(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> AsyncIterator[httpcore.Response]:
        target = read_url(url)
        sent = {"Host": target.authority, "User-Agent": "Paraph", "Accept-Encoding": "identity"}
        sent |= {"Connection": "close", **headers}
        about = {"http__request__method": method, "server__address": target.host, "url__scheme": target.scheme}
        try:
            with trace.span(method, "client", **about) as span:
                async with asyncio.timeout(seconds), self._call(method, target, sent, body, seconds) as response:
                    trace.note(span, http__response__status_code=response.status)
                    yield response
        except TimeoutError as error:
            raise OutboundFailed(f"no full answer within {seconds:g} seconds") from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise OutboundFailed(str(error) or type(error).__name__) from error

    def _call(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> AbstractAsyncContextManager[httpcore.Response]:
        timeout = {"connect": CONNECT_SECONDS, "read": seconds, "write": seconds, "pool": seconds}
        more = {"timeout": timeout}
        return self._pool.stream(method, target.wire, headers=list(headers.items()), content=body, extensions=more)


class AddressGuard:
    """Which addresses may be called: public ones; ``private`` adds all others; ``loopback`` adds this machine."""

    def __init__(self, *, private: bool, loopback: bool) -> None:
        self.private = private
        self.loopback = loopback
        self._resolvers = ThreadPoolExecutor(RESOLVER_THREADS, "resolve")

    def close(self) -> None:
        """Let go of the threads; look-ups that hang are not waited for."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def check(self, address: Address) -> None:
        """Raise OutboundRefused for an address that may not be called."""
        real = getattr(address, "ipv4_mapped", None) or address
        if self.private or (self.loopback and real.is_loopback):
            return
        if not real.is_global or real.is_multicast or _is_doubtful(real):
            raise OutboundRefused(f"{address} is not a public address")

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the addresses of ``host``, at least one; every one of them must be allowed."""
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await asyncio.get_running_loop().run_in_executor(self._resolvers, _look_up, host, port)
        except TimeoutError as error:
            raise OutboundRefused(f"{host} took too long to resolve") from error
        except (OSError, UnicodeError) as error:
            raise OutboundFailed(f"{host} cannot be resolved") from error
        if not found:
            raise OutboundFailed(f"{host} has no address")
        for text in found:
            self.check(ipaddress.ip_address(text.partition("%")[0]))
        return found


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


@dataclass(frozen=True, slots=True)
class Target:
    """An absolute http(s) URL that was read without doubt; ``address`` is set when the host is a literal one."""

    scheme: str
    host: str
    authority: str
    address: Address | None
    wire: httpcore.URL

    @property
    def is_loopback(self) -> bool:
        """True for this very machine, by name or by address."""
        if self.address is not None:
            return self.address.is_loopback
        return self.host == "localhost" or self.host.endswith(".localhost")


def read_url(url: str) -> Target:
    """Read a URL; raises OutboundRefused for anything that two readers might read differently."""
    if _DOUBTFUL.search(url):
        raise OutboundRefused("the address holds characters that no address may hold")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise OutboundRefused("the address cannot be read") from error
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "%" in host:
        raise OutboundRefused("the address must be a plain http or https one, without user name or password")
    address = _literal(host)
    name = host if address else _ascii_name(host)
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    wire = httpcore.URL(scheme=parts.scheme, host=name, port=port, target=path)
    authority = (f"[{name}]" if ":" in name else name) + ("" if port is None else f":{port}")
    return Target(parts.scheme, name, authority, address, wire)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _ascii_name(host: str) -> str:
    """A name as it goes into the DNS. A last label that is a number is an address in disguise (octal, decimal)."""
    if _NUMERIC_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise OutboundRefused("write an address as four decimal numbers")
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise OutboundRefused("the host's name is not valid") from error
    if not _HOST_NAME.fullmatch(name):
        raise OutboundRefused("the host's name is not valid")
    return name


def _look_up(host: str, port: int) -> list[str]:
    return [str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _is_doubtful(address: Address) -> bool:
    """6to4, Teredo, NAT64 and IPv4-compatible addresses carry an IPv4 address past the check."""
    if isinstance(address, ipaddress.IPv4Address):
        return False
    return bool(address not in _GLOBAL_UNICAST or address.sixtofour or address.teredo)


async def _first_bytes(response: httpcore.Response, limit: int) -> bytes:
    body = b""
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
