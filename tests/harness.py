"""A real Paraph for tests: uvicorn on a free port, a real database, a clock that tests move."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import uvicorn

from paraph.documents import DocumentWorkers, Limits
from paraph.documents.sandbox import Pool
from paraph.kit import Kit
from paraph.kit.clock import MovableClock
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.http import app as http_app
from paraph.kit.http.shedding import Lateness, Shedding
from paraph.kit.queue import Runner
from paraph.kit.settings import Settings
from paraph.main import all_jobs, application, build_kit, open_kit
from paraph.migrations import migrate

T = TypeVar("T")
START = 1_790_000_000


@dataclass
class Server:
    """A running server. ``call`` runs a coroutine in its event loop; ``run_jobs`` runs all due jobs to the end."""

    url: str
    kit: Kit
    clock: MovableClock
    loop: asyncio.AbstractEventLoop
    runner: Runner
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, **more: Any) -> httpx.Client:
        """A fresh browser-like client (own cookies, no redirects followed)."""
        client = httpx.Client(base_url=self.url, timeout=30, **more)
        self.clients.append(client)
        return client

    def api(self, api_key: str = "", *, token: str = "") -> httpx.Client:
        """A client of the API with a key or a bearer token."""
        if token:
            return self.client(headers={"Authorization": f"Bearer {token}"})
        return self.client(auth=(api_key, ""))

    def call(self, coroutine: Awaitable[T]) -> T:
        return asyncio.run_coroutine_threadsafe(_as_coroutine(coroutine), self.loop).result(60)

    def read(self, query: Callable[[ReadTx], T]) -> T:
        return self.call(self.kit.db.read(query))

    def write(self, verb: Callable[[WriteTx], T]) -> T:
        return self.call(self.kit.db.write(verb))

    def run_jobs(self) -> int:
        """Run everything that is due at the clock's present moment."""
        return self.call(self.runner.run_due())

    def move(self, seconds: int) -> None:
        self.clock.move(seconds)

    def mails(self) -> list[dict[str, Any]]:
        """The embedded mailbox, newest last."""
        return httpx.get(f"{self.url}/mailbox.json", timeout=30).json()


class SharedPool(Pool):
    """The servers of one test process fork their children from one nursery, which outlives each of them: loading its
    libraries takes longer than most tests. Each server keeps its own limits; what tests say about nurseries they say
    about pools of their own (``tests/documents/test_sandbox.py``) and about real processes."""

    _keeper = Pool(Limits(), 1)

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits, os.cpu_count() or 1)

    def _begin(self) -> tuple[int, socket.socket]:
        begun = self._keeper._begin()
        self._process = self._keeper._process
        return begun

    def _order(self, order: bytes, number: int, handle: socket.socket | None = None) -> bool:
        return self._keeper._order(order, number, handle)

    async def stop(self) -> None:
        """Leave the nursery to the next server."""


class NeverLate(Lateness):
    """A test process is late for reasons of its own: other tests. What shedding makes of a late loop is proven on
    ``Lateness`` itself and on real processes (``tests/failures/test_shedding.py``)."""

    def is_over(self, seconds: float) -> bool:
        return False


class PatientShedding(Shedding):
    """Sheds by everything that can be counted."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._lateness = NeverLate(lambda: True)


http_app.Shedding = PatientShedding  # type: ignore[misc]


async def _as_coroutine(awaitable: Awaitable[T]) -> T:
    return await awaitable


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_apart(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, coroutine).result()


@cache
def _migrated_file() -> Path:
    """A SQLite file with the schema of this version: bringing one up takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="paraph-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    template = Settings(data_dir=folder)
    run_apart(migrate(template))
    assert template.sqlite_path is not None
    with closing(sqlite3.connect(template.sqlite_path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    return template.sqlite_path


def place_database(settings: Settings) -> None:
    """Put a copy of a migrated database where ``settings`` want a SQLite file and have none yet."""
    path = settings.sqlite_path
    if path is None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_migrated_file(), path)


@contextmanager
def running_server(
    folder: Path, database_url: str = "", *, worker: bool = False, **settings: Any
) -> Iterator[Server]:
    """Serve until the block ends. Jobs run only on ``run_jobs``, unless ``worker`` asks for a live loop."""
    port = free_port()
    chosen = {"public_url": f"http://127.0.0.1:{port}"} | settings
    resolved = Settings(port=port, data_dir=folder, database_url=database_url, **chosen)
    place_database(resolved)
    clock = MovableClock(START)
    started: list[Server] = []
    stopping: list[asyncio.Event] = []
    failure: list[BaseException] = []

    async def main() -> None:
        await migrate(resolved)
        kit = build_kit(resolved, clock)
        stop = asyncio.Event()
        async with open_kit(kit):
            kit.service(DocumentWorkers)._pool = SharedPool(kit.service(DocumentWorkers).limits)
            runner = Runner(kit, all_jobs())
            config = uvicorn.Config(
                application(kit),
                host="127.0.0.1",
                port=port,
                log_config=None,
                lifespan="off",
                server_header=False,
                proxy_headers=False,
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            working = asyncio.create_task(runner.run()) if worker else None
            while not server.started:
                if serving.done():
                    await serving
                await asyncio.sleep(0.01)
            started.append(Server(f"http://127.0.0.1:{port}", kit, clock, asyncio.get_running_loop(), runner))
            stopping.append(stop)
            await stop.wait()
            server.should_exit = True
            await serving
            if working is not None:
                runner.stop()
                await working

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while not started:
        if failure:
            raise failure[0]
        time.sleep(0.005)
    try:
        yield started[0]
    finally:
        for client in started[0].clients:
            client.close()
        started[0].loop.call_soon_threadsafe(stopping[0].set)
        thread.join(30)
        if failure:
            raise failure[0]


class Cluster:
    """A private PostgreSQL cluster in a temporary folder; each database is a copy of a migrated template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._template_ready = False

    def start(self) -> None:
        binaries = _postgres_binaries()
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        data = self.folder / "cluster"
        self._run(f"{binaries}/initdb -D {data} -U paraph --auth=trust -E UTF8 --locale=C -N >/dev/null")
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        self._run(f"{binaries}/pg_ctl -D {data} -w -o '{options}' -l {self.folder}/log start >/dev/null")

    def stop(self) -> None:
        self._run(f"{_postgres_binaries()}/pg_ctl -D {self.folder}/cluster -m immediate stop >/dev/null")

    def new_database(self) -> str:
        """Return the address of a fresh, migrated database."""
        if not self._template_ready:
            self._sql('CREATE DATABASE "template_paraph"')
            run_apart(migrate(Settings(database_url=self._url("template_paraph"))))
            self._template_ready = True
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "template_paraph"')
        return self._url(name)

    def empty_database(self) -> str:
        """Return the address of a fresh database without tables."""
        name = f"empty_{uuid.uuid4().hex[:12]}"
        self._sql(f'CREATE DATABASE "{name}"')
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://paraph@127.0.0.1:{self.port}/{name}"

    def _sql(self, statement: str) -> None:
        # not through psql, whose start takes longer than most tests
        async def execute() -> None:
            connection = await asyncpg.connect(self._url("postgres"))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        run_apart(execute())

    def _run(self, command: str) -> None:
        # PostgreSQL refuses to run as root
        prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*prefix, "sh", "-c", command], check=True, cwd="/tmp")


def _postgres_binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL is missing: install it with `apt-get install postgresql` and run again")
    return Path(on_path).parent
