"""Servers and workers on hosts of their own, with settings and secrets alone: calls alternate, cables are pulled,
every process is restarted under load, and nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from dropbox_sign import ApiClient, ApiException, Configuration, api, models

from paraph.kit.faults import STOPPED_AT
from paraph.kit.queue.queue import LEASE_SECONDS
from paraph.kit.settings import load_settings
from paraph.shared_state import server_key_state
from tests.helpers.signing import EXAMPLE, Signer
from tests.hosts.installation import Node, Place, several_hosts, wait_until
from tests.hosts.lan import why_not
from tests.long import long
from tests.wire.live import authorise, log_in

REFUSED = why_not()
pytestmark = [long, pytest.mark.skipif(bool(REFUSED), reason=REFUSED or "never")]
OWNER = "olga@example.com"
PAUSE_SECONDS = 0.1
"""Between two calls of one caller under load."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two servers on two hosts; the tests add workers."""
    with several_hosts(tmp_path_factory.mktemp("hosts")) as running:
        first = running.node("serve").start()
        second = running.node("serve").start()  # both bring the schema up at once
        for node in (first, second):
            node.wait_until_ready()
            running.balancer.servers.append((node.host.address, node.port))
        yield running


@pytest.fixture(scope="module")
def owner(place: Place) -> dict[str, Any]:
    """An account, made by a console that has nothing but the settings."""
    return place.console.create_account(OWNER, operator=True)


@pytest.fixture(scope="module")
def workers(place: Place) -> list[Node]:
    """Two workers on two further hosts."""
    return [place.node("worker").start(), place.node("worker").start()]


def sdk(place: Place, owner: dict[str, Any]) -> ApiClient:
    """A fresh client: its connection goes to the next host."""
    url = f"{place.balancer.url}/v3"
    return ApiClient(Configuration(host=url, username=owner["api_key"], ignore_operation_servers=True))


def send(place: Place, owner: dict[str, Any], *signers: str, title: str = "NDA") -> str:
    """Send through the official SDK; return the request's id."""
    people = [
        models.SubSignatureRequestSigner(name=f"Signer {number}", email_address=address, order=number)
        for number, address in enumerate(signers)
    ]
    with sdk(place, owner) as client:
        wanted = models.SignatureRequestSendRequest(
            title=title, signers=people, files=[EXAMPLE.read_bytes()], test_mode=True
        )
        return str(
            api.SignatureRequestApi(client).signature_request_send(wanted).signature_request.signature_request_id
        )


def state(place: Place, owner: dict[str, Any], request_id: str) -> Any:
    with sdk(place, owner) as client:
        return api.SignatureRequestApi(client).signature_request_get(request_id).signature_request


def download(place: Place, owner: dict[str, Any], request_id: str, target: Path) -> bool:
    """Download in the format of the ending; False while the final file is not there."""
    with sdk(place, owner) as client:
        try:
            found = api.SignatureRequestApi(client).signature_request_files(request_id, file_type=target.suffix[1:])
        except ApiException as error:
            assert error.status == 409, error
            return False
    target.write_bytes(found.read())
    return True


def is_sound(place: Place, signed: Path) -> bool:
    """Ask the next host whose seal it is; False while that host is too busy to say."""
    files = {"file": ("signed.pdf", signed.read_bytes())}
    answer = httpx.post(f"{place.balancer.url}/v3/verify", files=files, timeout=60)
    assert answer.status_code in (200, 503), answer.text
    if answer.status_code == 200:
        assert '"sealed_unchanged"' in answer.text, answer.text
    return answer.status_code == 200


def sign(place: Place, address: str) -> None:
    """Sign as a browser without scripts, each request on another host."""
    wait_until(lambda: place.mails_to(address))
    link = re.search(r"https?://[^/\s]+(/sign/\S+)", place.mails_to(address)[-1])
    assert link is not None
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=place.balancer.url, timeout=30, limits=limits) as browser:
        Signer(server=None, name="Jack", email=address, browser=browser, base=link[1]).sign()  # type: ignore[arg-type]


