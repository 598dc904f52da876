"""Both stores, and a meddler in front of the one that is far away."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from paraph.kit.files import FileStore, open_files
from paraph.kit.settings import Settings
from tests.helpers.meddler import Meddler, meddling
from tests.helpers.object_store import ObjectStore

MakeStore = Callable[..., FileStore]


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """An empty store; every test that uses it runs on both."""
    settings: dict[str, Any] = {}
    if request.param == "s3":
        running: ObjectStore = request.getfixturevalue("object_store")
        settings = running.new_bucket(new_name()) | {"s3_prefix": "some/where"}
    return open_files(Settings(data_dir=tmp_path / "data", **settings))


@pytest.fixture
def meddler(object_store: ObjectStore) -> Iterator[Meddler]:
    """A proxy in front of the object store."""
    with meddling(object_store.url) as running:
        yield running


@pytest.fixture
def bucket(object_store: ObjectStore, meddler: Meddler) -> dict[str, Any]:
    """Settings of a store in a fresh bucket, behind the meddler."""
    return object_store.new_bucket(new_name()) | {"s3_endpoint": meddler.url, "s3_seconds": 20}


@pytest.fixture
def far(bucket: dict[str, Any], tmp_path: Path) -> MakeStore:
    """Make stores over that bucket, each as a host of its own would."""

    def make(host: str = "a", **settings: Any) -> FileStore:
        return open_files(Settings(data_dir=tmp_path / host, **{**bucket, **settings}))

    return make


def new_name() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"
