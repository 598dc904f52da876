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
    setup: str = ""

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


def _oidc_provider(setting: Setting, stack: ExitStack) -> Contender:
    folder, port = node_peer("oidc_provider"), free_port()
    environment = _environment(setting, "oidc")
    program = ["node", str(folder / "provider.mjs")]
    environment["NODE_ENV"] = "production"
    _order([*program, "prepare"], folder, environment)
    host = _host(setting, stack, "oidc_provider")
    host.start([*program, "serve", str(port), str(CORES)], environment, cwd=folder, port=port)
    return _peer(setting, "oidc-provider, PostgreSQL", host, "/token", program, environment)


def _authlib(setting: Setting, stack: ExitStack) -> Contender:
    return _on_gunicorn(setting, stack, "authlib_flask", "app:app", "Authlib + Flask, PostgreSQL", "/oauth/token")


def _django(setting: Setting, stack: ExitStack) -> Contender:
    application, title = "wsgi:application", "django-oauth-toolkit, PostgreSQL"
    return _on_gunicorn(setting, stack, "django_toolkit", application, title, "/o/token/")


def _on_gunicorn(
    setting: Setting, stack: ExitStack, name: str, application: str, title: str, token_path: str
) -> Contender:
    programs, source, port = python_peer(name), SOURCES / name, free_port()
    environment = _environment(setting, name)
    seed = [str(programs / "python"), "seed.py"]
    _order([*seed, "prepare"], source, environment)
    host = _host(setting, stack, name)
    command = [str(programs / "gunicorn"), "-b", f"127.0.0.1:{port}", "-w", str(GUNICORN_WORKERS), application]
    host.start(command, environment, cwd=source, port=port)
    return _peer(setting, title, host, token_path, seed, environment, source)


def _peer(
    setting: Setting,
    title: str,
    host: Host,
    token_path: str,
    program: list[str],
    environment: dict[str, str],
    cwd: Path | None = None,
) -> Contender:
    def supply(kind: str, count: int) -> list[str]:
        return _order([*program, kind, str(count)], cwd, environment).split("\n")

    client = f"client_id={CLIENT['BENCH_CLIENT_ID']}&client_secret={CLIENT['BENCH_CLIENT_SECRET']}"
    return Contender(title, host, "/account", token_path, client, supply, [setting.postgres.pid])


def _environment(setting: Setting, database: str) -> dict[str, str]:
    given = {"BENCH_REDIRECT_URI": REDIRECT_URI, "BENCH_CODE_CHALLENGE": CHALLENGE, "PYTHONDONTWRITEBYTECODE": "1"}
    return dict(os.environ) | CLIENT | given | {"BENCH_DATABASE_URL": setting.postgres.database(database)}


def _order(command: list[str], cwd: Path | None, environment: dict[str, str]) -> str:
    answer = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"{command} failed: {answer.stderr[-2000:]}")
    return answer.stdout.strip()


def _host(setting: Setting, stack: ExitStack, name: str) -> Host:
    host = Host(setting.folder / name)
    stack.callback(host.stop)
    return host
