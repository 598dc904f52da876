"""Senders and signers, in a process of its own: what takes several steps, over real HTTP.

python -m bench.load.people < order.json > outcome.json
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

LOOK_AGAIN_SECONDS = 0.05
PATIENCE_SECONDS = 120
_DISCLOSURE = re.compile(r'name="disclosure" value="([^"]+)"')
_FINGERPRINT = re.compile(r'name="fingerprint" value="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done. ``ready`` are signers for whom one press is left; ``seconds`` ends a ``flow``."""

    task: str
    ports: list[int]
    world: int
    api_key: str
    pdf: str
    at_once: int = 4
    count: int = 0
    seconds: float = 0
    pause: float = 0
    ready: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """``ms`` of each measured call, ``pressed`` when a request was finished (epoch seconds), what went wrong."""

    ms: list[float] = field(default_factory=list)
    pressed: dict[str, float] = field(default_factory=dict)
    ready: list[dict[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0


class Wrong(Exception):
    """An answer that is not the expected one."""


class People:
    """Everybody of one order."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._pdf = Path(order.pdf).read_bytes()
        self._numbers = itertools.count(1)
        self._ports = itertools.cycle(order.ports)
        self._links: dict[str, str] = {}
        self._client = httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=200))
        self._world = httpx.AsyncClient(base_url=f"http://127.0.0.1:{order.world}", timeout=60)
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        """Carry out the order; a person who meets an error goes on with the next request."""
        looking = asyncio.create_task(self._look_for_mail())
        begin = time.perf_counter()
        tasks: dict[str, Callable[[], Awaitable[None]]] = {
            "links": self._links_only,
            "prepare": self._prepare,
            "finish": self._finish_all,
            "flow": self._flow,
        }
        await tasks[self._order.task]()
        self.outcome.seconds = time.perf_counter() - begin
        looking.cancel()
        return self.outcome

    async def _prepare(self) -> None:
        async def one(_item: object) -> None:
            self.outcome.ready.append(await self._ready())

        await self._spread(range(self._order.count), one)

    async def _links_only(self) -> None:
        """Send, and take the link that the signer was mailed."""

        async def one(_item: object) -> None:
            address = self._address()
            request_id = await self._send(address)
            self.outcome.ready.append({"base": await self._link(address), "request": request_id})

        await self._spread(range(self._order.count), one)

    async def _finish_all(self) -> None:
        async def one(signer: dict[str, str]) -> None:
            await self._press(signer)
            await asyncio.sleep(self._order.pause)

        await self._spread(self._order.ready, one)

    async def _flow(self) -> None:
        end = time.perf_counter() + self._order.seconds

        async def person() -> None:
            while time.perf_counter() < end:
                await self._guarded(self._whole_flow())

        await asyncio.gather(*(person() for _ in range(self._order.at_once)))

    async def _whole_flow(self) -> None:
        await self._press(await self._ready())

    async def _spread(self, items: Any, one: Callable[[Any], Awaitable[None]]) -> None:
        waiting = iter(items)

        async def person() -> None:
            for item in waiting:
                await self._guarded(one(item))

        await asyncio.gather(*(person() for _ in range(self._order.at_once)))

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (Wrong, httpx.HTTPError) as error:
            self.outcome.errors.append(f"{type(error).__name__}: {error}"[:300])

    async def _ready(self) -> dict[str, str]:
        """Send, open the mailed link, agree, adopt a typed signature, look at the last page."""
        address = self._address()
        request_id = await self._send(address)
        base = await self._link(address)
        disclosure = _found(_DISCLOSURE, await self._call("GET", base))
        await self._call("POST", f"{base}/view", {"by": "script"})
        await self._call("POST", f"{base}/consent", {"disclosure": disclosure, "agree": "yes"})
        typed = {"method": "type", "text": "Jill Signer", "face": "caveat"}
        await self._call("POST", f"{base}/signature", typed)
        fingerprint = _found(_FINGERPRINT, await self._call("GET", f"{base}/review"))
        return {"base": base, "fingerprint": fingerprint, "request": request_id}

    def _address(self) -> str:
        return f"signer{time.time_ns()}.{next(self._numbers)}@example.com"

    async def _send(self, address: str) -> str:
        fields = {
            "title": "Lease",
            "test_mode": "1",
            "signers[0][name]": "Jill Signer",
            "signers[0][email_address]": address,
        }
        url = f"http://127.0.0.1:{next(self._ports)}/v3/signature_request/send"
        upload = {"files[0]": ("lease.pdf", self._pdf)}
        answer = await self._client.post(url, data=fields, files=upload, auth=(self._order.api_key, ""))
        if answer.status_code != 200:
            raise Wrong(f"send: {answer.status_code} {answer.text[:200]}")
        return str(answer.json()["signature_request"]["signature_request_id"])

    async def _press(self, signer: dict[str, str]) -> None:
        """Finish, and see that the page says so."""
        form = {"fingerprint": signer["fingerprint"], "button": "Agree and finish", "time_zone": "Europe/Berlin"}
        begin = time.perf_counter()
        answer = await self._client.post(self._url(f"{signer['base']}/finish"), data=form)
        took = (time.perf_counter() - begin) * 1000
        if answer.status_code != 303 or not answer.headers["location"].endswith(signer["base"]):
            raise Wrong(f"finish: {answer.status_code} {answer.headers.get('location')}")
        self.outcome.ms.append(took)
        self.outcome.pressed[signer["request"]] = time.time()

    async def _call(self, method: str, path: str, form: dict[str, str] | None = None) -> str:
        answer = await self._client.request(method, self._url(path), data=form)
        if answer.status_code not in (200, 204, 303):
            raise Wrong(f"{method} {path.rpartition('/')[2]}: {answer.status_code}")
        return answer.text

    async def _link(self, address: str) -> str:
        end = time.perf_counter() + PATIENCE_SECONDS
        while address not in self._links:
            if time.perf_counter() > end:
                raise Wrong("no mail came")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return self._links.pop(address)

    async def _look_for_mail(self) -> None:
        while True:
            self._links |= (await self._world.get("/links")).json()
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{next(self._ports)}{path}"


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise Wrong(f"a page without {pattern.pattern}")
    return found.group(1)


def main() -> None:
    """Read the order, print the outcome."""
    order = Order(**json.load(sys.stdin))
    json.dump(asdict(asyncio.run(People(order).run())), sys.stdout)


if __name__ == "__main__":
    main()
