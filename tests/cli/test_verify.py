"""``paraph verify`` on a host of an installation: what the other hosts sealed is this server's (docs/verify.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness import Cluster, running_server
from tests.helpers.accounts import make_person
from tests.helpers.process import Installation, installation
from tests.helpers.requests import complete

KEY = "one secret for all of the hosts, long enough"


@dataclass(frozen=True)
class Sealed:
    """A file that one host sealed, and the database that it shares with others."""

    file: Path
    database_url: str


@pytest.fixture(scope="module")
def sealed(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    folder, address = tmp_path_factory.mktemp("first"), cluster.new_database()
    with running_server(folder, address, secret_key=KEY) as server:
        api = server.api(make_person(server, "Alice").api_key)
        done = complete(server, api)
        file = folder / "sealed.pdf"
        file.write_bytes(api.get(f"/v3/signature_request/files/{done.id}").content)
    return Sealed(file, address)


def verified(place: Installation, file: Path) -> tuple[str, str]:
    """The outcome, and what was said beside it."""
    told = place.cli("verify", str(file), "--json", check=False)
    return json.loads(told.stdout)["outcome"], told.stderr


def test_the_seals_of_other_hosts_are_this_servers(sealed: Sealed, tmp_path: Path) -> None:
    second = installation(tmp_path, secret_key=KEY, database_url=sealed.database_url)
    assert verified(second, sealed.file) == ("sealed_unchanged", "")


def test_another_installations_database_vouches_for_nothing(sealed: Sealed, tmp_path: Path) -> None:
    other = installation(tmp_path, secret_key="another secret, just as long as it", database_url=sealed.database_url)
    told = other.cli("verify", str(sealed.file), "--json", check=False)
    assert (told.returncode, told.stdout) == (2, "")
    assert "another server key" in told.stderr
    assert len(list((tmp_path / "data/keys").glob("sealed-with/*"))) <= 1, "its own at most"


def test_without_the_database_it_says_what_it_cannot_know(sealed: Sealed, tmp_path: Path) -> None:
    alone = installation(tmp_path, secret_key=KEY)
    outcome, said = verified(alone, sealed.file)
    assert outcome == "sealed_by_another"
    assert said == "The database did not say what other hosts of this installation seal with.\n"
