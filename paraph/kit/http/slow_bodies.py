"""Bodies that come in too slowly are given up: whoever drips bytes must not hold a place for ever (slow loris)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from paraph.kit.errors import ParaphError
from paraph.kit.i18n import gettext as _

if TYPE_CHECKING:
    from starlette.types import Message, Receive

PAUSE_SECONDS = 20.0
"""How long no byte may come."""
PATIENCE_SECONDS = 60.0
"""How long a body may come in however slowly; then it must have come at the least rate."""
LEAST_BYTES_A_SECOND = 1024


class SlowBody(ParaphError):
    """408: the body came too slowly; the connection is closed."""

    default_status = 408

    def __init__(self) -> None:
        message = _("What you sent came in too slowly. Try again on a better line.")
        super().__init__(message, headers={"Connection": "close"})


def patient(receive: Receive) -> Receive:
    """Return ``receive`` with patience for an honest weak line and no more; it raises SlowBody."""
    return _Patience(receive).receive


class _Patience:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._started = time.monotonic()
        self._bytes = 0
        self._is_over = False

    async def receive(self) -> Message:
        if self._is_over:  # what is waited for now is that the client goes away
            return await self._receive()
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                message = await self._receive()
        except TimeoutError as error:
            raise SlowBody from error
        self._is_over = not message.get("more_body", False)
        self._bytes += len(message.get("body", b""))
        seconds = time.monotonic() - self._started
        if not self._is_over and seconds > PATIENCE_SECONDS and self._bytes < seconds * LEAST_BYTES_A_SECOND:
            raise SlowBody
        return message
