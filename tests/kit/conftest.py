"""The kit's ground on each engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.kit.ground import Ground


@pytest.fixture(params=ENGINES)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """The kit on each engine."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("cluster").empty_database()
    return Ground(tmp_path / "data", url)


@pytest.fixture
def postgres_ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """The kit on PostgreSQL: for what several processes share."""
    return Ground(tmp_path / "data", request.getfixturevalue("cluster").empty_database())


@pytest.fixture
def lite_ground(tmp_path: Path) -> Ground:
    """The kit on SQLite: for what does not touch the database engine."""
    return Ground(tmp_path / "data")
