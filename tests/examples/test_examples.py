"""The programs in examples/, run as the README tells a newcomer to run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness import free_port
from tests.helpers.oauth import accept, query_of
from tests.helpers.process import installation, serving
from tests.wire.live import log_in, sign

ROOT = Path(__file__).parents[2]
LANGUAGES = {"python": (sys.executable, "py"), "javascript": ("node", "js")}
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Examples:
    """The programs of one language, and the environment that they run in."""

    folder: Path
    program: str
    ending: str
    environment: dict[str, str]
    work: Path

    def run(self, step: str, *arguments: str) -> str:
        done = subprocess.run(
            self._command(step, *arguments),
            env=self.environment,
            cwd=self.work,
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, step: str) -> Iterator[Path]:
        """Run a step in the background; yields the file that holds what it prints."""
        printed = self.work / f"{step}.out"
        with printed.open("w") as output:
            process = subprocess.Popen(
                self._command(step), env=self.environment, cwd=self.work, stdout=output, stderr=output
            )
        try:
            yield printed
        finally:
            process.terminate()
            process.wait(10)

    def _command(self, step: str, *arguments: str) -> list[str]:
        return [self.program, str(self.folder / f"{step}.{self.ending}"), *arguments]


def examples(language: str, url: str, api_key: str, work: Path) -> Examples:
    program, ending = LANGUAGES[language]
    folder = ROOT / "examples" / language
    if language == "javascript":  # beside the SDK that the tests installed, as `npm install` would have put it
        copy = work / "examples" / language
        shutil.copytree(folder, copy)
        shutil.copy(ROOT / "examples" / "nda.pdf", work / "examples")
        (copy / "node_modules").symlink_to(ROOT / "tests" / "tools" / "node_modules")
        folder = copy
    environment = os.environ | {
        "PARAPH_URL": url,
        "PARAPH_API_KEY": api_key,
        "WALKTHROUGH_PORT": str(_two_ports()),
        "PYTHONUNBUFFERED": "1",
    }
    return Examples(folder, program, ending, environment, work)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_walkthrough_in(language: str, tmp_path: Path) -> None:
    place = installation(tmp_path / "server")
    with serving(place) as server:
        email = "olga@example.com"
        steps = examples(language, server.url, place.create_account(email)["api_key"], tmp_path)
        assert "authorization URL:" in steps.run("create_app")
        known = json.loads((tmp_path / "walkthrough.json").read_text())
        with steps.running("receive_events") as events:
            with steps.running("authorize") as printed:
                _wait_for(printed, "Accept")
                browser = log_in(server.url, email)
                _follow(browser, accept(browser, browser.get(known["authorize_url"])))
                _wait_for(printed, "access token works for 3600 seconds")
            assert steps.run("send", "jack@example.com").startswith("sent ")
            assert "new access token for 3600 seconds" in steps.run("refresh")
            sign(server.url, "jack@example.com", "Jack")
            assert steps.run("download").startswith("downloaded signed.pdf")
            _wait_for(events, "signature_request_downloadable genuine")
            assert "FORGED" not in events.read_text()
    said = subprocess.run(["pdfsig", str(tmp_path / "signed.pdf")], capture_output=True, text=True).stdout
    assert "Signature is Valid." in said


def _follow(browser, redirect) -> None:
    """Go where the consent page leads: to the program that waits for the code."""
    assert "code" in query_of(redirect)
    for _ in range(100):
        try:
            assert browser.get(redirect.headers["location"]).status_code == 200
            return
        except OSError:
            time.sleep(0.1)


def _wait_for(printed: Path, words: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if words in printed.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"never printed {words!r}:\n{printed.read_text()}")


def _two_ports() -> int:
    """A free port whose successor is free too."""
    while True:
        port = free_port()
        probe = subprocess.run(["sh", "-c", f"! ss -ltn 2>/dev/null | grep -q ':{port + 1} '"], check=False)
        if probe.returncode == 0:
            return port
