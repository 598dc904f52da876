"""Fixtures of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import Server, running_server
from tests.helpers.accounts import Person, make_person


@pytest.fixture
def alice(shared_server: Server) -> Person:
    """A sender on the shared server."""
    return make_person(shared_server, "Alice")


@pytest.fixture(scope="module")
def shared_lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for a whole module, on SQLite only: for what does not touch the database engine."""
    with running_server(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def anna(shared_lite: Server) -> Person:
    """A sender on the shared SQLite server."""
    return make_person(shared_lite, "Alice")
