"""Children: bounded, separate, and gone when they are not needed."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paraph.documents import DocumentFailure, DocumentWorkers, Limits, Rejected
from tests.documents.conftest import Desk
from tests.documents.nasty import NASTY
from tests.documents.samples import text_pdf_bytes

BIG = Limits(cpu_seconds=60, wall_seconds=60)


def slow_file(folder: Path) -> Path:
    source = folder / "slow.pdf"
    source.write_bytes(NASTY["forms_that_draw_forms"][0]())
    return source


def good_file(folder: Path) -> Path:
    source = folder / "good.pdf"
    source.write_bytes(text_pdf_bytes(3))
    return source


def children_of(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it may end while we look
            if int(status.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(status.parent.name))
    return found


def nurseries() -> list[int]:
    return [
        pid
        for pid in children_of(os.getpid())
        if b"paraph.documents.sandbox.nursery" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def nursery_of(workers: DocumentWorkers) -> int:
    process = workers._pool._process
    assert process is not None
    return process.pid


async def gone(pids: list[int]) -> bool:
    for _ in range(100):
        if not any(map(alive, pids)):
            return True
        await asyncio.sleep(0.05)
    return False


async def running_children(nursery: int) -> list[int]:
    for _ in range(3000):
        if found := children_of(nursery):
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("no child was started")


def test_nothing_runs_before_the_first_task_nor_after_the_end(tmp_path: Path) -> None:
    async def live() -> None:
        before = nurseries()
        workers = DocumentWorkers()
        assert nurseries() == before
        await workers.intake(good_file(tmp_path), tmp_path / "out.pdf")
        started = [pid for pid in nurseries() if pid not in before]
        assert len(started) == 1
        await workers.stop()
        assert nurseries() == before
        # and it starts again when it is needed again
        await workers.intake(good_file(tmp_path), tmp_path / "out.pdf")
        await workers.stop()

    asyncio.run(live())


@pytest.mark.parametrize(
    "limits", [Limits(wall_seconds=0.5), Limits(cpu_seconds=1), Limits(memory_bytes=700 << 20, cpu_seconds=30)]
)
def test_a_limit_ends_the_child_and_nobody_else(limits: Limits, tmp_path: Path) -> None:
    """Statement 3."""

    async def live() -> None:
        async with DocumentWorkers(limits, concurrency=2) as workers:
            doomed = workers.intake(slow_file(tmp_path), tmp_path / "doomed.pdf")
            fine = workers.intake(good_file(tmp_path), tmp_path / "fine.pdf")
            outcomes = await asyncio.gather(doomed, fine, return_exceptions=True)
            assert isinstance(outcomes[0], Rejected)
            assert outcomes[0].reason == "killed"
            assert not isinstance(outcomes[1], BaseException)

    asyncio.run(live())
    assert {path.name for path in tmp_path.iterdir()} == {"slow.pdf", "good.pdf", "fine.pdf"}


def test_a_cancelled_task_leaves_no_child_and_no_file(tmp_path: Path) -> None:
    async def live() -> None:
        async with DocumentWorkers(BIG) as workers:
            await workers.intake(good_file(tmp_path), tmp_path / "warm.pdf")
            nursery = nursery_of(workers)
            assert await gone(children_of(nursery))
            task = asyncio.create_task(workers.intake(slow_file(tmp_path), tmp_path / "never.pdf"))
            running = await running_children(nursery)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await gone(running)

    asyncio.run(live())
    assert not list(tmp_path.glob("*never*"))


def test_no_more_than_allowed_run_at_once(tmp_path: Path) -> None:
    source = good_file(tmp_path)

    async def live() -> int:
        most = 0
        async with DocumentWorkers(concurrency=2) as workers:
            await workers.intake(source, tmp_path / "warm.pdf")
            nursery = nursery_of(workers)
            work = [asyncio.create_task(workers.intake(source, tmp_path / f"{number}.pdf")) for number in range(12)]
            while not all(task.done() for task in work):
                most = max(most, len(children_of(nursery)))
                await asyncio.sleep(0.002)
            for task in work:
                await task
        return most

    # a child that has answered may still be on its way out
    assert asyncio.run(live()) <= 4


def test_a_dead_nursery_is_replaced(tmp_path: Path) -> None:
    async def live() -> None:
        async with DocumentWorkers() as workers:
            await workers.intake(good_file(tmp_path), tmp_path / "one.pdf")
            os.kill(nursery_of(workers), 9)
            await asyncio.sleep(0.2)
            assert (await workers.intake(good_file(tmp_path), tmp_path / "two.pdf")).page_count == 3

    asyncio.run(live())


def test_children_die_with_their_caller(tmp_path: Path) -> None:
    slow_file(tmp_path)
    script = f"""
