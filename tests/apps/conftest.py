"""A server with an owner of apps and an outsider."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from tests.harness import Server
from tests.helpers.accounts import Person, make_person


@dataclass(frozen=True)
class ApiPlace:
    """``alice`` calls as ``api``; ``outsider`` is somebody else."""

    server: Server
    alice: Person
    api: httpx.Client
    outsider: httpx.Client


@pytest.fixture(scope="module")
def api_place(shared_server: Server) -> ApiPlace:
    alice = make_person(shared_server, "Alice")
    bob = make_person(shared_server, "Bob")
    return ApiPlace(shared_server, alice, shared_server.api(alice.api_key), shared_server.api(bob.api_key))


@pytest.fixture
def api(api_place: ApiPlace) -> httpx.Client:
    return api_place.api


def refused(answer: httpx.Response, words: str, path: str | None = None) -> None:
    """Assert that the answer is the vendor's 400 with these words."""
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["error_name"] == "bad_request"
    assert words in error["error_msg"]
    assert error.get("error_path") == path
