"""The README tells the truth about what can be checked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from paraph.kit.settings import describe_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_settings_table_is_the_settings() -> None:
    rows = re.findall(r"^\| `(PARAPH_\w+)` \| (?:`([^`]*)`)? *\| (.*) \|$", README, re.MULTILINE)
    assert rows == describe_settings()


def test_every_file_that_it_names_exists() -> None:
    named = re.findall(r"\]\(([\w./]+)\)", README) + re.findall(r"python (examples/\S+\.py)", README)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_that_it_shows_exists() -> None:
    shown = set(
        re.findall(r"paraph ((?:account |app )?[a-z][a-z-]+)", README.split("## Command line")[1].split("##")[0])
    )
    assert {"serve", "worker", "migrate", "doctor", "account create", "app approve"} <= shown
    for command in sorted(shown):
        asked = [sys.executable, "-m", "paraph", *command.split(), "--help"]
        assert subprocess.run(asked, capture_output=True, timeout=60).returncode == 0, command