import asyncio, os, sys, subprocess
from pathlib import Path
from paraph.documents import DocumentWorkers, Limits
async def live():
    workers = DocumentWorkers(Limits(cpu_seconds=60, wall_seconds=60))
    folder = Path({str(tmp_path)!r})
    task = asyncio.create_task(workers.intake(folder / 'slow.pdf', folder / 'x.pdf'))
    await asyncio.sleep(3)
    print(workers._pool._process.pid, flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(live())
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=Path.cwd()
    )
    nursery = int(ended.stdout)
    deadline = time.monotonic() + 5
    while alive(nursery) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(nursery)
    assert not children_of(nursery)


def test_the_main_program_is_never_run_again_in_a_child(tmp_path: Path) -> None:
    good_file(tmp_path)
    program = tmp_path / "program.py"
    program.write_text(
        f"""
import asyncio, os
from pathlib import Path
from paraph.documents import DocumentWorkers
with open({str(tmp_path / "runs")!r}, "a") as log:
    log.write("run\\n")
async def live():
    async with DocumentWorkers() as workers:
        await workers.intake(Path({str(tmp_path)!r}) / "good.pdf", Path({str(tmp_path)!r}) / "out.pdf")
asyncio.run(live())
"""
    )
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, str(program)], check=True, env=environment)
    assert (tmp_path / "runs").read_text() == "run\n"


def test_the_face_loads_no_pdf_library() -> None:
    code = (
        "import sys, paraph.documents; "
        "print([m for m in ('pikepdf', 'pypdfium2', 'pyhanko', 'PIL', 'uharfbuzz', 'fontTools') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_what_is_loaded_before_the_fork_is_all_that_a_child_loads() -> None:
    """A module that only the children import costs each of them its import."""
    program = (
        "import sys; from paraph.documents.sandbox import child; child.preload(); before = set(sys.modules)\n"
        "from paraph.documents.tasks import TASKS; print(sorted(set(sys.modules) - before))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_a_child_sees_no_secret_of_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PARAPH_SECRET", "hush")

    async def live() -> bytes:
        async with DocumentWorkers() as workers:
            await workers.intake(good_file(tmp_path), tmp_path / "out.pdf")
            return environment_of(nursery_of(workers))

    assert b"hush" not in asyncio.run(live())


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def test_one_pool_serves_several_event_loops(tmp_path: Path) -> None:
    workers = DocumentWorkers(concurrency=1)

    async def live() -> None:
        work = [workers.intake(good_file(tmp_path), tmp_path / f"{number}.pdf") for number in range(3)]
        await asyncio.gather(*work)

    asyncio.run(live())
    asyncio.run(live())
    asyncio.run(workers.stop())


def test_failures_of_our_own_are_not_the_senders(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(DocumentFailure) as failure:
        desk.run(desk.workers.intake(tmp_path / "missing.pdf", tmp_path / "out.pdf"))
    assert failure.value.reason == "worker_failed"
    assert "FileNotFoundError" in failure.value.detail


def test_stopping_in_the_middle_is_not_the_files_fault(tmp_path: Path) -> None:
    async def live() -> None:
        workers = DocumentWorkers(BIG)
        await workers.intake(good_file(tmp_path), tmp_path / "warm.pdf")
        assert await gone(children_of(nursery_of(workers)))  # or the last child would be taken for the next
        task = asyncio.create_task(workers.intake(slow_file(tmp_path), tmp_path / "never.pdf"))
        running = await running_children(nursery_of(workers))
        await workers.stop()
        with pytest.raises(DocumentFailure) as failure:
            await task
        assert failure.value.reason in ("worker_stopped", "worker_failed")  # the latter before it has begun
        assert await gone(running)

    asyncio.run(live())
