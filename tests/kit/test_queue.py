"""Jobs: enqueued with the fact, run at least once, retried, given up, never lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from paraph.kit import Kit
from paraph.kit.errors import BadRequest
from paraph.kit.queue import (
    GiveUp,
    JobKind,
    Runner,
    failed_jobs,
    job,
    jobs,
    oldest_due,
    periodic,
    queue_counts,
    retry_job,
)
from paraph.kit.queue.definition import DEADLY_ATTEMPTS, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS
from paraph.kit.queue.queue import LEASE_SECONDS, claim, finish, renew
from paraph.kit.queue.runner import NETWORK_JOBS
from tests.kit.ground import Ground, until


class Recorder:
    """A job that notes each run and then does what the test says."""

    def __init__(self, *outcomes: Exception | None, **options: Any) -> None:
        self.runs: list[dict[str, Any]] = []
        self._outcomes = list(outcomes)
        self.kind = job("test.note", **options)(self._run)

    async def _run(self, payload: dict[str, Any], kit: Kit) -> None:
        self.runs.append(payload)
        outcome = self._outcomes.pop(0) if self._outcomes else None
        if outcome is not None:
            raise outcome

    def runner(self, kit: Kit) -> Runner:
        return Runner(kit, {self.kind.name: self.kind})


def enqueue(kit: Kit, **more: Any) -> Any:
    return kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.note", **more))


async def waiting(kit: Kit) -> list[Any]:
    return await kit.db.read(lambda tx: tx.all(select(jobs).order_by(jobs.c.id)))


async def _empty(kit: Kit) -> bool:
    return not await waiting(kit)


def test_a_job_stands_and_falls_with_its_transaction(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        recorder = Recorder()

        def refused(tx: Any) -> None:
            kit.queue.enqueue(tx, "test.note", number=1)
            raise BadRequest("no")

        with pytest.raises(BadRequest):
            await kit.db.write(refused)
        await enqueue(kit, number=2)
        assert await recorder.runner(kit).run_due() == 1
        assert recorder.runs == [{"number": 2}]
        assert await waiting(kit) == []

    ground.run(scenario)


def test_a_job_waits_for_its_time(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        recorder = Recorder()
        await enqueue(kit, due=kit.clock.now() + 100)
        ground.clock.move(99)
        assert await recorder.runner(kit).run_due() == 0
        ground.clock.move(1)
        assert await recorder.runner(kit).run_due() == 1

    ground.run(scenario)


def test_a_failing_job_is_tried_again_after_growing_pauses_then_given_up(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        given_up: list[tuple[dict[str, Any], str]] = []
        recorder = Recorder(
            *(OSError(f"no {number}") for number in range(3)),
            attempts=3,
            given_up=lambda tx, payload, reason, kit: given_up.append((payload, reason)),
        )
        runner = recorder.runner(kit)
        await enqueue(kit, number=7)
        await runner.run_due()
        for pause in (FIRST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2):
            ground.clock.move(pause - 1)
            assert await runner.run_due() == 0
            ground.clock.move(1)
            assert await runner.run_due() == 1
        assert given_up == [({"number": 7}, "no 2")]
        failed = await kit.db.read(failed_jobs)
        assert [(row.error, row.attempts) for row in failed] == [("no 2", 3)]
        assert await kit.db.read(lambda tx: queue_counts(tx, kit.clock.now())) == {
            "due": 0,
            "scheduled": 0,
            "failed": 1,
        }
        ground.clock.move(10 * LONGEST_PAUSE_SECONDS)
        assert await runner.run_due() == 0
        assert await kit.db.write(lambda tx: retry_job(tx, failed[0].id, kit.clock.now()))
        assert not await kit.db.write(lambda tx: retry_job(tx, failed[0].id, kit.clock.now()))
        assert await runner.run_due() == 1
        assert await waiting(kit) == []

    ground.run(scenario)


def test_giving_up_at_once(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        recorder = Recorder(GiveUp("pointless"))
        await enqueue(kit, unique_key="k")
        await recorder.runner(kit).run_due()
        assert [row.error for row in await kit.db.read(failed_jobs)] == ["pointless"]
        await enqueue(kit, unique_key="k")
        assert await recorder.runner(kit).run_due() == 1, "a given-up job does not block a new one of its key"

    ground.run(scenario)


def test_a_dead_workers_job_is_run_by_another_and_a_deadly_job_is_given_up(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        recorder = Recorder(attempts=2)
        runner = recorder.runner(kit)
        await enqueue(kit)
        for _ in range(2):
            assert len(await kit.db.write(lambda tx: claim(tx, kit.clock.now(), {"work": 5}))) == 1
            assert await runner.run_due() == 0, "leased"
            ground.clock.move(LEASE_SECONDS + 1)
        await runner.run_due()
        assert recorder.runs == []
        assert [row.error for row in await kit.db.read(failed_jobs)] == ["the worker died each time it ran this"]

    ground.run(scenario)


def test_a_lease_can_be_prolonged_and_lost(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await enqueue(kit)
        (held,) = await kit.db.write(lambda tx: claim(tx, kit.clock.now(), {"work": 5}))
        ground.clock.move(LEASE_SECONDS - 1)
        assert await kit.db.write(lambda tx: renew(tx, held, kit.clock.now()))
        ground.clock.move(LEASE_SECONDS - 1)
        assert await kit.db.write(lambda tx: claim(tx, kit.clock.now(), {"work": 5})) == []
        ground.clock.move(2)
        (taken,) = await kit.db.write(lambda tx: claim(tx, kit.clock.now(), {"work": 5}))
        assert not await kit.db.write(lambda tx: renew(tx, held, kit.clock.now()))
        await kit.db.write(lambda tx: finish(tx, held))
        assert len(await waiting(kit)) == 1, "who lost the lease cannot finish the job"
        await kit.db.write(lambda tx: finish(tx, taken))
        assert await waiting(kit) == []

    ground.run(scenario)


def test_one_job_of_a_key_brought_forward(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        recorder = Recorder()
        now = kit.clock.now()
        for due in (now + 50, now + 20, now + 90):
            await enqueue(kit, unique_key="k", due=due)
        assert [row.due_at for row in await waiting(kit)] == [now + 20]
        ground.clock.move(20)
        assert await recorder.runner(kit).run_due() == 1
        assert await waiting(kit) == []

    ground.run(scenario)


def test_what_is_asked_for_while_the_job_runs_is_not_lost(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        runs: list[int] = []

        async def handler(_payload: dict[str, Any], kit: Kit) -> None:
            runs.append(kit.clock.now())
            if len(runs) == 1:  # it has looked already; now somebody else wants it done, and later once more
                await enqueue(kit, unique_key="k", due=kit.clock.now() + 30)
                await enqueue(kit, unique_key="k")
                await enqueue(kit, unique_key="k", due=kit.clock.now() + 60)

        runner = Runner(kit, {"test.note": JobKind("test.note", handler)})
        await enqueue(kit, unique_key="k")
        await runner.run_due()
        assert runs == [kit.clock.now()] * 2
        assert await waiting(kit) == []

    ground.run(scenario)


def test_a_job_may_put_itself_off(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        runs: list[int] = []

        async def handler(_payload: dict[str, Any], kit: Kit) -> None:
            runs.append(kit.clock.now())
            await enqueue(kit, unique_key="k", due=kit.clock.now() + 30)

        runner = Runner(kit, {"test.note": JobKind("test.note", handler)})
        await enqueue(kit, unique_key="k")
        start = kit.clock.now()
        for _ in range(3):
            await runner.run_due()
            ground.clock.move(30)
        assert runs == [start, start + 30, start + 60]

    ground.run(scenario)


def test_a_job_asked_for_again_is_not_given_up(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        tries: list[int] = []

        async def handler(_payload: dict[str, Any], kit: Kit) -> None:
            tries.append(1)
            if len(tries) == 1:
                await enqueue(kit, unique_key="k")
                raise GiveUp("not this time")

        await enqueue(kit, unique_key="k")
        await Runner(kit, {"test.note": JobKind("test.note", handler)}).run_due()
        assert len(tries) == 2
        assert await waiting(kit) == []

    ground.run(scenario)


def test_a_periodic_job_recurs_one_at_a_time_even_after_a_failure(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        runs: list[int] = []

        async def handler(_payload: dict[str, Any], kit: Kit) -> None:
            runs.append(kit.clock.now())
            if len(runs) == 2:
                raise OSError

        kind = periodic("test.tick", every=60)(handler)
        runners = [Runner(kit, {kind.name: kind}) for _ in range(2)]
        start = kit.clock.now()
        for _ in range(4):
            await asyncio.gather(*(runner.run_due() for runner in runners))
            ground.clock.move(30)
        ground.clock.move(30)
        await runners[0].run_due()
        assert runs == [start, start + 60, start + 150]
        assert len(await waiting(kit)) == 1

    ground.run(scenario)


def test_a_job_of_a_newer_version_is_left_for_it(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.tomorrow"))
        assert await Recorder().runner(kit).run_due() == 0
        (row,) = await waiting(kit)
        assert (row.failed_at, row.error) == (None, "no worker here knows the job test.tomorrow")

    ground.run(scenario)


def test_four_claimers_run_each_job_exactly_once(ground: Ground) -> None:
    total = 200

    async def scenario(kit: Kit) -> None:
        for number in range(total):
            await enqueue(kit, number=number)
        recorder = Recorder()
        async with ground.kit() as b, ground.kit() as c, ground.kit() as d:
            await asyncio.gather(*(recorder.runner(one).run_due() for one in (kit, b, c, d)))
        assert Counter(run["number"] for run in recorder.runs) == Counter(range(total))
        assert await waiting(kit) == []

    ground.run(scenario)


def test_a_claim_never_takes_more_than_there_is_room_for(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        for lane in ("work", "network"):
            for _ in range(10):
                await enqueue(kit, lane=lane)
        room = {"work": 3, "network": 0}
        assert len(await kit.db.write(lambda tx: claim(tx, kit.clock.now(), room))) == 3
        rows = await kit.db.write(lambda tx: claim(tx, kit.clock.now(), {"work": 2, "network": 4}))
        assert Counter(row.lane for row in rows) == {"work": 2, "network": 4}

    ground.run(scenario)


def test_a_lane_full_of_waiting_jobs_does_not_hold_up_the_other(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        release, done = asyncio.Event(), asyncio.Event()

        async def slow(_payload: dict[str, Any], _kit: Kit) -> None:
            await release.wait()

        async def quick(_payload: dict[str, Any], _kit: Kit) -> None:
            done.set()

        kinds = {"test.slow": JobKind("test.slow", slow), "test.quick": JobKind("test.quick", quick)}
        for _ in range(NETWORK_JOBS + 30):
            await kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.slow", lane="network"))
        runner = Runner(kit, kinds)
        running = asyncio.create_task(runner.run())
        await asyncio.sleep(0.2)
        await kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.quick"))
        await asyncio.wait_for(done.wait(), 5)
        assert await kit.db.read(oldest_due) is not None, "some slow ones still wait for room"
        release.set()
        await until(lambda: _empty(kit))
        runner.stop()
        await asyncio.wait_for(running, 10)
        assert await waiting(kit) == []

    ground.run(scenario, worker_concurrency=1)


def test_a_live_worker_wakes_at_once(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        recorder = Recorder()
        runner = recorder.runner(kit)
        running = asyncio.create_task(runner.run())
        await asyncio.sleep(0.1)
        for number in range(5):
            await enqueue(kit, number=number)
            await asyncio.sleep(0.02)
        await until(lambda: _empty(kit))
        runner.stop()
        await asyncio.wait_for(running, 5)
        assert len(recorder.runs) == 5

    ground.run(scenario)


def test_what_runs_beside_a_deadly_job_does_not_share_its_end(ground: Ground) -> None:
    """A worker that is killed lets go of nothing: here, a job that raises what no runner catches."""

    class Killed(BaseException):
        pass

    async def scenario(kit: Kit) -> None:
        under_way: set[str] = set()
        done: list[str] = []

        async def deadly(_payload: dict[str, Any], _kit: Kit) -> None:
            under_way.add("deadly")
            await asyncio.sleep(0.01)
            raise Killed

        async def innocent(payload: dict[str, Any], _kit: Kit) -> None:
            await asyncio.sleep(0.005)
            if "deadly" in under_way:
                raise Killed
            done.append(payload["who"])

        kinds = {"test.deadly": job("test.deadly")(deadly), "test.note": job("test.note")(innocent)}
        await kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.deadly"))
        for name in ("one", "two"):
            await enqueue(kit, who=name)
        for _life in range(2 * DEADLY_ATTEMPTS):
            runner, dead = Runner(kit, kinds), False
            while not dead and await runner._claim_batch():
                ends = await asyncio.gather(*runner._running, return_exceptions=True)
                dead = any(isinstance(end, Killed) for end in ends)
            under_way.clear()
            ground.clock.move(LEASE_SECONDS + 1)
        assert sorted(done) == ["one", "two"]
        assert [row.name for row in await kit.db.read(failed_jobs)] == ["test.deadly"]
        assert await waiting(kit) == await kit.db.read(failed_jobs)

    ground.run(scenario)
