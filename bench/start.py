"""Times the start: from the command to the first answered request, beside a bare uvicorn hello in the same run.

    python bench/start.py [rounds]

Both are started in turn on a free port, on a data folder that exists already. Seconds of wall clock: median, best.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE_SECONDS = 30
HELLO = """
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seconds_to_answer(command: list[str], environment: dict[str, str], url: str) -> float:
    """Start ``command``, ask ``url`` until it answers, stop it."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - started < PATIENCE_SECONDS:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - started
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.01)
        raise SystemExit(f"{command} did not answer")
    finally:
        process.terminate()
        process.wait()


def paraph(folder: Path) -> float:
    port = free_port()
    environment = os.environ | {"PARAPH_PORT": str(port), "PARAPH_DATA_DIR": str(folder / "data")}
    return seconds_to_answer(
        [sys.executable, "-m", "paraph", "serve"], environment, f"http://127.0.0.1:{port}/healthz"
    )


def hello(folder: Path) -> float:
    port = free_port()
    (folder / "hello.py").write_text(HELLO)
    command = [sys.executable, "-m", "uvicorn", "hello:app", "--port", str(port), "--app-dir", str(folder)]
    return seconds_to_answer(command, dict(os.environ), f"http://127.0.0.1:{port}/")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = paraph(folder)
        pairs = [(paraph(folder), hello(folder)) for _ in range(rounds)]
    ours, reference = ([pair[index] for pair in pairs] for index in (0, 1))
    print(f"first start ever (database and keys made)  {first:.2f} s")
    print(f"paraph serve    median {statistics.median(ours):.2f} s   best {min(ours):.2f} s")
    print(f"uvicorn hello   median {statistics.median(reference):.2f} s   best {min(reference):.2f} s")
    print(f"ratio           median {statistics.median(a / b for a, b in pairs):.1f}")


main()