@pytest.mark.usefixtures("workers")
def test_a_whole_flow_alternates_between_hosts(place: Place, owner: dict[str, Any], tmp_path: Path) -> None:
    before = Counter(place.balancer.shared)
    request_id = send(place, owner, "jack@example.com", "jill@example.com")
    sign(place, "jack@example.com")
    sign(place, "jill@example.com")
    signed = tmp_path / "signed.pdf"
    wait_until(lambda: download(place, owner, request_id, signed))
    for kind in ("pdf", "zip"):
        assert download(place, owner, request_id, tmp_path / f"again.{kind}")
    assert (tmp_path / "again.pdf").read_bytes() == signed.read_bytes()
    said = subprocess.run(["pdfsig", str(signed)], capture_output=True, text=True, timeout=60).stdout
    assert "Signature is Valid." in said
    for _ in range(2):  # each host knows the seal for its own
        wait_until(lambda: is_sound(place, signed))
    shared = Counter(place.balancer.shared)
    shared.subtract(before)
    assert min(shared.values()) > 10


def test_a_host_with_another_key_or_seal_stays_out(place: Place) -> None:
    stranger = place.node("worker")
    wrong = {"secret_key": "another secret, also at least 32 characters", "secret_key_file": ""}
    stranger.start(**wrong)
    assert stranger.process is not None
    assert stranger.process.wait(30) == 2
    assert "another server key than the one that this database was set up with" in stranger.log.read_text()
    same = load_settings({key: text for key, text in stranger.environment.items() if key.startswith("PARAPH_")})
    state_of = [asyncio.run(server_key_state(one)) for one in (same, replace(same, secret_key=wrong["secret_key"]))]
    assert state_of[0] is not None
    assert state_of[0][0]
    assert state_of[1] is not None
    assert not state_of[1][0]
    assert "another server key" in state_of[1][1]


class Load:
    """Callers that never stop: reads on connections that stay, sends, and refreshes of one token after another."""

    def __init__(self, place: Place, owner: dict[str, Any], refresh_token: str) -> None:
        self.place, self.owner, self.token = place, owner, refresh_token
        self.failures: list[str] = []
        self.done: Counter[str] = Counter()
        self.sent: list[str] = []
        self._stop = threading.Event()
        calls = {"read": self._read, "read too": self._read, "send": self._send, "refresh": self._refresh}
        self._threads = [threading.Thread(target=self._repeat, args=call) for call in calls.items()]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _repeat(self, name: str, call: Callable[[httpx.Client], httpx.Response]) -> None:
        with httpx.Client(base_url=self.place.balancer.url, timeout=60, auth=(self.owner["api_key"], "")) as client:
            while not self._stop.is_set():
                try:
                    answer = call(client)
                except httpx.HTTPError as error:
                    self.failures.append(f"{name}: {error!r}")
                    continue
                if answer.status_code != 200:
                    self.failures.append(f"{name}: {answer.status_code} {answer.text}")
                self.done[name] += 1
                time.sleep(PAUSE_SECONDS)

    def _read(self, client: httpx.Client) -> httpx.Response:
        return client.get("/v3/account")

    def _send(self, client: httpx.Client) -> httpx.Response:
        address = f"load{len(self.sent)}@example.com"
        data = {"title": "Load", "test_mode": "1", "signers[0][name]": "L", "signers[0][email_address]": address}
        answer = client.post(
            "/v3/signature_request/send", data=data, files={"files[0]": ("nda.pdf", EXAMPLE.read_bytes())}
        )
        if answer.status_code == 200:
            self.sent.append(address)
        time.sleep(10 * PAUSE_SECONDS)
        return answer

    def _refresh(self, client: httpx.Client) -> httpx.Response:
        body = {"grant_type": "refresh_token", "refresh_token": self.token}
        answer = httpx.post(f"{self.place.balancer.url}/oauth/token", json=body, timeout=60)
        if answer.status_code == 200:
            self.token = answer.json()["refresh_token"]
        return answer


