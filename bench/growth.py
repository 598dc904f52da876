"""What one request costs in rows, bytes, files, store calls and processor time: the arithmetic of docs/scaling.md.

    .venv/bin/python bench/growth.py [REQUESTS]

Sends requests with two signers through to the sealed file, over HTTP, on PostgreSQL and an S3-compatible store, and
counts what they leave behind. Needs what the tests need (make test).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.harness import Cluster, Server, running_server
from tests.helpers import accounts, requests
from tests.helpers.meddler import meddling
from tests.helpers.object_store import running_object_store

SIZES = """SELECT relname, pg_table_size(oid), pg_indexes_size(oid), (xpath('/row/c/text()', query_to_xml(
  format('SELECT count(*) AS c FROM %I', relname), false, true, '')))[1]::text::bigint
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""


def main(many: int) -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="paraph-growth-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "pg")
    (folder / "pg").mkdir()
    cluster.start()
    try:
        with running_object_store(folder / "s3") as store, meddling(store.url) as counter:
            bucket = store.new_bucket("growth") | {"s3_endpoint": counter.url, "s3_seconds": 60}
            url = cluster.new_database()
            with running_server(
                folder / "data", url, **bucket, api_rate_limit=1_000_000, asks_per_hour=1_000_000
            ) as server:
                measure(server, url, counter.seen, many)
            kept = sum(path.stat().st_size for path in (folder / "s3").rglob("*.data"))
            print(f"  bytes of files: {kept / (many + 1) / 1024:.0f} KiB")
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(server: Server, url: str, asked: list[tuple[str, str]], many: int) -> None:
    """Run one request to warm up, then count what ``many`` more change."""
    sender = accounts.make_person(server, "Alice")
    client = server.api(sender.api_key)
    run(server, client, 1)
    before, asked_before, cpu = sizes(url), len(asked), time.process_time()
    commits = transactions(url)
    run(server, client, many)
    after = sizes(url)
    print(f"{many} requests, two signers each, {len(requests.nda()) >> 10} KiB PDF; for one of them:")
    rows = table_bytes = index_bytes = 0.0
    for name in sorted(after, key=lambda name: before[name][2] - after[name][2]):
        heap, index, count = ((now - then) / many for now, then in zip(after[name], before[name], strict=True))
        if count or heap > 0:
            print(f"  {name:28} {count:6.1f} rows {heap / 1024:8.1f} KiB {index / 1024:8.1f} KiB of indexes")
        rows, table_bytes, index_bytes = rows + count, table_bytes + heap, index_bytes + index
    print(f"  {'all':28} {rows:6.1f} rows {table_bytes / 1024:8.1f} KiB {index_bytes / 1024:8.1f} KiB of indexes")
    calls = Counter(method for method, _ in asked[asked_before:])
    print("  store calls:", ", ".join(f"{method} {count / many:.1f}" for method, count in sorted(calls.items())))
    print(f"  files kept: {sum(1 for _ in server.kit.files.keys_older_than(-60)) / (many + 1):.1f}")
    print(f"  transactions: {(transactions(url) - commits) / many:.1f}")
    spent = (time.process_time() - cpu) / many * 1000
    print(f"  processor time of server, client and counter, without the sandboxed children: {spent:.0f} ms")


def run(server: Server, client: object, many: int) -> None:
    """Send, sign twice, seal, mail."""
    for _ in range(many):
        requests.complete(server, client, signers=requests.two_signers())  # type: ignore[arg-type]


def sizes(url: str) -> dict[str, tuple[int, int, int]]:
    """Table bytes, index bytes and rows of each table."""
    lines = query(url, SIZES).splitlines()
    return {name: (int(heap), int(index), int(rows)) for name, heap, index, rows in (x.split("|") for x in lines)}


def transactions(url: str) -> int:
    """Commits so far."""
    return int(query(url, "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"))


def query(url: str, statement: str) -> str:
    """Ask with psql."""
    done = subprocess.run(["psql", "-Atq", url, "-c", statement], capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
