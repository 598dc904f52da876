"""Does the seal work? Asked often, by machines and people; answered from memory for a while."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from paraph.documents.identity import SealingIdentity
from paraph.documents.workers import DocumentWorkers

BELIEVED_SECONDS: Final = 300.0


class SealWatch:
    """Looks at the certificate's dates each time, and tries a key inside a token every five minutes: whether a token
    opens is known only by opening it. Keys in files were opened at the start."""

    def __init__(
        self, identity: SealingIdentity, workers: DocumentWorkers, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._identity = identity
        self._workers = workers
        self._clock = clock
        self._tried_at: float | None = None
        self._problem = ""

    async def look_again(self) -> str | None:
        """The same as ``problem``, not from memory: something has just failed."""
        self._tried_at = None
        return await self.problem()

    async def problem(self) -> str | None:
        """Why nothing can be sealed now, as a sentence for the operator, or None."""
        # certificates live by the calendar of the world, not by a clock that tests move
        plain = self._identity.problem(datetime.now(UTC))
        if plain is not None or self._identity.token is None:
            return plain
        if self._tried_at is None or self._clock() - self._tried_at > BELIEVED_SECONDS:
            self._problem = await self._workers.key_problem(self._identity)
            self._tried_at = self._clock()
        return self._problem or None
