"""The processes outside of Paraph: who takes its callbacks and mails, and the people who send and sign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .hosting import Host
from .load.people import Order, Outcome
from .measuring import free_port
from .paraphs import ROOT, Paraph

PDF = ROOT / "examples" / "nda.pdf"
DOWNLOADABLE = "signature_request_downloadable"
LOOK_AGAIN_SECONDS = 0.1


class NothingMoves(Exception):
    """What was waited for did not come."""


@dataclass(frozen=True, slots=True)
class World:
    """Where callbacks and mails go."""

    port: int
    smtp_port: int

    @property
    def callback(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def mail_settings(self) -> dict[str, str]:
        return {"smtp_host": "127.0.0.1", "smtp_port": str(self.smtp_port), "smtp_security": "none"}

    def events(self, first: int = 0) -> list[tuple[str, str, float]]:
        """Type, request id and time of what came, from this number on."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/events/{first}", timeout=60) as answer:
            found: list[tuple[str, str, float]] = [tuple(event) for event in json.loads(answer.read())]
            return found

    def wait_for(self, kind: str, requests: set[str], seconds: float) -> dict[str, float]:
        """Return when the event of this kind came for each request; raises NothingMoves."""
        end, seen, came = time.monotonic() + seconds, 0, dict[str, float]()
        while requests - came.keys():
            if time.monotonic() > end:
                raise NothingMoves(f"{len(requests - came.keys())} of {len(requests)} {kind} did not come")
            time.sleep(LOOK_AGAIN_SECONDS)
            fresh = self.events(seen)
            seen += len(fresh)
            came |= {request: at for what, request, at in fresh if what == kind and request not in came}
        return {request: came[request] for request in requests}


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Take callbacks and mails until the block ends."""
    found, host = World(free_port(), free_port()), Host(folder / "world")
    command = [sys.executable, "-m", "bench.load.world", str(found.port), str(found.smtp_port)]
    host.start(command, os.environ, cwd=ROOT)
    try:
        _wait(found)
        yield found
    finally:
        host.stop()


def people(found: Paraph, outside: World, task: str, **more: Any) -> Outcome:
    """Have an order carried out in a process of its own."""
    order = Order(
        task=task,
        ports=found.host.ports,
        world=outside.port,
        api_key=found.seeder.api_key,
        pdf=str(PDF),
        **more,
    )
    command = [sys.executable, "-m", "bench.load.people"]
    answer = subprocess.run(
        command, input=json.dumps(asdict(order)), capture_output=True, text=True, check=False, cwd=ROOT
    )
    if answer.returncode:
        raise RuntimeError(answer.stderr[-2000:])
    return Outcome(**json.loads(answer.stdout))


def _wait(found: World) -> None:
    for _ in range(200):
        try:
            found.events()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NothingMoves("the world did not start")
