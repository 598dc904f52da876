"""Fixtures of this folder: one server, one finished request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import Person, make_person
from tests.helpers.requests import Sent


@dataclass(frozen=True)
class Finished:
    """A request that everybody signed, on its server, and the sealed file."""

    server: Server
    sender: Person
    sent: Sent
    pdf: bytes


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for a whole module, on SQLite."""
    with running_server(tmp_path_factory.mktemp("data"), operator_contact="help@example.com") as server:
        yield server


@pytest.fixture(scope="module")
def finished(place: Server) -> Finished:
    """Two people signed, in order."""
    sender = make_person(place, "Alice")
    client = place.api(sender.api_key)
    people = requests.two_signers()
    sent = requests.send(place, client, signers=people, title="Lease of a flat", message="Please sign.")
    for person in people:
        requests.sign(place, requests.signing_token(place, person["email_address"]))
    answer = client.get(f"/v3/signature_request/files/{sent.id}")
    assert answer.status_code == 200, answer.text
    return Finished(place, sender, sent, answer.content)
