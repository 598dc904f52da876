"""One turn of wrk against one server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bench.measuring import Slice

HERE = Path(__file__).parent
THREADS = 2
CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Target:
    """A path on the ports that share the load."""

    path: str
    ports: Sequence[int]


def turn(
    script: str,
    target: Target,
    seconds: int,
    parameters: Mapping[str, object] = MappingProxyType({}),
    *,
    connections: int = CONNECTIONS,
) -> Slice:
    """Load the target and return what came of it; processor time is the caller's to add.

    ``parameters`` are for the script: each is ``BENCH_<NAME>`` in its environment.
    """
    given = {"ports": ",".join(map(str, target.ports)), "threads": THREADS} | dict(parameters)
    environment = {f"BENCH_{name.upper()}": str(value) for name, value in given.items()}
    command = ["wrk", f"-t{THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s"]
    command += ["-s", str(HERE / f"{script}.lua"), f"http://127.0.0.1:{target.ports[0]}{target.path}"]
    own = os.environ | environment | {"LUA_PATH": f"{HERE}/?.lua"}
    answer = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    for line in answer.stdout.splitlines():
        if line.startswith("RESULT "):
            calls, took, p50, p99, errors = line.split()[1:]
            return Slice(int(calls), float(took), float(p50), float(p99), int(errors))
    raise RuntimeError(f"wrk said nothing: {answer.stdout[-500:]}{answer.stderr[-500:]}")
