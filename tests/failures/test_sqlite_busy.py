"""Another process holds the write lock of SQLite for longer than anybody should: writes are put off, reads go on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from paraph.kit import limits
from paraph.kit.db import sqlite
from paraph.kit.http import uses
from tests.harness import Server
from tests.helpers.accounts import make_person
from tests.helpers.requests import accepted, post_send

HOLDING = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def write_lock(path: Path) -> Iterator[None]:
    """Held by a process of its own until the block ends."""
    command = [sys.executable, "-c", HOLDING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate()


def test_writes_are_put_off_with_a_sentence_and_reads_go_on(lite: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MILLISECONDS", 300)
    monkeypatch.setattr(limits, "COUNT_SECONDS", 0.2)
    monkeypatch.setattr(uses, "PATIENCE_SECONDS", 0.2)
    api = lite.api(make_person(lite).api_key)
    accepted(post_send(api))
    assert lite.kit.settings.sqlite_path is not None
    with write_lock(lite.kit.settings.sqlite_path):
        lite.move(61)  # a new minute to count calls in, which is a write
        assert api.get("/v3/account").status_code == 200
        answer = post_send(api, title="Not now")
        assert answer.status_code == 503
        assert answer.json()["error"] == {
            "error_msg": "The database of this server does not answer just now. Try again in a few seconds.",
            "error_name": "unavailable",
        }
        assert answer.headers["retry-after"] == "5"
        listed = api.get("/v3/signature_request/list")
        assert (listed.status_code, listed.json()["list_info"]["num_results"]) == (200, 1)
        assert lite.client().get("/login").status_code == 200
        assert lite.client().get("/healthz").status_code == 200
    accepted(post_send(api, title="Now"))
    assert api.get("/v3/signature_request/list").json()["list_info"]["num_results"] == 2
