"""Sessions on PostgreSQL: TLS as the address says, poolers, versions, and waits that end."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from paraph.doctor import examine
from paraph.kit.db import WriteTx, session, unhurried
from paraph.kit.db import postgresql as engine
from paraph.kit.db.session import Sessions, connected_engine
from paraph.kit.db.unfit import DatabaseUnfit, DatabaseUnreachable
from paraph.kit.outages import outage_kind
from paraph.kit.queue.queue import LEASE_SECONDS
from paraph.kit.queue.runner import HEARTBEAT_SECONDS
from paraph.kit.settings import Settings
from paraph.postgresql_setup import Pools, judge
from tests.harness import Cluster, Server, free_port, running_server
from tests.helpers import requests
from tests.helpers.accounts import make_person

ONE = Sessions(1, 5_000)


def ask(url: str, sql: str) -> object:
    """What a session of ours answers."""

    async def run() -> object:
        engine, _ = await connected_engine(url, ONE)
        try:
            async with engine.connect() as connection:
                return await connection.scalar(text(sql))
        finally:
            await engine.dispose()

    return asyncio.run(run())


def test_the_address_says_how_tls_is_used(own_cluster: Cluster, tmp_path: Path) -> None:
    url = own_cluster.empty_database()
    with pytest.raises(DatabaseUnreachable, match="SSL"):
        ask(f"{url}?sslmode=require", "SELECT 1")
    certificate = _serve_tls(own_cluster, tmp_path)
    used = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    assert ask(f"{url}?sslmode=require", used) is True
    assert ask(f"{url}?sslmode=verify-full&sslrootcert={certificate}", used) is True
    assert ask(f"{url}?sslmode=disable", used) is False
    other = tmp_path / "other.pem"
    _certificate(other, tmp_path / "other.key")
    with pytest.raises(DatabaseUnreachable, match="certificate verify failed"):
        ask(f"{url}?sslmode=verify-full&sslrootcert={other}", used)


def test_a_session_has_a_name_and_timeouts(own_cluster: Cluster) -> None:
    url = own_cluster.empty_database()
    assert str(ask(url, "SHOW application_name")).startswith("paraph/1 ")
    assert ask(url, "SHOW statement_timeout") == "5s"
    assert ask(url, "SHOW lock_timeout") == "5s"


def test_an_older_server_is_refused_in_words(own_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "OLDEST_MAJOR", 99)
    url = own_cluster.empty_database()
    with pytest.raises(DatabaseUnfit, match=r"is PostgreSQL \d+\.\d+; Paraph needs 99 or later"):
        ask(url, "SELECT 1")
    settings = Settings(database_url=url, secret_key="k" * 40)  # so the key would be compared with the installation's
    (found,) = [one for one in asyncio.run(examine(settings)) if one.subject == "database"]
    assert found.is_problem and "Paraph needs 99" in found.says and found.fix


@pytest.fixture(scope="module")
def hurried(own_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one connection, whose statements may take a second."""
    more = {"database_pool": 1, "database_statement_seconds": 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "POOL_WAIT_SECONDS", 0.2)
        with running_server(tmp_path_factory.mktemp("data"), own_cluster.new_database(), **more) as server:
            yield server


def test_a_call_that_takes_too_long_is_told_to_come_again(hurried: Server, own_cluster: Cluster) -> None:
    alice = make_person(hurried, "Alice")
    sent = requests.send(hurried, hurried.api(alice.api_key))
    url = hurried.kit.settings.database_url
    lock = f"BEGIN; SELECT 1 FROM signature_requests WHERE signature_request_id = '{sent.id}' FOR UPDATE;"
    with _psql(url, lock):
        answer = hurried.api(alice.api_key).post(f"/v3/signature_request/cancel/{sent.id}")
    assert answer.status_code == 503, answer.text
    assert answer.json()["error"]["error_name"] == "unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    again = hurried.api(alice.api_key).post(f"/v3/signature_request/cancel/{sent.id}")
    assert again.status_code == 200, again.text


def test_who_finds_no_connection_free_is_told_to_come_again(hurried: Server) -> None:
    alice = make_person(hurried, "Alice")
    with ThreadPoolExecutor(1) as apart:
        busy = apart.submit(hurried.read, lambda tx: tx.scalar(text("SELECT pg_sleep(0.9)")))
        time.sleep(0.2)
        answer = hurried.api(alice.api_key).get("/v3/account")
        busy.result()
    assert answer.status_code == 503, answer.text
    assert "Retry-After" in answer.headers
    assert hurried.api(alice.api_key).get("/v3/account").status_code == 200


def test_a_process_that_freezes_in_a_transaction_keeps_nobody_waiting(own_cluster: Cluster) -> None:
    assert session.IDLE_IN_TRANSACTION_MILLISECONDS < (LEASE_SECONDS - HEARTBEAT_SECONDS) * 1000
    url = own_cluster.empty_database()
    _execute(url, "CREATE TABLE tally AS SELECT 0 AS total")
    tries: list[int] = []

    def count(tx: WriteTx) -> None:
        tx.execute(text("UPDATE tally SET total = total + 1"))
        if not tries:  # nothing else of this process runs while the other one waits for the row
            _execute(url, "SET lock_timeout = '20s'; UPDATE tally SET total = total + 10")
        tries.append(len(tries))
        tx.execute(text("UPDATE tally SET total = total + 100"))

    async def freeze() -> None:
        database = engine.PostgresDatabase(url, Sessions(1, 5_000, idle_milliseconds=300))
        await database.open()
        try:
            await database.write(count)
        finally:
            await database.close()

    asyncio.run(freeze())
    assert (len(tries), ask(url, "SELECT total FROM tally")) == (2, 111)


