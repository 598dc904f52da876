"""Servers under measurement: processes that are started, waited for, and ended with everything below them."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .measuring import cpu_seconds, tree

PATIENCE_SECONDS = 60
END_SECONDS = 20


class DidNotStart(Exception):
    """With the end of the server's log."""


@dataclass(slots=True)
class Host:
    """Processes that together are one server. ``ports`` are those of its web processes; load goes to all of them."""

    folder: Path
    ports: list[int] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.processes]

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], *, cwd: Path | None = None, port: int = 0
    ) -> None:
        """Start one process; with ``port`` it serves there, and answers when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, env=dict(environment), cwd=cwd, stdout=output, stderr=output, start_new_session=True
            )
        self.processes.append(process)
        if port:
            self.ports.append(port)
            wait_for_answer(port, process, log)

    def stop(self) -> None:
        """End all of them, and what they started."""
        below = tree(self.pids)
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()
        self.processes.clear()

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pids)


def wait_for_answer(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once anything answers there, whatever it says; raises DidNotStart."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
        finally:
            connection.close()
    raise DidNotStart(log.read_text(errors="replace")[-2000:])