def test_every_process_is_restarted_under_load_and_no_call_fails(
    place: Place, owner: dict[str, Any], workers: list[Node]
) -> None:
    token = refresh_token(place, owner)
    with Load(place, owner, token) as load:
        time.sleep(0.5)
        for node in (*place.nodes[:2], *workers):
            assert restarted(node, place) == 0
        time.sleep(0.5)
    assert load.failures == []
    assert min(load.done[name] for name in ("read", "send", "refresh")) >= 5, load.done
    for address in load.sent:  # what was acknowledged is done, and done once
        wait_until(lambda address=address: place.mails_to(address))  # type: ignore[misc]
    assert {address: len(place.mails_to(address)) for address in load.sent} == dict.fromkeys(load.sent, 1)


def test_the_work_of_a_host_that_is_cut_off_is_taken_over(
    place: Place, owner: dict[str, Any], workers: list[Node]
) -> None:
    assert [worker.end() for worker in workers] == [0, 0]
    lonely = place.node("worker").start(fault_points="prepare.taken_in=stop")
    stopped = Path(lonely.environment["PARAPH_DATA_DIR"]) / STOPPED_AT
    request_id = send(place, owner, "cora@example.com")
    wait_until(stopped.exists)
    place.lan.cut(lonely.host)
    # its lease has run out, as far as this one's clock says
    other = place.node("worker").start(clock_offset_seconds=str(LEASE_SECONDS + 1))
    try:
        wait_until(lambda: place.mails_to("cora@example.com"))
        server = place.nodes[0]
        place.lan.cut(server.host)  # callers are served by the other one
        assert [state(place, owner, request_id).title for _ in range(3)] == ["NDA"] * 3
        place.lan.mend(server.host)
        place.lan.mend(lonely.host)
        stopped.unlink()  # it goes on where it was, and finds that it has lost the job
        wait_until(lambda: "job" in lonely.log.read_text())
        sign(place, "cora@example.com")
        wait_until(lambda: state(place, owner, request_id).is_complete)
        texts = [text for text in place.mails_to("cora@example.com") if "/sign/" in text]
        assert len(texts) == 1
    finally:
        lonely.kill()
        assert other.end() == 0


def restarted(node: Node, place: Place) -> int:
    """End a process as an operator would, start it again, and return the exit status it had."""
    assert node.process is not None
    if node.kind == "worker":
        status = node.end()
        node.start()
        return status
    ended: list[int] = []
    ending = threading.Thread(target=lambda: ended.append(node.end()))
    ending.start()
    answers = []
    while ending.is_alive():
        try:
            answers.append(httpx.get(f"http://{node.host.address}:{node.port}/readyz", timeout=5).status_code)
        except httpx.TransportError:
            break
        time.sleep(0.02)
    ending.join()
    assert 503 in answers, "it never said that it was not ready"
    node.start()
    node.wait_until_ready()
    return ended[0]


def refresh_token(place: Place, owner: dict[str, Any]) -> str:
    """A token of an app that the owner has authorised."""
    with sdk(place, owner) as client:
        oauth = models.SubOAuth(callback_url="https://app.example.com/back", scopes=["account_access"])
        wanted = models.ApiAppCreateRequest(name="Load", domains=["example.com"], oauth=oauth)
        app = api.ApiAppApi(client).api_app_create(wanted).api_app
    place.console.cli("app", "approve", app.client_id)
    code = authorise(log_in(place.balancer.url, OWNER), app.client_id)["code"]
    with sdk(place, owner) as client:
        wanted_token = models.OAuthTokenGenerateRequest(
            client_id=app.client_id,
            client_secret=app.oauth.secret,
            code=code,
            state="900e06e2",
            grant_type="authorization_code",
        )
        return str(api.OAuthApi(client).oauth_token_generate(wanted_token).refresh_token)
