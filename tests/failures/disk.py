"""A real Paraph on a disk of its own: a small file system in memory, mounted where only the server sees it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.harness import free_port
from tests.helpers.process import Installation, installation

MIB = 2**20
START_SECONDS = 40
_MOUNT = 'mount -t tmpfs -o size="$0" tmpfs "$1" && shift && exec "$@"'


def why_not() -> str:
    """Why no file system can be mounted here; empty when one can."""
    if os.getuid() != 0 or shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return "mounting a file system needs root and util-linux"
    tried = subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"], capture_output=True, text=True
    )
    return "" if tried.returncode == 0 else f"no file system can be mounted here: {tried.stderr.strip()}"


@dataclass(frozen=True)
class OnItsOwnDisk:
    """A running server; ``disk`` is its data folder as it sees it."""

    url: str
    pid: int
    place: Installation

    @property
    def data(self) -> Path:
        return self.place.folder / "data"

    @property
    def disk(self) -> Path:
        return Path(f"/proc/{self.pid}/root{self.data}")

    def inside(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command where the disk is mounted."""
        entered = ["nsenter", "-t", str(self.pid), "-m", *command]
        environment = self.place.environment
        return subprocess.run(entered, env=environment, capture_output=True, text=True, check=True, timeout=60)

    def api_of_new_account(self, email: str) -> httpx.Client:
        password = self.disk / "password.txt"
        password.write_text("correct horse battery staple\n")
        told = self.inside(
            *(sys.executable, "-m", "paraph", "account", "create", "--email", email, "--name", "Alice"),
            *("--password-file", str(self.data / "password.txt"), "--json"),
        )
        password.unlink()
        return httpx.Client(base_url=self.url, auth=(json.loads(told.stdout)["api_key"], ""), timeout=60)

    def fill(self) -> None:
        """Write until nothing more fits."""
        with (self.disk / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"\0" * MIB)
            except OSError:
                return

    def make_room(self) -> None:
        (self.disk / "filler").unlink()


@contextmanager
def serving_on_a_disk(folder: Path, *, megabytes: int, **settings: str) -> Iterator[OnItsOwnDisk]:
    """Run ``paraph serve`` with its data on a disk of that size until the block ends."""
    port = free_port()
    place = installation(folder, port=str(port), host="127.0.0.1", public_url=f"http://127.0.0.1:{port}", **settings)
    data = folder / "data"
    data.mkdir()
    log = folder / "serve.log"
    serve = [sys.executable, "-m", "paraph", "serve"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", _MOUNT, f"{megabytes}m", str(data), *serve],
            env=place.environment,
            stdout=output,
            stderr=output,
        )
    running = OnItsOwnDisk(f"http://127.0.0.1:{port}", process.pid, place)
    try:
        _wait(running, process, log)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(running: OnItsOwnDisk, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"paraph serve ended:\n{log.read_text()}"
        try:
            if httpx.get(f"{running.url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError(f"paraph serve was not ready:\n{log.read_text()}")
