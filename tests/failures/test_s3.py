"""The file store far away is slow, fails or lies: calls say so at once, nothing is half done, jobs wait and heal."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from paraph.kit.queue import jobs
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.meddler import Meddler, meddling
from tests.helpers.object_store import ObjectStore
from tests.helpers.requests import accepted, complete, mails_to, post_send

UNREACHABLE = "The file store of this server does not answer just now. Try again in a few seconds."
FOR_EVER = 10**6


@pytest.fixture(scope="module")
def meddler(object_store: ObjectStore) -> Iterator[Meddler]:
    with meddling(object_store.url) as running:
        yield running


@pytest.fixture(scope="module")
def server(object_store: ObjectStore, meddler: Meddler, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose files are in a bucket behind the meddler; it keeps next to no copies."""
    bucket = object_store.new_bucket(f"test-{uuid.uuid4().hex[:12]}")
    own = {"s3_endpoint": meddler.url, "s3_seconds": 1, "s3_cache_bytes": 1}
    with running_server(tmp_path_factory.mktemp("data"), **(bucket | own)) as running:
        yield running


@pytest.fixture
def api(server: Server, meddler: Meddler) -> Iterator[httpx.Client]:
    yield server.api(make_person(server).api_key)
    meddler.behave()


def is_told(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["error"]["error_msg"]) == (503, UNREACHABLE)
    assert int(answer.headers["retry-after"]) > 0


def incoming(server: Server) -> list[Path]:
    return list(server.kit.files.spool.iterdir())


@pytest.mark.parametrize("how", ["failing", "slow"])
def test_what_cannot_be_stored_is_refused_and_nothing_of_it_stays(
    server: Server, api: httpx.Client, meddler: Meddler, how: str
) -> None:
    if how == "failing":
        meddler.failing = FOR_EVER
    else:
        meddler.delay = 30
    started = time.monotonic()
    is_told(post_send(api))
    assert time.monotonic() - started < 20, "slowness has an end"
    listed = api.get("/v3/signature_request/list")
    assert (listed.status_code, listed.json()["list_info"]["num_results"]) == (200, 0)
    assert incoming(server) == []
    assert server.client().get("/healthz").status_code == 200
    meddler.behave()
    accepted(post_send(api))


def test_what_was_acknowledged_waits_for_the_store_and_is_not_lost(
    server: Server, api: httpx.Client, meddler: Meddler
) -> None:
    accepted(post_send(api, signers=[{"name": "Jo", "email_address": "patient@example.com"}]))
    meddler.failing = FOR_EVER
    server.run_jobs()
    waiting = select(jobs.c.waits_for, jobs.c.failed_at).where(jobs.c.name == "signature_requests.prepare")
    assert {tuple(row) for row in server.read(lambda tx: tx.all(waiting))} == {("files", None)}
    assert mails_to(server, "patient@example.com") == []
    for _ in range(8):  # for hours
        server.move(600)
        server.run_jobs()
    meddler.behave()
    server.move(600)
    server.run_jobs()
    assert len(mails_to(server, "patient@example.com")) == 1


def test_a_store_that_gives_back_other_bytes_is_not_believed(
    server: Server, api: httpx.Client, meddler: Meddler
) -> None:
    signer = {"name": "Jo", "email_address": "jo@example.com"}
    sealed = complete(server, api, signers=[signer])
    path = f"/v3/signature_request/files/{sealed.id}"
    meddler.damages_down = True
    answer = api.get(path)
    assert answer.status_code == 503
    assert b"%PDF" not in answer.content
    meddler.behave()
    assert api.get(path).content.startswith(b"%PDF")
