"""Which OAuth callback URLs and which domains an app may register (oauth.md M9, A2, A3; RFC 9700 2.1, 4.1.3).

A callback is compared byte for byte later on, so what is doubtful here is refused here: the browser, this server
and the app must never read one address in two ways.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from paraph.kit.errors import BadRequest

from .lookalikes import deceives

LONGEST_CALLBACK = 2000
LONGEST_HOST = 253
MOST_DOMAINS = 10
CALLBACK_PATH = "oauth.callback_url"
DOMAINS_PATH = "domains"

OWN_PARAMETERS = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})
"""What the authorization answer adds to the callback's query."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LOOPBACK = re.compile(r"http://(?P<host>127\.0\.0\.1|\[::1\])(?::[1-9][0-9]{0,4})?(?P<rest>(?:[/?].*)?)", re.ASCII)
_DOT_SEGMENT = re.compile(r"(?:^|/)\.{1,2}(?:/|$)")


def check_callback(url: str, *, development: bool, native: bool) -> str:
    """Return ``url``; raises BadRequest that says what is wrong with it.

    http is for this very machine only: ``localhost`` and loopback addresses while the server runs in
    ``development``, and loopback addresses (RFC 8252 7.3, never the name) for ``native`` apps anywhere.
    """
    if len(url) > LONGEST_CALLBACK:
        raise _bad_callback(f"it is longer than {LONGEST_CALLBACK} characters")
    if not (url.isascii() and url.isprintable()) or any(ch in url for ch in ' "<>\\^`{|}'):
        raise _bad_callback("it has characters that must be escaped; write other scripts' host names as xn--…")
    parts = _split(url)
    _check_form(url, parts)
    _check_host(parts, development=development, native=native)
    _check_path(parts.path)
    _check_query(parts.query)
    return url


def callback_matches(registered: str, asked: str, *, native: bool) -> bool:
    """True when ``asked`` is the registered callback: exactly, save the port of a native app's loopback address."""
    if asked == registered:
        return True
    ours, theirs = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(asked)
    if not native or ours is None or theirs is None:
        return False
    return ours["host"] == theirs["host"] and ours["rest"] == theirs["rest"]


def check_domains(domains: Iterable[str], *, loopback: bool) -> list[str]:
    """Return the domains in lower case, each once; raises BadRequest for none, too many, or one that is no domain.

    ``loopback`` addresses stand for this very machine: while developing, and for native apps.
    """
    wanted = list(dict.fromkeys(domain.strip().lower().removesuffix(".") for domain in domains if domain.strip()))
    if not wanted:
        raise BadRequest("Must specify domain", path=DOMAINS_PATH)
    if len(wanted) > MOST_DOMAINS:
        raise BadRequest(f"An app has at most {MOST_DOMAINS} domains.", path=DOMAINS_PATH)
    for place, domain in enumerate(wanted):
        if not _is_domain(domain, loopback=loopback):
            shown = domain[:80]
            raise BadRequest(
                f"Not a domain: {shown}. Give the bare name, such as example.com.", path=f"{DOMAINS_PATH}[{place}]"
            )
    return wanted


def host_of(url: str) -> str | None:
    """Return the host name of an address, without its port; None when it has none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad_callback("it cannot be read") from error
    if port == 0:
        raise _bad_callback("port 0 cannot be called")
    return parts


def _check_form(url: str, parts: SplitResult) -> None:
    if parts.scheme not in ("https", "http") or not url.startswith(f"{parts.scheme}://"):
        raise _bad_callback("it must start with https://")
    if "@" in parts.netloc:
        raise _bad_callback("it must not hold a user name or password")
    if "#" in url:
        raise _bad_callback("it must not have a fragment (#)")
    if "*" in url:
        raise _bad_callback("wildcards are not possible; callbacks are compared letter by letter")
    if not parts.hostname or parts.netloc.endswith(":"):
        raise _bad_callback("it names no host")


def _check_host(parts: SplitResult, *, development: bool, native: bool) -> None:
    host = parts.hostname or ""
    if _is_loopback_address(host):
        if development or native:
            return
        raise _bad_callback("addresses of this machine are for native apps and for development only")
    if host == "localhost" or host.endswith(".localhost"):
        if development:
            return
        raise _bad_callback("localhost is possible only while the server itself runs on localhost")
    if parts.scheme != "https":
        raise _bad_callback("it must start with https://")
    if _is_address(host) or host.rpartition(".")[2].isdecimal():
        raise _bad_callback("it must name a host, not a numeric address")
    if not _is_host_name(host):
        raise _bad_callback("its host name is not valid")
    if deceives(host):
        raise _bad_callback("its host name mixes or imitates letters of another script")


def _check_path(path: str) -> None:
    if _BROKEN_ESCAPE.search(path):
        raise _bad_callback("it has a % that escapes nothing")
    plain = unquote(path)
    if _DOT_SEGMENT.search(plain) or "\\" in plain or "//" in path:
        raise _bad_callback("its path must not have empty parts, . or ..")


def _check_query(query: str) -> None:
    if _BROKEN_ESCAPE.search(query):
        raise _bad_callback("it has a % that escapes nothing")
    names = {name.strip().lower() for name, _ in parse_qsl(query.replace(";", "&"), keep_blank_values=True)}
    taken = sorted(names & OWN_PARAMETERS)
    if taken:
        raise _bad_callback(f"its query must not have {taken[0]}, which this server adds")


def _is_domain(domain: str, *, loopback: bool) -> bool:
    if domain == "localhost" or domain.endswith(".localhost"):
        return _is_host_name(domain)
    if _is_loopback_address(domain):
        return loopback
    if not _is_host_name(domain) or "." not in domain or deceives(domain):
        return False
    return not domain.rpartition(".")[2].isdecimal()


def _is_host_name(host: str) -> bool:
    return len(host) <= LONGEST_HOST and all(_LABEL.fullmatch(label) for label in host.split("."))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback_address(host: str) -> bool:
    return host in ("127.0.0.1", "::1")


def _bad_callback(reason: str) -> BadRequest:
    return BadRequest(f"This OAuth callback URL cannot be used: {reason}.", path=CALLBACK_PATH)
