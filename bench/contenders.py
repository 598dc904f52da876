"""Who is compared in the OAuth cases: Paraph on both engines, three peers on the same PostgreSQL, a bare hello."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .hosting import Host
from .install import SOURCES, node_peer, python_peer
from .load import wrk
from .measuring import cpu_seconds, free_port
from .paraphs import ROOT, Paraph, paraph
from .seeding import CHALLENGE, REDIRECT_URI
from .setting import Setting

HELLO = "hello, Starlette on uvicorn"
BARE = "hello, bare uvicorn"
OURS_SQLITE = "Paraph, SQLite, 1 process"
OURS_POSTGRES = "Paraph, PostgreSQL, 2 web + 1 worker"
CLIENT = {"BENCH_CLIENT_ID": "bench-client", "BENCH_CLIENT_SECRET": "bench-secret-0123456789"}
CORES = os.cpu_count() or 1
GUNICORN_WORKERS = 2 * CORES + 1
"""What gunicorn's documentation recommends."""

Supply = Callable[[str, int], list[str]]
"""``tokens`` (access and refresh, with a space between) or ``codes``, so many."""


@dataclass(slots=True)
class Contender:
    """A server that takes part; ``beside`` are processes that work for it: workers and the database."""

    name: str
    host: Host
    read_path: str = "/"
    token_path: str = ""
    client: str = ""
    supply: Supply = field(default=lambda _kind, _count: [])
    beside: Sequence[int] = ()

    @property
    def reads(self) -> wrk.Target:
        return wrk.Target(self.read_path, self.host.ports)

    def cpu_seconds(self) -> float:
        return cpu_seconds([*self.host.pids, *self.beside])


@contextmanager
def oauth_contenders(setting: Setting) -> Iterator[list[Contender]]:
    """Start all of them; idle ones cost nothing."""
    with ExitStack() as stack:
        url = setting.postgres.database("paraph")
        lite = stack.enter_context(paraph(setting.folder / "sqlite"))
        large = stack.enter_context(paraph(setting.folder / "postgres", url, webs=2, workers=1))
        peers = [make(setting, stack) for make in (_oidc_provider, _authlib, _django)]
        database = [setting.postgres.pid]
        yield [
            hello(setting, stack),
            hello(setting, stack, BARE, "bare"),
            _ours(OURS_SQLITE, lite, []),
            _ours(OURS_POSTGRES, large, [*large.workers.pids, *database]),
            *peers,
        ]


def hello(setting: Setting, stack: ExitStack, name: str = HELLO, module: str = "hello") -> Contender:
    """The ceiling: one uvicorn process with nothing to do."""
    port, host = free_port(), _host(setting, stack, module)
    command = [sys.executable, "-m", "uvicorn", f"bench.peers.{module}:app", "--port", str(port)]
    host.start([*command, "--no-access-log", "--log-level", "warning"], os.environ, cwd=ROOT, port=port)
    return Contender(name, host)


def _ours(name: str, found: Paraph, beside: Sequence[int]) -> Contender:
    def supply(kind: str, count: int) -> list[str]:
        if kind == "codes":
            return found.seeder.codes(count)
        return [f"{access} {refresh}" for access, refresh in found.seeder.tokens(count)]

    client = f"client_id={found.seeder.client_id}&client_secret={found.seeder.secret}"
    return Contender(name, found.host, "/v3/account", "/oauth/token", client, supply, beside)


@dataclass(frozen=True, slots=True)
class _Peer:
    """What a peer is started and filled with; ``program`` takes the orders prepare, tokens and codes."""

    title: str
    token_path: str
    program: list[str]
    environment: dict[str, str]
    cwd: Path

    def order(self, *words: str) -> str:
        return _order([*self.program, *words], self.cwd, self.environment)

    def supply(self, kind: str, count: int) -> list[str]:
        return self.order(kind, str(count)).split("\n")


def _oidc_provider(setting: Setting, stack: ExitStack) -> Contender:
    folder = node_peer("oidc_provider")
    environment = _environment(setting, "oidc_provider") | {"NODE_ENV": "production"}
    program = ["node", str(folder / "provider.mjs")]
    peer = _Peer("oidc-provider, PostgreSQL", "/token", program, environment, folder)
    port = free_port()
    return _started(setting, stack, peer, [*program, "serve", str(port), str(CORES)], port)


def _authlib(setting: Setting, stack: ExitStack) -> Contender:
    peer = _python_peer(setting, "authlib_flask", "Authlib + Flask, PostgreSQL", "/oauth/token")
    return _on_gunicorn(setting, stack, peer, "app:app")


def _django(setting: Setting, stack: ExitStack) -> Contender:
    peer = _python_peer(setting, "django_toolkit", "django-oauth-toolkit, PostgreSQL", "/o/token/")
    return _on_gunicorn(setting, stack, peer, "wsgi:application")


def _python_peer(setting: Setting, name: str, title: str, token_path: str) -> _Peer:
    seed = [str(python_peer(name) / "python"), "seed.py"]
    return _Peer(title, token_path, seed, _environment(setting, name), SOURCES / name)


def _on_gunicorn(setting: Setting, stack: ExitStack, peer: _Peer, application: str) -> Contender:
    port, gunicorn = free_port(), Path(peer.program[0]).with_name("gunicorn")
    command = [str(gunicorn), "-b", f"127.0.0.1:{port}", "-w", str(GUNICORN_WORKERS), application]
    return _started(setting, stack, peer, command, port)


def _started(setting: Setting, stack: ExitStack, peer: _Peer, command: list[str], port: int) -> Contender:
    peer.order("prepare")
    host = _host(setting, stack, peer.title)
    host.start(command, peer.environment, cwd=peer.cwd, port=port)
    client = f"client_id={CLIENT['BENCH_CLIENT_ID']}&client_secret={CLIENT['BENCH_CLIENT_SECRET']}"
    database = [setting.postgres.pid]
    return Contender(peer.title, host, "/account", peer.token_path, client, peer.supply, database)


def _environment(setting: Setting, database: str) -> dict[str, str]:
    given = {"BENCH_REDIRECT_URI": REDIRECT_URI, "BENCH_CODE_CHALLENGE": CHALLENGE, "PYTHONDONTWRITEBYTECODE": "1"}
    return dict(os.environ) | CLIENT | given | {"BENCH_DATABASE_URL": setting.postgres.database(database)}


def _order(command: list[str], cwd: Path, environment: dict[str, str]) -> str:
    answer = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"{command} failed: {answer.stderr[-2000:]}")
    return answer.stdout.strip()


def _host(setting: Setting, stack: ExitStack, name: str) -> Host:
    host = Host(setting.folder / "".join(filter(str.isalnum, name)))
    stack.callback(host.stop)
    return host
