"""Real processes that are killed: what a launcher forked, and a PostgreSQL that can be killed too."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.harness import Cluster, _postgres_binaries

START_SECONDS = 60
LOOK_SECONDS = 0.02
CHECK_INDEXES = """
CREATE EXTENSION IF NOT EXISTS amcheck;
SELECT bt_index_check(index.oid, true) FROM pg_class AS index JOIN pg_am AS method ON method.oid = index.relam
WHERE method.amname = 'btree' AND index.relkind = 'i' AND index.relpersistence = 'p';
"""


class Launched:
    """The launcher's other end: starts commands, and knows how each of them ended."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.crash.launcher"]
        here = Path(__file__).parents[2]
        # a session of its own: Ctrl-C is for the test, which then closes the launcher
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=here,
            env=os.environ | {"PYTHONPATH": str(here)},
            start_new_session=True,
        )
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self.ended: dict[int, int] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, arguments: list[str], environment: dict[str, str], log: Path) -> int:
        """Start ``paraph …`` and return its number; a process's id may be another's as soon as it has ended."""
        number = next(self._numbers)
        self._order({"start": number, "arguments": arguments, "environment": environment, "log": str(log)})
        return number

    def kill(self, number: int) -> None:
        """kill -9, unless it has ended by itself."""
        self._order({"kill": number})

    def close(self) -> None:
        """End the launcher, and with it all that it started."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(START_SECONDS)

    def _order(self, what: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told: dict[str, int] = json.loads(line)
            self.ended[told["ended"]] = told["status"]


class KillableCluster(Cluster):
    """A PostgreSQL that dies and comes back."""

    def kill(self) -> None:
        """kill -9 of the postmaster and of every process that it started, at once."""
        postmaster = int((self.folder / "cluster" / "postmaster.pid").read_text().splitlines()[0])
        children = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True).stdout.split()
        pids = (postmaster, *map(int, children))
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + START_SECONDS
        while any(_is_alive(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)

    def again(self) -> None:
        """Start over the same data; returns once recovery is done."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        command = f"{_postgres_binaries()}/pg_ctl -D {self.folder}/cluster -w -o '{options}' -l {self.folder}/log"
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self._run(f"{command} start >/dev/null 2>&1")
            except subprocess.CalledProcessError:  # a process that was just being forked still holds its memory
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_SECONDS)

    def check(self, url: str) -> None:
        """Raise unless every index of the database at ``url`` agrees with its table."""
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", CHECK_INDEXES], check=True, stdout=-3)


def _is_alive(pid: int) -> bool:
    """A zombie, which nobody has buried yet, is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
