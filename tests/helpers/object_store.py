"""A real S3-compatible store: OpenStack Swift with its S3 API, in a process of its own (decisions/0082)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from paraph.kit.files.bucket import Bucket
from paraph.kit.files.unfinished import signed_headers
from paraph.kit.settings import Settings
from tests.harness import free_port

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-swift/bin/python"
PROGRAM = ROOT / "tests/tools/swift_s3.py"
REGION = "eu-central-1"
ACCESS_KEY, SECRET = "paraph:tests", "not-a-secret-outside-the-tests"


@dataclass(frozen=True)
class ObjectStore:
    """A running store. Each test takes a bucket of its own."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    def new_bucket(self, name: str) -> dict[str, Any]:
        """Make a bucket and return the settings (``s3_…``) of a server that keeps its files there."""
        settings: dict[str, Any] = {
            "s3_bucket": name,
            "s3_endpoint": self.url,
            "s3_region": REGION,
            "s3_access_key_id": ACCESS_KEY,
            "s3_secret_access_key": SECRET,
            "s3_seconds": 5,
        }
        self.ask("PUT", name).raise_for_status()
        return settings

    def ask(self, method: str, bucket: str, key: str = "", query: str = "") -> httpx.Response:
        """Send a signed request without a body."""
        place = Bucket.from_settings(
            Settings(
                s3_bucket=bucket,
                s3_endpoint=self.url,
                s3_region=REGION,
                s3_access_key_id=ACCESS_KEY,
                s3_secret_access_key=SECRET,
            )
        )
        url = f"{place.url}/{key}" if key else place.url
        headers = signed_headers(place, method, url, query, time.gmtime())
        return httpx.request(method, f"{url}?{query}" if query else url, headers=headers, timeout=30)


@contextmanager
def running_object_store(
    folder: Path, *, host: str = "127.0.0.1", prefix: Sequence[str] = ()
) -> Iterator[ObjectStore]:
    """Start the store; ``prefix`` is the command that puts it elsewhere (``ip netns exec …``)."""
    if not PYTHON.exists():
        raise RuntimeError("the S3 test server is missing: run tests/install_tools")
    port = free_port()
    command = [*prefix, str(PYTHON), str(PROGRAM), str(folder), host, str(port), ACCESS_KEY, SECRET]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError("the S3 test server did not start")
        yield ObjectStore(f"http://{host}:{port}", process, folder)
    finally:
        process.kill()
        process.wait()
