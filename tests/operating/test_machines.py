"""What machines read: health, readiness, numbers; and the examples that watch them."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from paraph.operating import FiguresKept
from paraph.operating.readiness import FilesTried
from tests.harness import Server, free_port, running_server
from tests.helpers import requests
from tests.helpers.accounts import log_in, make_person
from tests.helpers.process import installation

EXAMPLES = Path(__file__).parents[2] / "examples/monitoring"
TOKEN = "a-token-of-good-length"
ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
ELSEWHERE = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture(scope="module")
def numbers(shared_server: Server) -> dict[str, Any]:
    """The page of numbers after a whole flow, parsed by Prometheus' own library: samples by name."""
    alice = make_person(shared_server, "Alice")
    api = shared_server.api(alice.api_key)
    requests.complete(shared_server, api)
    assert api.get("/v3/account").status_code == 200
    assert httpx.get(f"{shared_server.url}/v3/account").status_code == 401
    assert shared_server.client().get("/no/such/page").status_code == 404
    return _numbers(shared_server)


def _numbers(server: Server, url: str = "") -> dict[str, Any]:
    server.kit.service(FiguresKept).forget()
    answer = httpx.get(f"{url or server.url}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[str, Any] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def _sum(found: dict[str, Any], name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for key, value in found[name].items() if wanted <= set(key))


def test_requests_are_counted_by_route_and_status(numbers: dict[str, Any]) -> None:
    total = "paraph_http_requests_total"
    assert _sum(numbers, total, route="/v3/account", method="GET", status="200") >= 1
    assert _sum(numbers, total, route="/v3/account", status="401") >= 1
    assert _sum(numbers, total, route="/v3/signature_request/send", method="POST", status="200") >= 1
    assert _sum(numbers, total, route="unmatched", status="404") >= 1
    count = _sum(numbers, "paraph_http_request_seconds_count", route="/v3/account")
    assert count == _sum(numbers, "paraph_http_request_seconds_bucket", route="/v3/account", le="+Inf")
    assert count == _sum(numbers, total, route="/v3/account")
    assert numbers["paraph_http_requests_in_flight"][()] >= 1, "this very one"


def test_work_is_counted(numbers: dict[str, Any]) -> None:
    assert _sum(numbers, "paraph_jobs_run_total", job="signature_requests.complete", outcome="done") >= 1
    assert _sum(numbers, "paraph_job_seconds_count", job="signature_requests.prepare") >= 1
    assert _sum(numbers, "paraph_seals_total", level="PAdES-B-B") >= 1
    assert _sum(numbers, "paraph_children_total", task="seal", outcome="done") >= 1
    assert _sum(numbers, "paraph_queue_wait_seconds", lane="work") == 0
    assert _sum(numbers, "paraph_jobs", state="failed") == 0
    assert {dict(key)["state"] for key in numbers["paraph_deliveries"]} == {"waiting", "retrying", "given_up"}
    assert numbers["paraph_seal_ready"][()] == 1
    assert numbers["paraph_seal_certificate_expires_timestamp_seconds"][()] > 1e9
    assert len(set(numbers["paraph_schema"].values())) == 1
    assert numbers["paraph_data_free_bytes"][()] > 0
    assert numbers["process_resident_memory_bytes"][()] > 1e6


def test_the_way_to_the_database_is_watched(shared_server: Server, numbers: dict[str, Any]) -> None:
    names = {dict(key)["what"] for key in numbers["paraph_database"]}
    expected = {
        "sqlite": {"commit_groups", "grouped_writes", "writes_waiting"},
        "postgresql": {"pool_size", "pool_in_use", "pool_waits"},
    }
    assert names == expected[shared_server.kit.db.name]


def test_labels_are_bounded(numbers: dict[str, Any]) -> None:
    """No label holds an id, an address or a token."""
    odd = re.compile(r"[0-9a-f]{24}|@|https?:")
    allowed = {"/sign/{token}"}
    for name, rows in numbers.items():
        for key in rows:
            assert not [value for _, value in key if odd.search(value) and value not in allowed], (name, key)


def test_numbers_are_for_this_machine_or_for_the_token(shared_server: Server, tmp_path: Path) -> None:
    url = shared_server.url
    outsider = httpx.get(f"{url}/metrics", headers=ELSEWHERE)
    assert (outsider.status_code, outsider.text) == (404, "Not found\n")
    assert httpx.get(f"{url}/metrics", headers={"Host": "evil.example"}).status_code == 404
    with running_server(tmp_path / "data", metrics_token=TOKEN) as server:
        asked = f"{server.url}/metrics"
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            refused = httpx.get(asked, headers=headers)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Bearer")
            assert "paraph_" not in refused.text
        assert httpx.get(asked, headers=ELSEWHERE | {"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_health_and_the_id_of_each_request(shared_server: Server) -> None:
    client = shared_server.client()
    for path in ("/healthz", "/", "/v3/account", "/static/web/style.css", "/no/such/page", "/oauth/token", "/readyz"):
        given = client.get(path, headers={"X-Request-Id": "mine.1-a_B"})
        assert given.headers.get_list("x-request-id") == ["mine.1-a_B"], path
        made = client.get(path, headers={"X-Request-Id": "not fit <b>"}).headers["x-request-id"]
        assert ID.match(made), path
        assert client.get(path).headers["x-request-id"] != made
    assert client.get("/healthz").text == "ok\n"


def test_readiness_tells_outsiders_the_verdict_alone(shared_server: Server) -> None:
    client = shared_server.client()
    told = client.get("/readyz", headers=ELSEWHERE)
    assert (told.status_code, told.json()) == (200, {"ready": True})
    here = client.get("/readyz").json()
    assert (here["database"], here["schema"], here["seal"], here["files"]) == ("answers", "current", "ready", "ready")
    assert here["queue"].keys() == {"due", "oldest_wait_seconds", "failed"}
    olga = log_in(shared_server, make_person(shared_server, "Olga", operator=True))
    assert "queue" in olga.get("/readyz", headers=ELSEWHERE).json()
    bob = log_in(shared_server, make_person(shared_server, "Bob"))
    assert bob.get("/readyz", headers=ELSEWHERE).json() == {"ready": True}


def test_what_makes_a_server_unready(lite: Server) -> None:
    def ready() -> tuple[int, dict[str, Any]]:
        lite.kit.service(FilesTried)._at = None
        answer = httpx.get(f"{lite.url}/readyz")
        return answer.status_code, answer.json()

    assert ready()[0] == 200
    spool = lite.kit.files.spool
    away = spool.rename(spool.with_name("away"))
    status, body = ready()
    away.rename(spool)
    assert (status, body["files"]) == (503, "files cannot be stored: FileNotFoundError")
    lite.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '0001'")))
    assert "older than this version" in ready()[1]["schema"]
    lite.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    assert ready()[0] == 200, "a newer schema is a rolling upgrade"
    lite.kit.draining.begun = True
    assert ready() == (503, {"ready": False, "draining": True})


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A worker process with a port; its address."""
    import subprocess
    import sys
    import time

    port = free_port()
    place = installation(tmp_path_factory.mktemp("worker"))
    command = [sys.executable, "-m", "paraph", "worker", "--metrics-port", str(port)]
    process = subprocess.Popen(command, env=place.environment, cwd=place.folder, stderr=subprocess.PIPE)
    url = f"http://localhost:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{url}/healthz")
                break
            except httpx.TransportError:
                assert process.poll() is None, process.stderr.read() if process.stderr else ""
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        assert process.wait(20) == 0, "a worker ends well when it is told to"


def test_a_worker_answers_machines_and_nobody_else(worker: str) -> None:
    assert httpx.get(f"{worker}/healthz").text == "ok\n"
    assert httpx.get(f"{worker}/readyz").json()["ready"] is True
    assert "paraph_jobs_run_total" in httpx.get(f"{worker}/metrics").text
    for path in ("/", "/login", "/v3/account", "/operator", "/sign/x"):
        assert httpx.get(f"{worker}{path}").status_code == 404, path


def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    import subprocess
    import sys

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        place = installation(tmp_path, host="127.0.0.1")
        command = [sys.executable, "-m", "paraph", "worker", "--metrics-port", str(port)]
        done = subprocess.run(command, env=place.environment, cwd=place.folder, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr.decode()


def _named(source: str) -> set[str]:
    return set(re.findall(r"\b(?:paraph|process)_[a-z_]+", source))


@pytest.mark.parametrize("file", ["alerts.yml", "dashboard.json"])
def test_the_examples_name_only_numbers_that_exist(file: str, numbers: dict[str, Any]) -> None:
    source = (EXAMPLES / file).read_text()
    if file.endswith(".json"):
        board = json.loads(source)
        expressions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    else:
        groups = yaml.safe_load(source)["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert all({"alert", "expr", "labels", "annotations"} <= rule.keys() for rule in rules)
        expressions = [rule["expr"] for rule in rules]
    named = set().union(*map(_named, expressions))
    bases = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in numbers} | set(numbers)
    assert named
    # what is counted only once it has happened
    assert named - bases <= {"paraph_stuck", "paraph_stuck_oldest_seconds", "paraph_timestamps_total"}
