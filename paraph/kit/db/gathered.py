"""Look-ups of many calls in one round trip.

Under load, one look-up at a time is under way for each kind; what is asked meanwhile goes with the next. A call that
comes alone waits for nobody. Each statement is sent after all of its askers came, so what they are told is as fresh
as if each had asked for itself: a revocation counts at once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .lookup import Asked, Lookup
    from .slots import Slots

MOST_AT_ONCE = 200


class Gathered:
    """Asks through connections of ``slots``."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._waiting: dict[Lookup, dict[Any, list[asyncio.Future[list[Any]]]]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def find(self, asked: Asked) -> list[Any]:
        """Return the rows; raises DBAPIError, OSError and sqlalchemy's TimeoutError."""
        answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(asked.lookup)
        if waiting is None:
            waiting = self._waiting[asked.lookup] = {}
            task = asyncio.create_task(self._ask(asked.lookup, waiting))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        waiting.setdefault(asked.key, []).append(answer)
        return await answer

    async def _ask(self, lookup: Lookup, waiting: dict[Any, list[asyncio.Future[list[Any]]]]) -> None:
        """Answer those who wait, and those who come meanwhile, until there is nobody."""
        while waiting:
            askers = {key: waiting.pop(key) for key in list(waiting)[:MOST_AT_ONCE]}
            try:
                found = await self._found(lookup, list(askers))
            except BaseException as error:
                _tell([future for futures in askers.values() for future in futures], error)
                if not isinstance(error, Exception):
                    _tell([future for futures in waiting.values() for future in futures], error)
                    del self._waiting[lookup]
                    raise
                continue
            for key, futures in askers.items():
                for future in futures:
                    if not future.done():  # else its caller went away
                        future.set_result(found.get(key, []))
        del self._waiting[lookup]

    async def _found(self, lookup: Lookup, keys: list[Any]) -> dict[Any, list[Any]]:
        slot = await self._slots.take()
        failure: BaseException | None = None
        try:
            sql, values = lookup.several(slot.driver, keys)
            return lookup.by_key(slot.driver, await slot.driver.find(sql, values))
        except BaseException as error:
            failure = error
            raise
        finally:
            await self._slots.give_back(slot, failure)


def _tell(futures: list[asyncio.Future[list[Any]]], error: BaseException) -> None:
    told = error if isinstance(error, Exception) else ConnectionAbortedError("the look-up was broken off")
    for future in futures:
        if not future.done():
            future.set_exception(told)
