"""How a process ends: it takes in whoever is at the door, answers whoever is being served, and ends with 0."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from paraph.kit import Kit
from paraph.kit.queue import Runner, job, jobs, runner
from tests.helpers.process import Process, installation, serving
from tests.kit.ground import Ground

HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
SEND_HEAD = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"


def connected(running: Process) -> socket.socket:
    link = socket.create_connection(("localhost", int(running.url.rpartition(":")[2])), timeout=20)
    link.settimeout(20)
    return link


def is_open(running: Process) -> bool:
    try:
        connected(running).close()
    except ConnectionRefusedError:
        return False
    return True


def answer_of(link: socket.socket) -> bytes:
    """Everything until the server closes."""
    found = b""
    while part := link.recv(65_536):
        found += part
    return found


def test_a_server_takes_in_who_is_at_the_door_and_answers_who_is_being_served(tmp_path: Path) -> None:
    with serving(installation(tmp_path, drain_seconds="4", office="off"), "--no-worker") as running:
        idle = connected(running)
        idle.sendall(HEAD)
        found = b""
        while not found.endswith(b"ok\n"):
            found += idle.recv(65_536)
        uploading = connected(running)
        uploading.sendall(SEND_HEAD + b"name=")
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        # it says that it is not ready, and serves all the same, each connection for the last time
        assert httpx.get(f"{running.url}/readyz").status_code == 503
        idle.sendall(HEAD)
        assert b"connection: close" in answer_of(idle).lower()
        fresh = connected(running)  # says nothing until the door is closed
        while is_open(running):
            time.sleep(0.02)
        fresh.sendall(HEAD)
        assert answer_of(fresh).startswith(b"HTTP/1.1 200")
        uploading.sendall(b"value")
        assert answer_of(uploading).startswith(b"HTTP/1.1 4")
        assert running.process.wait(20) == 0


def test_a_second_signal_does_not_wait_for_the_drain(tmp_path: Path) -> None:
    with serving(installation(tmp_path, drain_seconds="600", office="off"), "--no-worker") as running:
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert httpx.get(f"{running.url}/readyz").status_code == 503
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(20)


def test_a_worker_gives_back_what_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "WORK_OFF_SECONDS", 0.1)

    async def scenario(kit: Kit) -> None:
        begun, done = asyncio.Event(), asyncio.Event()

        async def endless(_payload: dict[str, Any], _kit: Kit) -> None:
            begun.set()
            await asyncio.sleep(3600)
            done.set()

        kind = job("test.endless")(endless)
        await kit.db.write(lambda tx: kit.queue.enqueue(tx, "test.endless"))
        working = Runner(kit, {kind.name: kind})
        task = asyncio.create_task(working.run())
        await begun.wait()
        working.stop()
        await task
        row = (await kit.db.read(lambda tx: tx.all(select(jobs))))[0]
        assert (row.lease, row.leased_until, row.attempts) == (None, None, 0)
        assert row.due_at <= kit.clock.now()
        assert not done.is_set()

    Ground(tmp_path / "data").run(scenario)
