"""What only this machine may read stays so when a stranger's name resolves to this machine (DNS rebinding)."""

from __future__ import annotations

import httpx
import pytest

from tests.harness import Server

MAILBOX = ("/mailbox", "/mailbox.json", "/mailbox/1", "/mailbox/1/html")


def mailbox(server: Server, path: str, **headers: str) -> httpx.Response:
    return server.client().get(path, headers=headers)


@pytest.mark.parametrize("path", MAILBOX)
@pytest.mark.parametrize(
    "host", ["elsewhere.example", "elsewhere.example:8000", "localhost.elsewhere.example", "[::1", ""]
)
def test_the_mailbox_answers_to_its_own_names_only(lite: Server, path: str, host: str) -> None:
    assert mailbox(lite, path, host=host).status_code == 404


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "[::1]:8000", "paraph.localhost"])
def test_names_of_this_machine_are_its_own(lite: Server, host: str) -> None:
    assert mailbox(lite, "/mailbox.json", host=host).status_code == 200


def test_what_was_forwarded_is_not_from_this_machine(lite: Server) -> None:
    assert mailbox(lite, "/mailbox.json", **{"x-forwarded-for": "127.0.0.1"}).status_code == 404
