"""Addresses that lead back to the app, and what the consent page may let a browser follow."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote_from_bytes, urlsplit


def callback_address(redirect_uri: str, parameters: Mapping[str, str | bytes | None]) -> str:
    """Return ``redirect_uri`` with the parameters that are not None added to its own query (RFC 6749 3.1.2, V34).

    Bytes are escaped as they are: what the app sent as ``state`` it gets back byte for byte (4.1.2).
    """
    added = "&".join(f"{name}={_escaped(value)}" for name, value in parameters.items() if value is not None)
    if not added:
        return redirect_uri
    if "?" not in redirect_uri:
        return f"{redirect_uri}?{added}"
    return f"{redirect_uri}{added}" if redirect_uri.endswith(("?", "&")) else f"{redirect_uri}&{added}"


def callback_host(redirect_uri: str) -> str:
    """Return host and port, as the consent page shows them."""
    return urlsplit(redirect_uri).netloc


def form_targets(redirect_uri: str) -> tuple[str, ...]:
    """Return the CSP sources a consent form for this callback needs.

    Browsers apply ``form-action`` to every redirect after the post, and apps often lead on from their callback to
    another host of theirs. So any https address may follow an https callback, any port of this machine a local one.
    CSP cannot name IPv6 addresses, hence the bare scheme for those.
    """
    parts = urlsplit(redirect_uri)
    if parts.scheme == "https":
        return ("https:",) if "[" in parts.netloc else (f"https://{parts.netloc}", "https:")
    if "[" in parts.netloc:
        return ("http:",)
    return (f"http://{parts.netloc}", "http://localhost:*", "http://127.0.0.1:*")


def _escaped(value: str | bytes) -> str:
    return quote_from_bytes(value.encode() if isinstance(value, str) else value, safe="")
