"""The clock jumps: forward a day, backward an hour, both. Jobs, leases, limits and sessions survive."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from paraph.kit import Kit
from paraph.kit.clock import MovableClock
from paraph.kit.queue import JobKind, Runner, job, jobs, periodic
from paraph.kit.queue.clock_steps import SETTLE_SECONDS, UNSURE_SECONDS, ClockWatch
from tests.events.conftest import Subscriber
from tests.harness import Server, running_server
from tests.helpers.accounts import log_in, make_person
from tests.helpers.receiver import receiving
from tests.helpers.requests import accepted, mails_to, post_send
from tests.kit.ground import Ground, until

DAY, HOUR = 86_400, 3600


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path / "data")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose worker runs all the while."""
    with running_server(tmp_path_factory.mktemp("live"), worker=True) as running:
        yield running


def eventually(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def runner(kit: Kit, *kinds: JobKind) -> Runner:
    return Runner(kit, {kind.name: kind for kind in kinds})


async def while_running(started: Runner, scenario: Callable[[], Awaitable[None]]) -> None:
    running = asyncio.create_task(started.run())
    try:
        await scenario()
    finally:
        started.stop()
        await running


def test_steps_are_told_from_time_that_passes() -> None:
    clock, steady = MovableClock(1_790_000_000), [0.0]
    watch = ClockWatch(clock, lambda: steady[0])

    def passes(seconds: int, stepping: int = 0) -> int:
        steady[0] += seconds
        clock.move(seconds + stepping)
        return watch.look()

    assert [passes(1), passes(DAY), passes(5, 20), passes(5, -20)] == [0, 0, 0, 0]
    assert not (watch.is_unsure or watch.is_settling)
    assert passes(1, DAY) == DAY
    assert watch.is_unsure and watch.is_settling
    assert passes(int(UNSURE_SECONDS)) == 0
    assert not watch.is_unsure
    assert watch.is_settling
    assert passes(1, -DAY) == -DAY
    assert not watch.is_settling, "put right"
    assert passes(1, HOUR // 2) == HOUR // 2
    assert not watch.is_settling, "half an hour is no reason to wait"
    assert passes(1, DAY) == DAY
    passes(int(SETTLE_SECONDS) + 1)
    assert not watch.is_settling, "it stays: it is the time"


@pytest.mark.parametrize("steps", [(DAY,), (-HOUR,), (DAY, -DAY - HOUR)], ids=["forward", "back", "both"])
def test_a_job_under_way_is_not_taken_by_another_worker(ground: Ground, steps: tuple[int, ...]) -> None:
    """Two workers; the clock jumps while one is at it. Nobody begins it again, and its end is recorded."""
    began, release = [], asyncio.Event()

    @job("test.slow")
    async def slow(payload: dict[str, Any], kit: Kit) -> None:
        began.append(payload)
        await release.wait()

    async def scenario(kit: Kit) -> None:
        async def jump() -> None:
            await kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.slow"))
            await until(lambda: _now(len(began) == 1))
            for step in steps:
                ground.clock.move(step)
                kit.queue.woken.set()
                await asyncio.sleep(0.3)
            assert len(began) == 1
            release.set()
            await until(lambda: _none_left(kit))

        first, second = runner(kit, slow), runner(kit, slow)
        await while_running(first, lambda: while_running(second, jump))

    ground.run(scenario)
    assert len(began) == 1


async def _now(value: bool) -> bool:
    return value


async def _none_left(kit: Kit) -> bool:
    return not await kit.db.read(lambda tx: tx.all(select(jobs)))


def test_what_was_asked_for_before_the_clock_was_set_back_does_not_wait_an_hour(ground: Ground) -> None:
    ran: list[str] = []

    @job("test.soon")
    async def soon(_payload: dict[str, Any], _kit: Kit) -> None:
        ran.append("soon")

    @periodic("test.often", every=60)
    async def often(_payload: dict[str, Any], _kit: Kit) -> None:
        ran.append("often")

    async def scenario(kit: Kit) -> None:
        async def nothing() -> None:
            await until(lambda: _now("often" in ran))

        await while_running(runner(kit, soon, often), nothing)
        await kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.soon"))
        await kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.soon", due=ground.clock.now() + HOUR))
        ground.clock.move(-HOUR)

        async def again() -> None:
            await until(lambda: _now("soon" in ran))
            ground.clock.move(20)  # less than a step
            ground.clock.move(20)
            for _ in range(2):
                kit.queue.woken.set()
                await asyncio.sleep(0.05)
                ground.clock.move(20)
            kit.queue.woken.set()
            await until(lambda: _now(ran.count("often") == 2))

        await while_running(runner(kit, soon, often), again)
        left = await kit.db.read(lambda tx: tx.all(select(jobs).where(jobs.c.name == "test.soon")))
        assert len(left) == 1, "what was put off on purpose stays put off"

    ground.run(scenario)


def test_periodic_work_waits_when_the_clock_leaps(ground: Ground) -> None:
    ran: list[int] = []

    @periodic("test.sweep", every=60)
    async def sweep(_payload: dict[str, Any], kit: Kit) -> None:
        ran.append(kit.clock.now())

    async def scenario(kit: Kit) -> None:
        async def leap() -> None:
            await until(lambda: _now(len(ran) == 1))
            ground.clock.move(DAY)
            kit.queue.woken.set()
            await asyncio.sleep(0.3)
            assert len(ran) == 1, "what cannot be taken back is not done by a clock that may be wrong"
            ground.clock.move(-DAY)
            kit.queue.woken.set()
            await asyncio.sleep(0.3)

        await while_running(runner(kit, sweep), leap)
        ground.clock.move(61)
        await while_running(runner(kit, sweep), lambda: until(lambda: _now(len(ran) == 2)))

    ground.run(scenario)


def test_calls_sessions_limits_and_events_go_on(live: Server) -> None:
    person = make_person(live)
    api, browser = live.api(person.api_key), log_in(live, person)
    with receiving() as receiver:
        subscriber = Subscriber(live, person, receiver)
        subscriber.set_url(receiver.url)
        for number, step in enumerate((0, DAY, -HOUR, DAY, -DAY - HOUR), start=1):
            live.move(step)
            address = f"signer{number}@example.com"
            accepted(post_send(api, title=str(number), signers=[{"name": "S", "email_address": address}]))
            is_well(api.get("/v3/account"), live)
            assert browser.get("/settings").status_code == 200, "the session lasts"
            subscriber.record()
            eventually(lambda address=address: len(mails_to(live, address)) == 1)  # type: ignore[misc]
            eventually(lambda number=number: receiver.types.count("signature_request_sent") >= number)  # type: ignore[misc]


def is_well(answer: httpx.Response, server: Server) -> None:
    assert answer.status_code == 200
    assert 0 <= int(answer.headers["x-ratelimit-reset"]) - server.clock.now() <= 60
    assert int(answer.headers["x-ratelimit-remaining"]) > 0
