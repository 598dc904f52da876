"""Fixtures that every room's tests share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Cluster, Server, running_server
from tests.helpers.object_store import ObjectStore, running_object_store

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL cluster, started when the first test needs it."""
    folder = Path(tempfile.mkdtemp(prefix="paraph-pg-"))
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A real S3-compatible store; take a bucket with ``new_bucket``."""
    with running_object_store(tmp_path_factory.mktemp("s3")) as store:
        yield store


def database_url(engine: str, request: pytest.FixtureRequest) -> str:
    """The address of a fresh database on ``engine``; empty for SQLite."""
    if engine == "sqlite":
        return ""
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_database()


@pytest.fixture(params=ENGINES)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A fresh server; every test that uses it runs on both engines."""
    with running_server(tmp_path / "data", database_url(request.param, request)) as running:
        yield running


@pytest.fixture(scope="module", params=ENGINES)
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for a whole module, on each engine: for tests that keep out of each other's way."""
    folder = tmp_path_factory.mktemp("data")
    with running_server(folder, database_url(request.param, request)) as running:
        yield running


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Server]:
    """A fresh server on SQLite only: for what does not touch the database engine."""
    with running_server(tmp_path / "data") as running:
        yield running
