"""Paraph as its users run it: the command, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.harness import free_port
from tests.helpers.forked import run_command

READY_SECONDS = 30
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Installation:
    """Settings that the processes of one installation share."""

    folder: Path
    environment: dict[str, str]

    def cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``paraph …`` and return what it printed."""
        return run_command(list(arguments), self.environment, check=check, seconds=60)

    def create_account(self, email: str, *, operator: bool = False, name: str = "Olga Owner") -> dict[str, Any]:
        """Create a confirmed account; its password is ``PASSWORD``."""
        password_file = self.folder / "password.txt"
        password_file.write_text(PASSWORD + "\n")
        flags = ["--operator"] if operator else []
        wanted = ["--email", email, "--name", name, "--password-file", str(password_file), *flags, "--json"]
        created: dict[str, Any] = json.loads(self.cli("account", "create", *wanted).stdout)
        return created


@dataclass(frozen=True)
class Process:
    """A running ``paraph serve`` (or ``worker``)."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


def installation(folder: Path, **settings: str) -> Installation:
    """An installation in ``folder``; ``settings`` are given by name without the prefix."""
    folder.mkdir(parents=True, exist_ok=True)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PARAPH_")}
    chosen = {f"PARAPH_{name.upper()}": value for name, value in settings.items()}
    return Installation(folder, inherited | {"PARAPH_DATA_DIR": str(folder / "data")} | chosen)


@contextmanager
def serving(place: Installation, *arguments: str, port: int | None = None) -> Iterator[Process]:
    """Run ``paraph serve`` until the block ends; it is ready when the block begins."""
    port = port or free_port()
    own = {"PARAPH_PORT": str(port), "PARAPH_HOST": "localhost"}
    environment = place.environment | own
    environment.setdefault("PARAPH_PUBLIC_URL", f"http://localhost:{port}")
    log = place.folder / f"serve-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "paraph", "serve", *arguments], env=environment, stdout=output, stderr=output
        )
    running = Process(f"http://localhost:{port}", process, log)
    try:
        _wait_until_ready(running)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(running: Process) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if running.process.poll() is not None:
            raise AssertionError(f"paraph serve ended:\n{running.log.read_text()}")
        try:
            if httpx.get(f"{running.url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError(f"paraph serve was not ready in {READY_SECONDS} s:\n{running.log.read_text()}")
