"""Who is calling: plain data that every verb can read; the rooms that authenticate fill it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CallerKind = Literal["api_key", "bearer", "session", "system"]


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from: the address (only through trusted proxies, T12) and the user agent."""

    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated account, by which means, and, under a bearer token, which app acts for it.

    ``account_pk`` and ``app_pk`` are internal keys and never leave; ``scopes`` is empty unless ``kind`` is
    ``bearer``. ``credential_pk`` is the row of the key, token or session that was presented; ``credential``
    names it in evidence without giving it away (``kit.crypto.fingerprint``). ``is_confirmed``: the account's e-mail
    address has been confirmed.
    """

    kind: CallerKind
    account_pk: int
    account_id: str
    email_address: str
    client: Client
    credential_pk: int = 0
    credential: str = ""
    app_pk: int | None = None
    client_id: str | None = None
    scopes: frozenset[str] = frozenset()
    is_operator: bool = False
    is_confirmed: bool = True
