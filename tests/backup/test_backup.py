"""A backup taken under load is one moment, whole: restored elsewhere, it goes on where that moment was."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from paraph.backup import BackupError, restore
from paraph.kit.settings import load_settings
from tests.conftest import ENGINES
from tests.harness import Cluster, Server
from tests.helpers.process import Installation, installation, serving
from tests.helpers.requests import nda
from tests.helpers.signing import Signer
from tests.wire.live import mailed_link, verified, wait_until


@dataclass
class Live:
    """A real process, with what helpers for signers ask of a server."""

    url: str
    api_key: str

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, **more)

    def api(self) -> httpx.Client:
        return self.client(auth=(self.api_key, ""))

    def signer(self, email: str) -> Signer:
        """The person at this address, once the invitation is there."""
        base = mailed_link(self.url, email, "/sign/")
        return Signer(cast("Server", self), "Jack", email, self.client(), base=base)

    def show(self, request_id: str) -> dict[str, Any]:
        answer = self.api().get(f"/v3/signature_request/{request_id}")
        assert answer.status_code == 200, answer.text
        return cast("dict[str, Any]", answer.json()["signature_request"])


@dataclass
class Load:
    """People who go on sending, and one who signs what they sent; remembers what was acknowledged when."""

    live: Live
    sent: dict[str, float] = field(default_factory=dict)
    signed: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=work) for work in (self._send, self._send, self._sign)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        client = self.live.api()
        while not self._over.wait(0.5):  # no faster than one process prepares what is sent
            number = len(self.sent)
            fields = {
                "title": f"Lease {number}",
                "signers[0][name]": "Jack",
                "signers[0][email_address]": f"jack{threading.get_ident()}.{number}@example.com",
                "test_mode": "1",
            }
            answer = client.post("/v3/signature_request/send", data=fields, files={"files[0]": ("a.pdf", nda())})
            if answer.status_code == 200:
                self.sent[answer.json()["signature_request"]["signature_request_id"]] = time.monotonic()
            else:
                self.failures.append(answer.text)

    def _sign(self) -> None:
        while not self._over.is_set():
            waiting = [one for one in list(self.sent) if one not in self.signed]
            if not waiting:
                time.sleep(0.05)
                continue
            shown = self.live.show(waiting[0])
            self.live.signer(shown["signatures"][0]["signer_email_address"]).sign()
            self.signed[waiting[0]] = time.monotonic()


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    if request.param == "sqlite":
        return installation(tmp_path / "first")
    cluster: Cluster = request.getfixturevalue("cluster")
    return installation(tmp_path / "first", database_url=cluster.new_database())


@pytest.fixture
def elsewhere(place: Installation, request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """Another machine: an empty data folder and, where there is one, an empty database."""
    if "PARAPH_DATABASE_URL" not in place.environment:
        return installation(tmp_path / "second")
    cluster: Cluster = request.getfixturevalue("cluster")
    return installation(tmp_path / "second", database_url=cluster.empty_database())


def test_a_backup_under_load_is_restored_and_goes_on(
    place: Installation, elsewhere: Installation, tmp_path: Path
) -> None:
    owner = place.create_account("olga@example.com")
    with serving(place) as process:
        live = Live(process.url, owner["api_key"])
        with Load(live) as load:
            wait_until(lambda: load.signed)
            began = time.monotonic()
            taken = json.loads(place.cli("backup", str(tmp_path / "backup"), "--json").stdout)
            ended = time.monotonic()
            wait_until(lambda: max(load.sent.values()) > ended)
        assert load.failures == []
        before = {one for one, moment in load.sent.items() if moment < began}
        after = {one for one, moment in load.sent.items() if moment > ended}
        signed_before = [one for one, moment in load.signed.items() if moment < began]
        as_it_was = {one: live.show(one) for one in before}
        again = json.loads(
            place.cli("backup", str(tmp_path / "next"), "--previous", str(tmp_path / "backup"), "--json").stdout
        )
    assert 0 < again["linked"] <= taken["files"] < again["files"]
    checked = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path / "backup", check=False)
    assert checked.returncode == 0

    shutil.rmtree(place.folder)  # the machine is gone
    assert json.loads(elsewhere.cli("restore", str(tmp_path / "backup"), "--json").stdout)["whole"]
    with serving(elsewhere) as process:
        live = Live(process.url, owner["api_key"])
        listed = {one["signature_request_id"] for one in everything(live)}
        assert before <= listed
        assert not listed & after
        for one in signed_before[:1]:
            check_completed(live, one, as_it_was[one])
        unsigned = next(one for one in listed if not live.show(one)["signatures"][0]["signed_at"])
        live.signer(live.show(unsigned)["signatures"][0]["signer_email_address"]).sign()
        check_completed(live, unsigned, live.show(unsigned))


def test_a_damaged_or_broken_off_backup_is_refused(tmp_path: Path) -> None:
    elsewhere = installation(tmp_path / "second")
    place = installation(tmp_path / "first")
    place.create_account("olga@example.com")
    whole = tmp_path / "whole"
    assert place.cli("backup", str(whole)).returncode == 0
    assert "not empty" in place.cli("backup", str(whole), check=False).stderr

    damaged = shutil.copytree(whole, tmp_path / "damaged")
    key = damaged / "keys" / "server.key"
    key.write_bytes(key.read_bytes()[::-1])
    assert "keys/server.key is not what was backed up" in refusal(elsewhere, damaged)

    half = shutil.copytree(whole, tmp_path / "half")
    (half / "manifest.json").unlink()
    assert "broken off" in refusal(elsewhere, half)

    newer = shutil.copytree(whole, tmp_path / "newer")
    manifest = newer / "manifest.json"
    manifest.write_text(re.sub(r'"schema": "\d+"', '"schema": "9999"', manifest.read_text()))
    assert "newer Paraph" in refusal(elsewhere, newer)

    other = Installation(elsewhere.folder, elsewhere.environment | {"PARAPH_SECRET_KEY": "another secret " * 4})
    assert "secret is another one" in refusal(other, whole)
    assert not (elsewhere.folder / "data" / "paraph.sqlite3").exists()
    assert elsewhere.cli("restore", str(whole)).returncode == 0
    again = elsewhere.cli("restore", str(whole), check=False)
    assert again.returncode == 2
    assert "exists: restore into an empty data folder" in again.stderr


def refusal(place: Installation, folder: Path) -> str:
    """What the command would print."""
    given = {key: value for key, value in place.environment.items() if key.startswith("PARAPH_")}
    with pytest.raises(BackupError) as refused:
        asyncio.run(restore(load_settings(given), folder))
    return str(refused.value)


def check_completed(live: Live, request_id: str, before: dict[str, Any]) -> None:
    wait_until(lambda: live.api().get(f"/v3/signature_request/files/{request_id}").status_code == 200)
    now = live.show(request_id)
    assert now["signatures"][0]["signed_at"] == before["signatures"][0]["signed_at"] is not None
    sealed = live.api().get(f"/v3/signature_request/files/{request_id}")
    finding = verified(live.api(), sealed.content)
    assert finding["is_unchanged"] and finding["chain"]["is_intact"], finding["message"]


def everything(live: Live) -> Iterator[dict[str, Any]]:
    page, pages = 1, 1
    while page <= pages:
        answer = live.api().get("/v3/signature_request/list", params={"page": page, "page_size": 100}).json()
        yield from answer["signature_requests"]
        page, pages = page + 1, answer["list_info"]["num_pages"]
