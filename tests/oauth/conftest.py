"""One app with its people for a whole module, on both engines; tests that change them make their own."""

from __future__ import annotations

import pytest

from tests.harness import Server
from tests.helpers.oauth import World, make_world


@pytest.fixture(scope="module")
def world(shared_server: Server) -> World:
    """An approved app in the walkthrough profile."""
    return make_world(shared_server)


@pytest.fixture(scope="module")
def strict(shared_server: Server) -> World:
    """An approved app in the standard profile."""
    return make_world(shared_server, profile="standard")
