"""What every room stands on: nothing in here knows what a signature is.

``Kit`` is the handful of shared parts that edges and verbs are given. ``main`` builds it once per process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from .draining import Draining

if TYPE_CHECKING:
    from .clock import Clock
    from .crypto import Keyring
    from .db import Database
    from .facts import Facts
    from .files import FileStore
    from .limits import Limiter
    from .outbound import Outbound
    from .queue import Queue
    from .settings import Settings

S = TypeVar("S")

__all__ = ["Kit"]


@dataclass(frozen=True)
class Kit:
    """The shared parts of one process."""

    settings: Settings
    clock: Clock
    db: Database
    keyring: Keyring
    files: FileStore
    queue: Queue
    facts: Facts
    limits: Limiter
    outbound: Outbound
    draining: Draining = field(default_factory=Draining)
    _services: dict[type[Any], Any] = field(default_factory=dict)

    def provide(self, service: object, *, as_type: type[Any] | None = None) -> None:
        """Register a room's long-lived object (the document workers) under its type; done by ``main``."""
        self._services[as_type or type(service)] = service

    def service(self, kind: type[S]) -> S:
        """Return the registered object of this type; KeyError when ``main`` did not provide it."""
        found: S = self._services[kind]
        return found
