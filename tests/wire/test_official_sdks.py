"""Unmodified official SDKs against real processes: the whole walkthrough, host setting only."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import database_url
from tests.helpers.accounts import submit
from tests.helpers.oauth import accept
from tests.helpers.process import Installation, installation, serving
from tests.helpers.receiver import Receiver, receiving
from tests.helpers.signing import EXAMPLE
from tests.long import LONG
from tests.wire.live import authorise, log_in, mailed_link, sign

ROOT = Path(__file__).parents[2]
SDKS = {
    "python-2.0.0": [sys.executable, str(ROOT / "tests/wire/sdk_python.py")],
    "python-1.14.1": [str(ROOT / ".venv-sdk1/bin/python"), str(ROOT / "tests/wire/sdk_python.py")],
    "node-1.11.0": ["node", str(ROOT / "tests/wire/sdk_node.js")],
}
NEWEST = "python-2.0.0"
EVENTS = [
    "account_confirmed",
    "signature_request_sent",
    "signature_request_viewed",
    "signature_request_signed",
    "signature_request_viewed",
    "signature_request_signed",
    "signature_request_all_signed",
]
FILE = "signature_request_downloadable"
"""Fires for the sealed file, and before for the first signature's if nobody signs again before it is made."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, str, str]]:
    """SQLite: one process. PostgreSQL: two servers and a worker that share only the data folder.

    Yields the installation and the addresses of two servers, the same one on SQLite.
    """
    folder = tmp_path_factory.mktemp(request.param)
    database = database_url(request.param, request)
    place = installation(folder, **({"database_url": database} if database else {}))
    with ExitStack() as stack:
        if not database:
            first = stack.enter_context(serving(place)).url
            yield place, first, first
            return
        first = stack.enter_context(serving(place, "--no-worker")).url
        shared = installation(folder, database_url=database, public_url=first)
        second = stack.enter_context(serving(shared, "--no-worker")).url
        worker = subprocess.Popen([sys.executable, "-m", "paraph", "worker"], env=shared.environment)
        stack.callback(worker.wait, 20)
        stack.callback(worker.terminate)
        yield shared, first, second


@pytest.mark.parametrize("sdk", SDKS)
def test_the_walkthrough(live: tuple[Installation, str, str], sdk: str, tmp_path: Path) -> None:
    place, first, second = live
    if sdk != NEWEST and first != second and not LONG:
        pytest.skip("how an SDK parses does not depend on the engine; all on both: make test-long")
    name = sdk.replace(".", "-")
    email = f"olga-{name}@example.com"
    owner = place.create_account(email)
    with receiving() as receiver:
        known = {
            "url": first,
            "api_key": owner["api_key"],
            "account_id": owner["account_id"],
            "email": email,
            "jack": f"jack-{name}@example.com",
            "jill": f"jill-{name}@example.com",
            "invited": f"ida-{name}@example.com",
            "app_name": f"Walkthrough {name}",
            "callback": "https://app.example.com/callback",
            "events": receiver.url,
            "document": str(EXAMPLE),
            "signed_file": str(tmp_path / "signed.pdf"),
        }
        run = _program(SDKS[sdk], tmp_path / "state.json", known)
        run("account_and_app")
        known["code"] = authorise(log_in(second, email), known["client_id"])["code"]
        run("tokens")
        place.cli("app", "approve", known["client_id"])
        run("invite")
        _pending_until_confirmed_and_authorised(second, known)
        run("send")
        sign(second, known["jack"], "Jack")
        sign(first, known["jill"], "Jill")
        run("after_signing")
        _wait_until(lambda: _kinds(receiver)[FILE] >= 1 and _kinds(receiver, but=FILE) == Counter(EVENTS))
        assert _kinds(receiver)[FILE] <= 2
        run("cancel")
    _is_sealed(tmp_path / "signed.pdf")


def _program(command: list[str], state: Path, known: dict[str, Any]) -> Callable[[str], None]:
    """Run one phase of the SDK program; what it learns comes back into ``known``."""

    def run(phase: str) -> None:
        state.write_text(json.dumps(known))
        done = subprocess.run([*command, phase, str(state)], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{phase}\n{done.stdout}{done.stderr}"
        known.update(json.loads(state.read_text()))

    return run


def _pending_until_confirmed_and_authorised(url: str, known: dict[str, Any]) -> None:
    """account/create's token: dead, dead after confirmation, alive after consent (walkthrough, Account Creation)."""
    authorization = {"Authorization": f"Bearer {known['invited_token']}"}
    before = httpx.get(f"{url}/v3/account", headers=authorization)
    assert before.status_code == 401
    assert "confirm" in before.json()["error"]["error_msg"].lower()
    with httpx.Client(base_url=url, timeout=30) as browser:
        link = mailed_link(url, known["invited"], "confirm")
        answer = submit(browser, link, name="Ida Invited", password="a long enough password")
        assert answer.status_code == 303, answer.text
        between = httpx.get(f"{url}/v3/account", headers=authorization)
        assert between.status_code == 401
        assert "authori" in between.json()["error"]["error_msg"].lower()
        consent = browser.get(answer.headers["location"])
        accepted = accept(browser, consent)
        assert accepted.status_code == 303, accepted.text
    after = httpx.get(f"{url}/v3/account", headers=authorization)
    assert after.status_code == 200, after.text
    assert after.json()["account"]["email_address"] == known["invited"]


def _kinds(receiver: Receiver, *, but: str = "") -> Counter[str]:
    return Counter(received.event_type for received in receiver.received if received.event_type != but)


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "the events did not all come"
        time.sleep(0.05)


def _is_sealed(path: Path) -> None:
    said = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, timeout=60).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said