def test_housekeeping_may_take_longer_than_a_call(hurried: Server) -> None:
    def slow(tx: object) -> object:
        return tx.scalar(text("SELECT current_setting('statement_timeout') FROM pg_sleep(1.2)"))  # type: ignore[attr-defined]

    with pytest.raises(Exception) as failure:  # noqa: PT011 - what kind it is, the next line says
        hurried.read(slow)
    assert outage_kind(failure.value) == "database"

    async def sweep() -> tuple[object, object]:
        with unhurried():
            return await hurried.kit.db.read(slow), await hurried.kit.db.write(slow)

    assert hurried.call(sweep()) == ("10min", "10min")
    assert hurried.read(lambda tx: tx.scalar(text("SHOW statement_timeout"))) == "1s"


def test_the_doctor_counts_the_pools_of_all_processes(hurried: Server) -> None:
    (found,) = [one for one in asyncio.run(examine(hurried.kit.settings)) if one.subject == "database"]
    assert found.verdict == "ok"
    assert "1 processes of Paraph may hold 1 of its" in found.says


def test_pools_that_do_not_fit_are_a_problem() -> None:
    fits = judge(Pools("15.1", 97, (10, 10, 10), 4), 10)
    assert fits[:1] == ("ok",) and "room for 6 more" in fits[1]
    assert judge(Pools("15.1", 35, (10, 10, 10), 4), 10)[0] == "note"
    verdict, says, fix = judge(Pools("15.1", 30, (10, 10, 10), 4), 10)
    assert verdict == "problem"
    assert "3 processes of Paraph may hold 30 of its 30 connections, other programs hold 4" in says
    assert "PARAPH_DATABASE_POOL" in fix


@pytest.mark.parametrize("ignores", [False, True], ids=["refuses our settings", "ignores our settings"])
def test_a_pooler_that_hands_on_single_transactions(own_cluster: Cluster, tmp_path: Path, ignores: bool) -> None:
    url = own_cluster.new_database()
    with _pgbouncer(own_cluster, url, ignores) as pooled, running_server(tmp_path / "data", pooled) as server:
        assert server.kit.db.is_pooled  # type: ignore[attr-defined]
        alice = make_person(server, "Alice")
        sent = requests.send(server, server.api(alice.api_key))
        with ThreadPoolExecutor(8) as people:
            calls = [people.submit(_look, server, alice.api_key, sent.id) for _ in range(40)]
            assert [call.result() for call in calls] == [200] * 40
        assert server.read(lambda tx: tx.scalar(text("SHOW statement_timeout"))) == "15s"


def _look(server: Server, api_key: str, request_id: str) -> int:
    with server.api(api_key) as client:
        return client.get(f"/v3/signature_request/{request_id}").status_code


@contextmanager
def _psql(url: str, script: str) -> Iterator[None]:
    """A session that has run the script and holds what it locked until the block ends."""
    session = subprocess.Popen(["psql", "-q", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert session.stdin is not None and session.stdout is not None
    session.stdin.write(f"{script}\n\\echo ready\n")
    session.stdin.flush()
    while "ready" not in session.stdout.readline():
        pass
    try:
        yield
    finally:
        session.stdin.write("ROLLBACK;\n\\q\n")
        session.stdin.close()
        session.wait(10)


def _serve_tls(cluster: Cluster, folder: Path) -> Path:
    certificate, key = folder / "server.pem", folder / "server.key"
    _certificate(certificate, key)
    data = cluster.folder / "cluster"
    for source, name in ((certificate, "server.crt"), (key, "server.key")):
        shutil.copy(source, data / name)
        (data / name).chmod(0o600)
        if data.owner() != "root":
            shutil.chown(data / name, data.owner())
    cluster._sql("ALTER SYSTEM SET ssl = on")
    cluster._sql("SELECT pg_reload_conf()")
    deadline = time.monotonic() + 20
    while "on" not in _show_ssl(cluster):
        assert time.monotonic() < deadline
    return certificate


def _show_ssl(cluster: Cluster) -> str:
    command = ["psql", "-qAt", f"postgresql://paraph@127.0.0.1:{cluster.port}/postgres?sslmode=disable"]
    return subprocess.run([*command, "-c", "SHOW ssl"], capture_output=True, text=True, check=True).stdout


def _certificate(certificate: Path, key: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *names, "-out", certificate, "-keyout", key], check=True, capture_output=True)


def _execute(url: str, sql: str) -> None:
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", sql], check=True)


@contextmanager
def _pgbouncer(cluster: Cluster, url: str, ignores: bool) -> Iterator[str]:
    """PgBouncer in transaction mode before this database; yields its address."""
    name, port = url.rpartition("/")[2], free_port()
    folder = cluster.folder / f"pooler{port}"
    folder.mkdir()
    ours = "statement_timeout,lock_timeout,idle_in_transaction_session_timeout,jit,application_name"
    lines = [
        "[databases]",
        f"{name} = host=127.0.0.1 port={cluster.port} user=paraph",
        "[pgbouncer]",
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any",
        "pool_mode = transaction\ndefault_pool_size = 3",
        f"ignore_startup_parameters = {ours}" if ignores else "",
    ]
    (folder / "ini").write_text("\n".join(lines))
    as_user = ["runuser", "-u", "postgres", "--"] if cluster.folder.owner() == "postgres" else []
    process = subprocess.Popen([*as_user, "pgbouncer", "-q", str(folder / "ini")], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"postgresql://paraph@127.0.0.1:{port}/{name}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
