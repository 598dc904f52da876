"""One turn of wrk against one server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.measuring import Slice

HERE = Path(__file__).parent
THREADS = 2
CONNECTIONS = 16


def turn(
    script: str, path: str, ports: Sequence[int], seconds: int, *, tokens: Path | None = None, form: str = ""
) -> Slice:
    """Load ``path`` on ``ports`` and return what came of it; processor time is the caller's to add."""
    environment = {
        "LUA_PATH": f"{HERE}/?.lua",
        "BENCH_PORTS": ",".join(map(str, ports)),
        "BENCH_TOKENS": str(tokens or ""),
        "BENCH_THREADS": str(THREADS),
        "BENCH_FORM": form,
        "BENCH_ROTATES": "1" if form.endswith("refresh_token=") else "",
    }
    command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s"]
    command += ["-s", str(HERE / f"{script}.lua"), f"http://127.0.0.1:{ports[0]}{path}"]
    answer = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    for line in answer.stdout.splitlines():
        if line.startswith("RESULT "):
            calls, took, p50, p99, errors = line.split()[1:]
            return Slice(int(calls), float(took), float(p50), float(p99), int(errors))
    raise RuntimeError(f"wrk said nothing: {answer.stdout[-500:]}{answer.stderr[-500:]}")
