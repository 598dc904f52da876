"""A PostgreSQL cluster of these tests alone: what they set would disturb others."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Cluster


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """Started for one module."""
    folder = Path(tempfile.mkdtemp(prefix="paraph-pg-"))
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
