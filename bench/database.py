"""A private PostgreSQL for one run: production durability, settings said in the table."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .measuring import free_port

OPTIONS = {"max_connections": "200", "shared_buffers": "256MB", "fsync": "on", "synchronous_commit": "on"}
MISSING = "PostgreSQL is missing: apt-get install postgresql, then run again"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; ``pid`` is the root of its processes."""

    port: int
    pid: int
    version: str
    settings: dict[str, str]

    def database(self, name: str) -> str:
        """Make an empty database; return its address."""
        self.sql(f'CREATE DATABASE "{name}"')
        return f"postgresql://paraph@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement; return its rows, columns separated by ``|``."""
        command = ["psql", "-qAt", "-h", "127.0.0.1", "-p", str(self.port), "-U", "paraph", "-d", database]
        answer = subprocess.run([*command, "-c", statement], check=True, capture_output=True, text=True)
        return answer.stdout.strip()

    def __str__(self) -> str:
        options = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        return f"PostgreSQL {self.version} ({options})"


@contextmanager
def postgres(**more: str) -> Iterator[Postgres]:
    """Run a PostgreSQL of our own in a temporary folder until the block ends; ``more`` are settings of its own."""
    with tempfile.TemporaryDirectory(prefix="paraph-bench-") as name:
        if os.getuid() == 0:
            shutil.chown(name, "postgres", "postgres")
        with _running(Path(name), OPTIONS | more) as server:
            yield server


@contextmanager
def _running(folder: Path, settings: dict[str, str]) -> Iterator[Postgres]:
    binaries, data, port = _binaries(), folder / "cluster", free_port()
    _run(f"{binaries}/initdb -D {data} -U paraph --auth=trust -E UTF8 --locale=C >/dev/null")
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    options += f" -p {port} -k {folder} -c listen_addresses=127.0.0.1"
    _run(f"{binaries}/pg_ctl -D {data} -w -o '{options}' -l {folder}/log start >/dev/null")
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        yield Postgres(port, pid, (data / "PG_VERSION").read_text().strip(), settings)
    finally:
        _run(f"{binaries}/pg_ctl -D {data} -m immediate stop >/dev/null")


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise SystemExit(MISSING)
    return Path(on_path).parent


def _run(command: str) -> None:
    # PostgreSQL refuses to run as root
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*prefix, "sh", "-c", command], check=True, cwd="/tmp")
