"""What the outside world was told, and what reached it: the other side of the books that are checked afterwards."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTP
from typing import Any


@dataclass
class Asked:
    """A person who was asked to sign; what of theirs was acknowledged, by the kind of the audit event."""

    name: str
    email: str
    signature_id: str = ""
    acknowledged: set[str] = field(default_factory=set)


@dataclass
class Request:
    """An acknowledged request."""

    request_id: str
    title: str
    signers: list[Asked]


@dataclass
class Grant:
    """The tokens that an app holds after everything that was acknowledged to it."""

    profile: str
    access_tokens: list[str]
    refresh_token: str


@dataclass
class Ledger:
    """Written by the drivers; ``unknown`` are titles of requests whose answer never came."""

    requests: list[Request] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1


class Postbox:
    """A mail server's side: every mail it took, by Message-ID."""

    def __init__(self) -> None:
        self.taken: dict[str, list[Any]] = defaultdict(list)
        self._to: dict[str, list[Any]] = defaultdict(list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        message = message_from_bytes(envelope.content, policy=SMTP)
        self.taken[str(message["Message-ID"])].append(message)
        for address in envelope.rcpt_tos:
            self._to[address].append(message)
        return "250 taken"

    def clear(self) -> None:
        """Forget everything."""
        self.taken.clear()
        self._to.clear()

    def texts_to(self, address: str) -> list[str]:
        """The plain texts of the mails to this address, oldest first."""
        return [message.get_body(("plain",)).get_content() for message in list(self._to[address])]

    def different_to(self, address: str) -> dict[str, str]:
        """Subject by Message-ID of the different mails that this address got."""
        return {str(message["Message-ID"]): str(message["Subject"]) for message in list(self._to[address])}
