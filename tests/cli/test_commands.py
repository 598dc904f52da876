"""The command line, as an operator uses it: in processes of its own, beside a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import typer

from paraph.cli.console import run_to_end
from paraph.kit.outages import Outage
from tests.failures.postgres import lasting_address
from tests.harness import Cluster, free_port
from tests.helpers.oauth import accept, query_of
from tests.helpers.process import Installation, Process, installation, serving
from tests.wire.live import log_in


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return installation(tmp_path_factory.mktemp("installation"))


@pytest.fixture(scope="module")
def server(place: Installation) -> Iterator[Process]:
    with serving(place) as running:
        yield running


def test_welcome_says_what_comes_next(place: Installation, server: Process) -> None:
    printed = server.log.read_text()
    assert server.url in printed
    assert "paraph account create" in printed
    assert f"{server.url}/mailbox" in printed


def test_account_create_prints_what_a_program_needs(place: Installation, server: Process) -> None:
    made = place.create_account("cli@example.com")
    assert sorted(made) == ["account_id", "api_key", "email_address"]
    account = httpx.get(f"{server.url}/v3/account", auth=(made["api_key"], "")).json()["account"]
    assert account["account_id"] == made["account_id"]
    assert account["email_address"] == "cli@example.com"


def test_account_create_refuses_in_words(place: Installation, server: Process) -> None:
    password = place.folder / "password.txt"
    password.write_text("correct horse battery staple")
    wanted = ["account", "create", "--name", "N", "--password-file"]
    place.create_account("taken@example.com")
    for arguments, words in (
        ([*wanted, str(password), "--email", "taken@example.com"], "already"),
        ([*wanted, str(password), "--email", "nonsense"], "address"),
        ([*wanted, str(place.folder / "absent"), "--email", "a@example.com"], "cannot be read"),
    ):
        refused = place.cli(*arguments, check=False)
        assert refused.returncode == 2
        assert words in refused.stderr
        assert "Traceback" not in refused.stderr
    password.write_text("short")
    assert place.cli(*wanted, str(password), "--email", "a@example.com", check=False).returncode == 2


def test_app_commands_act_at_once(place: Installation, server: Process) -> None:
    owner, user = place.create_account("owner@example.com"), place.create_account("user@example.com")
    wanted = {
        "name": "CLI app",
        "domains": ["example.com"],
        "oauth": {"callback_url": "https://example.com/cb", "scopes": ["basic_account_info"]},
    }
    app = httpx.post(f"{server.url}/v3/api_app", auth=(owner["api_key"], ""), json=wanted).json()["api_app"]
    client_id = app["client_id"]
    browser = log_in(server.url, user["email_address"])
    asked = {"response_type": "code", "client_id": client_id, "state": "s"}
    refused = browser.get("/oauth/authorize", params=asked)
    assert refused.status_code in (400, 403)
    place.cli("app", "approve", client_id)

    def connect() -> httpx.Client:
        code = query_of(accept(browser, browser.get("/oauth/authorize", params=asked)))["code"]
        exchange = {
            "grant_type": "authorization_code",
            "code": code,
            "state": "s",
            "client_id": client_id,
            "client_secret": app["oauth"]["secret"],
        }
        token = httpx.post(f"{server.url}/oauth/token", json=exchange).json()["access_token"]
        return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"})

    for command in (
        ["app", "revoke-tokens", client_id, "--json"],
        ["account", "revoke-tokens", user["email_address"], "--json"],
        ["app", "suspend", client_id, "--reason", "Complaints", "--json"],
    ):
        connected = connect()
        assert connected.get("/v3/account").status_code == 200
        assert json.loads(place.cli(*command).stdout)
        assert connected.get("/v3/account").status_code == 401, command
    assert browser.get("/oauth/authorize", params=asked).status_code in (400, 403)
    place.cli("app", "resume", client_id)
    assert browser.get("/oauth/authorize", params=asked).status_code == 200


def test_unknown_things_are_named(place: Installation, server: Process) -> None:
    for arguments in (
        ["app", "approve", "0" * 32],
        ["app", "suspend", "0" * 32],
        ["app", "revoke-tokens", "nonsense"],
        ["account", "revoke-tokens", "nobody@example.com"],
        ["verify", "/nowhere.pdf"],
    ):
        refused = place.cli(*arguments, check=False)
        assert refused.returncode == 2, arguments
        assert refused.stderr.strip()
        assert "Traceback" not in refused.stderr


def test_doctor_names_problems_and_fixes(place: Installation, server: Process, tmp_path: Path) -> None:
    healthy = place.cli("doctor", "--json")
    assert {finding["subject"] for finding in json.loads(healthy.stdout)} >= {"database", "keys", "seal", "disk"}
    kept = next(finding for finding in json.loads(healthy.stdout) if finding["subject"] == "text messages")
    assert "/mailbox; senders may ask for a code" in kept["says"]
    broken = installation(tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")
    told = broken.cli("doctor", "--json", check=False)
    assert told.returncode == 1
    database = next(finding for finding in json.loads(told.stdout) if finding["subject"] == "database")
    assert database["verdict"] == "problem"
    assert database["fix"]


def test_a_bad_setting_stops_with_a_sentence(tmp_path: Path) -> None:
    for name, value, words in (
        ("prot", "8000", "PARAPH_PROT is not a setting"),
        ("port", "eight", "PARAPH_PORT"),
        ("public_url", "http://sign.example.com", "https"),
        ("secret_key", "short", "PARAPH_SECRET_KEY"),
    ):
        told = installation(tmp_path, **{name: value}).cli("serve", check=False)
        assert told.returncode == 2
        assert words in told.stderr
        assert "Traceback" not in told.stderr


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["migrate"], ["app", "approve", "0" * 32]])
def test_a_dead_database_is_said_in_words(command: list[str], tmp_path: Path) -> None:
    place = installation(tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none", port=str(free_port()))
    told = place.cli(*command, check=False)
    assert told.returncode == 2
    assert "cannot be reached" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_database_that_refuses_is_said_in_words(cluster: Cluster, tmp_path: Path) -> None:
    """As it is where the password is wrong, or the role unknown: the server says so itself."""
    url = cluster.empty_database().rpartition("/")[0] + "/none"
    place = installation(tmp_path, database_url=url, port=str(free_port()))
    told = place.cli("serve", check=False)
    words = 'database "none" does not exist'
    assert (told.returncode, told.stderr.splitlines()[-1:]) == (
        2,
        [f"The database (PARAPH_DATABASE_URL) cannot be reached: {words}. `paraph doctor` says more."],
    )
    assert "Traceback" not in told.stderr
    assert f"PROBLEM database: PostgreSQL: {words}" in place.cli("doctor", check=False).stdout


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_that_vanishes_after_the_migration_is_said_in_words(
    command: str, cluster: Cluster, tmp_path: Path
) -> None:
    """The first connection sees the schema; the second would be the first of the pool."""
    name = cluster.new_database().rpartition("/")[2]
    with lasting_address() as address:
        address.point_to(cluster.port)
        address.lets_in = 1
        url = f"postgresql://paraph@127.0.0.1:{address.port}/{name}"
        place = installation(tmp_path, database_url=url, port=str(free_port()))
        told = place.cli(command, check=False)
    assert told.returncode == 2, told.stderr
    assert "Traceback" not in told.stdout + told.stderr
    said = [line for line in told.stderr.splitlines() if "The database" in line]
    assert len(said) == 1 and "`paraph doctor` says more." in said[0], told.stderr


def test_a_database_that_stops_answering_later_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    async def ask() -> None:
        raise Outage("database") from ConnectionResetError("reset by the far side")

    with pytest.raises(typer.Exit):
        run_to_end(ask())
    said = capsys.readouterr().err
    assert said == "The database stopped answering: reset by the far side. `paraph doctor` says more.\n"


def test_a_taken_port_is_said_in_words(place: Installation, server: Process) -> None:
    port = server.url.rsplit(":", 1)[1]
    other = installation(place.folder / "other", port=port)
    told = other.cli("serve", check=False)
    assert told.returncode == 2
    assert f"Cannot listen on localhost:{port}" in told.stderr


def test_verify_tells_sealed_from_unsealed(place: Installation, server: Process) -> None:
    unsealed = Path(__file__).parents[2] / "examples" / "nda.pdf"
    told = place.cli("verify", str(unsealed), "--json", check=False)
    assert told.returncode == 1
    assert json.loads(told.stdout)["outcome"] == "not_sealed"
