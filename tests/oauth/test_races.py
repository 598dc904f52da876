"""Single use under concurrency: fifty clients at once, on both engines, and through two servers (part 5).

Through real processes: ``test_processes_at_once.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.harness import Cluster, Server, running_server
from tests.helpers.oauth import (
    World,
    challenge,
    code_request,
    error_of,
    form_fields,
    make_world,
)

CLIENTS = 50


def at_once(addresses: list[str], path: str, body: dict[str, Any], *, headers: Any = None) -> list[httpx.Response]:
    """Post the same body ``CLIENTS`` times, all started together, spread over the servers."""

    async def run() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=CLIENTS)
        async with httpx.AsyncClient(timeout=60, limits=limits) as client:
            start = asyncio.Event()

            async def one(number: int) -> httpx.Response:
                await start.wait()
                return await client.post(addresses[number % len(addresses)] + path, data=body, headers=headers)

            tasks = [asyncio.create_task(one(number)) for number in range(CLIENTS)]
            await asyncio.sleep(0)
            start.set()
            return await asyncio.gather(*tasks)

    return asyncio.run(run())


def one_success(answers: list[httpx.Response]) -> dict[str, Any]:
    """The only success; every other answer is ``invalid_grant``, none a server error."""
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer for answer in answers if answer.status_code != 200]
    assert len(won) == 1
    assert {(answer.status_code, error_of(answer)) for answer in lost} == {(400, "invalid_grant")}
    return won[0].json()


@contextmanager
def twins(cluster: Cluster, folder: Path) -> Iterator[tuple[Server, Server]]:
    """Two servers on one PostgreSQL database."""
    address = cluster.new_database()
    key = "one secret for both of the servers, long enough"
    with (
        running_server(folder, address, secret_key=key) as one,
        running_server(folder, address, secret_key=key) as two,
    ):
        yield one, two


def test_T6_V2_V3_one_code_fifty_times_at_once(server: Server) -> None:
    world = make_world(server)
    for _ in range(2):
        code = world.code()
        body = one_success(at_once([server.url], "/oauth/token", code_request(world.app, code)))
        assert not world.works(body["access_token"])
        assert error_of(world.refresh(body["refresh_token"])) == "invalid_grant"


def test_T6_through_two_servers(cluster: Cluster, tmp_path: Path) -> None:
    with twins(cluster, tmp_path / "data") as (one, two):
        world = make_world(one)
        for _ in range(3):
            body = one_success(at_once([one.url, two.url], "/oauth/token", code_request(world.app, world.code())))
            assert not world.works(body["access_token"])
            assert error_of(world.refresh(body["refresh_token"])) == "invalid_grant"


def test_R3_V1_one_refresh_token_fifty_times_at_once(server: Server) -> None:
    world = make_world(server, profile="standard")
    token = world.connect(**challenge()).refresh_token
    refreshed_at_once(world, [server.url], token)


def test_R3_through_two_servers(cluster: Cluster, tmp_path: Path) -> None:
    with twins(cluster, tmp_path / "data") as (one, two):
        world = make_world(one, profile="standard")
        for _ in range(3):
            refreshed_at_once(world, [one.url, two.url], world.connect(**challenge()).refresh_token)


def refreshed_at_once(world: World, addresses: list[str], token: str) -> None:
    """All get the one answer, which works; nothing else was made."""
    wanted = {"grant_type": "refresh_token", "refresh_token": token, **world.credentials}
    answers = at_once(addresses, "/oauth/token", wanted)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["access_token"] for answer in answers}) == 1
    body = answers[0].json()
    assert world.works(body["access_token"])
    assert world.refresh(body["refresh_token"], **world.credentials).status_code == 200


def test_R3_beyond_the_window_fifty_at_once_end_the_grant(server: Server) -> None:
    world = make_world(server, profile="standard")
    old = world.connect(**challenge())
    new = world.refresh(old.refresh_token, **world.credentials).json()
    server.move(11)
    wanted = {"grant_type": "refresh_token", "refresh_token": old.refresh_token, **world.credentials}
    answers = at_once([server.url], "/oauth/token", wanted)
    assert {(answer.status_code, error_of(answer)) for answer in answers} == {(400, "invalid_grant")}
    assert not world.works(new["access_token"])
    told = [mail for mail in server.mails() if mail["to"] == world.user.email and world.app.name in mail["subject"]]
    assert len(told) == 1


def test_B3_one_consent_fifty_times_at_once(server: Server) -> None:
    world = make_world(server)
    fields = form_fields(world.ask()) | {"decision": "accept"}
    cookie = "; ".join(f"{name}={value}" for name, value in world.browser.cookies.items())
    answers = at_once([server.url], "/oauth/authorize/consent", fields, headers={"cookie": cookie})
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * (CLIENTS - 1)


def test_revoking_while_refreshing_leaves_nothing_alive(cluster: Cluster, tmp_path: Path) -> None:
    """Whatever a refresh made just before or after the revocation, it hangs on the ended grant."""
    with twins(cluster, tmp_path / "data") as (one, two):
        world = make_world(one)
        tokens = world.connect()

        async def run() -> list[httpx.Response]:
            async with httpx.AsyncClient(timeout=60) as client:
                wanted = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
                refreshes = [client.post(f"{two.url}/oauth/token", data=wanted) for _ in range(20)]
                ended = {"token": tokens.refresh_token, **world.credentials}
                return list(await asyncio.gather(*refreshes, client.post(f"{one.url}/oauth/revoke", data=ended)))

        answers = asyncio.run(run())
        made = [answer.json()["access_token"] for answer in answers if "access_token" in answer.json()]
        assert not any(world.works(token) for token in made)


def test_changing_scopes_while_codes_are_exchanged_leaves_no_old_grant(cluster: Cluster, tmp_path: Path) -> None:
    with twins(cluster, tmp_path / "data") as (one, two):
        world = make_world(one)
        codes = [world.code() for _ in range(12)]

        async def run() -> list[httpx.Response]:
            async with httpx.AsyncClient(timeout=60) as client:
                calls = [client.post(f"{two.url}/oauth/token", data=code_request(world.app, code)) for code in codes]
                changed = {"oauth": {"scopes": ["basic_account_info"]}}
                address = f"{one.url}/v3/api_app/{world.app.client_id}"
                change = client.put(address, json=changed, auth=(world.owner.api_key, ""))
                return list(await asyncio.gather(*calls[:6], change, *calls[6:]))

        answers = asyncio.run(run())
        assert answers[6].status_code == 200
        made = [answer.json()["access_token"] for answer in answers if "access_token" in answer.json()]
        assert not any(world.works(token) for token in made)
