"""Every released schema comes up to the present one with its data, and what clients hold goes on working."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness import Cluster
from tests.helpers.process import Installation, installation, serving
from tests.helpers.signing import Signer
from tests.long import long
from tests.upgrade.kept import RELEASES, SECRET_KEY, load
from tests.wire.live import verified, wait_until

ENGINES = ("sqlite", "postgresql")
NAMES = sorted(release.name for release in RELEASES.iterdir())
ALWAYS = {(NAMES[0], "sqlite"), (NAMES[-1], "postgresql")}
"""The oldest and the newest, turn about; every one on both engines: make test-long."""
CASES = [
    pytest.param(name, engine, marks=[] if (name, engine) in ALWAYS else [long])
    for name in NAMES
    for engine in ENGINES
]
KEPT = ("signature_request_id", "title", "is_complete", "is_declined", "created_at", "requester_email_address")


@pytest.fixture
def place(release: str, engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    url = ""
    if engine == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.empty_database()
    return installation(tmp_path / f"from-{release}", secret_key=SECRET_KEY, database_url=url)


@pytest.mark.parametrize(("release", "engine"), CASES)
def test_a_released_schema_comes_up_with_its_data(release: str, engine: str, place: Installation) -> None:
    promised = load(RELEASES / release, engine, place)
    with serving(place) as server:
        api = httpx.Client(base_url=server.url, auth=(promised["api_key"], ""), timeout=60)
        assert api.get(f"/v3/signature_request/{promised['requests'].pop('canceled')}").status_code == 410
        for name, request_id in promised["requests"].items():
            now = shown(api, request_id)
            was = promised["shown"][name]["signature_request"]
            assert {key: now[key] for key in KEPT} == {key: was[key] for key in KEPT}
            assert statuses(now) == statuses(was)
        check_tokens(server.url, promised)
        for name, left in (("half", ("bob",)), ("waiting", ("ann", "bob"))):
            for signer in left:
                sign(server.url, signer, name, promised["links"][f"{signer}.{name}"])
        for name in ("complete", "half", "waiting"):
            check_sealed(api, promised["requests"][name])


def shown(api: httpx.Client, request_id: str) -> dict[str, Any]:
    answer = api.get(f"/v3/signature_request/{request_id}").raise_for_status()
    found: dict[str, Any] = answer.json()["signature_request"]
    return found


def statuses(request: dict[str, Any]) -> list[tuple[str, int | None]]:
    return [(one["status_code"], one["signed_at"]) for one in request["signatures"]]


def check_tokens(url: str, promised: dict[str, Any]) -> None:
    """The refresh token that the app was given brings it a new pair, which sees the app's own request."""
    tokens, client = promised["tokens"], promised["client"]
    wanted = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **client}
    pair = httpx.post(f"{url}/oauth/token", data=wanted).raise_for_status().json()
    bearer = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {pair['access_token']}"}, timeout=60)
    assert shown(bearer, promised["requests"]["of_app"])["title"] == "of_app"


def sign(url: str, name: str, title: str, base: str) -> None:
    with httpx.Client(base_url=url, timeout=30) as browser:
        email = f"{name}.{title}@example.com"
        signer = Signer(server=None, name=name.title(), email=email, browser=browser, base=base)  # type: ignore[arg-type]
        signer.sign()


def check_sealed(api: httpx.Client, request_id: str) -> None:
    """It is sealed soon, and /v3/verify says that the file is this server's, unchanged, its chain whole."""
    wait_until(lambda: api.get(f"/v3/signature_request/files/{request_id}").status_code == 200)
    sealed = api.get(f"/v3/signature_request/files/{request_id}")
    finding = verified(api, sealed.content)
    assert finding["is_unchanged"] and finding["chain"]["is_intact"], finding["message"]
