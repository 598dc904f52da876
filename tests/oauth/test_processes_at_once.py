"""The checklist under concurrency through real processes: two on PostgreSQL, and the one that SQLite allows (part 5).

What one server of the test process can show stands in ``test_races.py``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.conftest import database_url
from tests.helpers.accounts import csrf_token, submit
from tests.helpers.apps import MadeApp, make_app
from tests.helpers.oauth import VERIFIER, accept, authorize_path, challenge, code_request, form_fields, query_of
from tests.helpers.process import PASSWORD, installation, serving
from tests.long import long

from .test_races import CLIENTS, at_once, one_success

PUBLIC = "http://localhost:8000"
Call = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Ground:
    """The addresses of the processes, and an owner with her API key and logged-in browser."""

    addresses: list[str]
    key: httpx.Client
    browser: httpx.Client

    def app(self, **how: Any) -> MadeApp:
        return make_app(self.key, **how)

    def code(self, app: MadeApp, **parameters: Any) -> str:
        return query_of(accept(self.browser, self.browser.get(authorize_path(app, **parameters))))["code"]

    def tokens(self, app: MadeApp) -> dict[str, str]:
        answer = httpx.post(f"{self.addresses[-1]}/oauth/token", json=code_request(app, self.code(app)))
        found: dict[str, str] = answer.json()
        return found

    def statuses(self, token: str) -> list[int]:
        """What a read with this token gets from each process."""
        calls = (httpx.get(f"{address}/v3/account", headers=_bearer(token)) for address in self.addresses)
        return [answer.status_code for answer in calls]

    @property
    def cookie(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())}


@pytest.fixture(scope="module", params=[pytest.param("sqlite", marks=long), "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    engine = request.param
    place = installation(
        tmp_path_factory.mktemp("place"),
        database_url=database_url(engine, request),
        secret_key="one secret for all of the processes, long enough",
        public_url=PUBLIC,
        api_rate_limit="100000",
    )
    owner = place.create_account("olga@example.com")
    with ExitStack() as stack:
        flags = [(), ("--no-worker",)] if engine == "postgresql" else [()]
        addresses = [stack.enter_context(serving(place, *more)).url for more in flags]
        key = stack.enter_context(httpx.Client(base_url=addresses[0], auth=(owner["api_key"], ""), timeout=30))
        browser = stack.enter_context(httpx.Client(base_url=addresses[0], timeout=30))
        assert submit(browser, "/login", email="olga@example.com", password=PASSWORD).status_code == 303
        yield Ground(addresses, key, browser)


def during(ground: Ground, use: Call, act: Call) -> tuple[list[tuple[float, int]], float, httpx.Response]:
    """Hammer every process with ``use`` while ``act`` is done once; (when begun, status) of each use, and when the
    act was answered."""
    used: list[tuple[float, int]] = []

    async def run() -> tuple[float, httpx.Response]:
        over = asyncio.Event()
        async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=40)) as client:

            async def hammer(address: str) -> None:
                while not over.is_set():
                    begun = time.monotonic()
                    used.append((begun, (await use(client, address)).status_code))

            users = [asyncio.create_task(hammer(address)) for address in ground.addresses for _ in range(6)]
            await asyncio.sleep(0.3)
            answer = await act(client, ground.addresses[0])
            answered = time.monotonic()
            await asyncio.sleep(0.3)
            over.set()
            await asyncio.gather(*users)
            return answered, answer

    answered, answer = asyncio.run(run())
    return used, answered, answer


def never_after(used: list[tuple[float, int]], answered: float, good: int, bad: int) -> None:
    """It worked before, it never worked when begun after the answer, and nothing else was ever answered."""
    assert {status for _, status in used} == {good, bad}
    assert [status for begun, status in used if begun > answered and status == good] == []
    assert sum(begun > answered for begun, _ in used) >= 5


def test_T6_one_code_fifty_times_at_once_through_processes(ground: Ground) -> None:
    app = ground.app()
    body = one_success(at_once(ground.addresses, "/oauth/token", code_request(app, ground.code(app))))
    assert set(ground.statuses(body["access_token"])) == {401}


def test_R3_one_refresh_fifty_times_at_once_through_processes(ground: Ground) -> None:
    """Of a native app, whose tokens are replaced: all within the window are told the one answer."""
    app = ground.app()
    page = f"/settings/api/apps/{app.client_id}"
    assert submit(ground.browser, f"{page}/protocol", at=page, profile="standard").status_code == 303
    asked = code_request(app, ground.code(app, **challenge()), code_verifier=VERIFIER)
    token = httpx.post(f"{ground.addresses[0]}/oauth/token", json=asked).json()["refresh_token"]
    own = {"client_id": app.client_id, "client_secret": app.secret}
    wanted = {"grant_type": "refresh_token", "refresh_token": token, **own}
    answers = at_once(ground.addresses, "/oauth/token", wanted)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["access_token"] for answer in answers}) == 1
    assert set(ground.statuses(answers[0].json()["access_token"])) == {200}


def test_R3_R13_the_walkthroughs_refresh_fifty_times_at_once_and_then_its_end(ground: Ground) -> None:
    """Each gets an access token of its own; revoking the refresh token, wherever, ends all of them everywhere."""
    app = ground.app()
    token = ground.tokens(app)["refresh_token"]
    wanted = {"grant_type": "refresh_token", "refresh_token": token}
    answers = at_once(ground.addresses, "/oauth/token?refresh", wanted)
    made = {answer.json()["access_token"] for answer in answers}
    assert len(made) == CLIENTS
    ended = {"token": token, "client_id": app.client_id, "client_secret": app.secret}
    assert httpx.post(f"{ground.addresses[-1]}/oauth/revoke", data=ended).status_code == 200
    for one in made:
        assert httpx.get(f"{ground.addresses[0]}/v3/account", headers=_bearer(one)).status_code == 401


def test_R13_S10_after_a_revocation_is_answered_no_read_succeeds(ground: Ground) -> None:
    app = ground.app()
    tokens = ground.tokens(app)
    bearer = _bearer(tokens["access_token"])
    ended = {"token": tokens["refresh_token"], "client_id": app.client_id, "client_secret": app.secret}
    used, answered, answer = during(
        ground,
        lambda client, address: client.get(f"{address}/v3/account", headers=bearer),
        lambda client, address: client.post(f"{address}/oauth/revoke", data=ended),
    )
    assert answer.status_code == 200
    never_after(used, answered, 200, 401)


def test_R13_disconnecting_counts_at_once_for_refreshing_too(ground: Ground) -> None:
    app = ground.app()
    token = ground.tokens(app)["refresh_token"]
    wanted = {"grant_type": "refresh_token", "refresh_token": token}
    fields = {"csrf_token": csrf_token(ground.browser.get("/settings/connected-apps"))}
    used, answered, answer = during(
        ground,
        lambda client, address: client.post(f"{address}/oauth/token", data=wanted),
        lambda client, address: client.post(
            f"{address}/settings/connected-apps/{app.client_id}/revoke", data=fields, headers=ground.cookie
        ),
    )
    assert answer.status_code == 303
    never_after(used, answered, 200, 400)


def test_T9_M10_a_compromised_secret_is_dead_once_the_rotation_is_answered(ground: Ground) -> None:
    """And with it every token that was refreshed while it happened."""
    app = ground.app()
    token = ground.tokens(app)["refresh_token"]
    own = {"client_id": app.client_id, "client_secret": app.secret}
    made: list[str] = []

    async def refresh(client: httpx.AsyncClient, address: str) -> httpx.Response:
        wanted = {"grant_type": "refresh_token", "refresh_token": token, **own}
        answer = await client.post(f"{address}/oauth/token", data=wanted)
        made.extend([answer.json()["access_token"]] if answer.status_code == 200 else [])
        return answer

    page = f"/settings/api/apps/{app.client_id}"
    fields = {"csrf_token": csrf_token(ground.browser.get(page)), "grace": "compromised"}
    used, answered, answer = during(
        ground,
        refresh,
        lambda client, address: client.post(f"{address}{page}/secret", data=fields, headers=ground.cookie),
    )
    assert answer.status_code == 303
    never_after(used, answered, 200, 401)
    assert made
    assert {status for one in made[-5:] for status in ground.statuses(one)} == {401}


def test_B3_a_consent_pressed_twenty_times_through_processes(ground: Ground) -> None:
    app = ground.app()
    fields = form_fields(ground.browser.get(authorize_path(app))) | {"decision": "accept"}
    answers = at_once(ground.addresses, "/oauth/authorize/consent", fields, headers=ground.cookie)
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * (len(answers) - 1)
    code = query_of(next(answer for answer in answers if answer.status_code == 303))["code"]
    assert httpx.post(f"{ground.addresses[-1]}/oauth/token", json=code_request(app, code)).status_code == 200


def test_M16_one_address_is_invited_once_however_many_ask(ground: Ground) -> None:
    address = "only.once@example.com"
    authorization = {"authorization": str(ground.key.get("/v3/account").request.headers["authorization"])}
    answers = at_once(ground.addresses, "/v3/account/create", {"email_address": address}, headers=authorization)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 400, 429}
    known = ground.key.post("/v3/account/verify", json={"email_address": address})
    assert known.status_code in (200, 404)
    mails = httpx.get(f"{ground.addresses[0]}/mailbox.json").json()
    assert sum(mail["to"] == address for mail in mails) <= 1


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
