"""What the doctor says about Office files: tried for real, and how to mend it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from paraph.kit.settings import Settings
from paraph.office_setup import office_converter, office_state
from tests.documents.office import needs_sandbox
from tests.helpers.process import installation


def folder_with(folder: Path, **programs: str) -> str:
    """A PATH of these programs alone: links to real ones, or scripts."""
    folder.mkdir()
    for name, content in programs.items():
        program = folder / name
        if content.startswith("/"):
            program.symlink_to(content)
        else:
            program.write_text(f"#!/bin/sh\n{content}\n")
            program.chmod(0o755)
    return str(folder)


def state(tmp_path: Path, office: str = "auto") -> tuple[bool, str, str]:
    return asyncio.run(office_state(Settings(data_dir=tmp_path, office=office)))  # type: ignore[arg-type]


@needs_sandbox
def test_a_working_sandbox_is_tried_with_a_document(tmp_path: Path) -> None:
    works, says, fix = state(tmp_path)
    assert works
    assert "took" in says
    assert fix == ""


def test_switched_off_is_no_fault(tmp_path: Path) -> None:
    works, says, fix = state(tmp_path, "off")
    assert (works, "PARAPH_OFFICE is off" in says, fix) == (False, True, "")
    assert not office_converter(Settings(data_dir=tmp_path, office="off")).is_available


@pytest.mark.parametrize(
    ("here", "missing"),
    [
        ({}, ("LibreOffice", "bubblewrap")),
        ({"bwrap": "exit 0"}, ("LibreOffice",)),
        ({"soffice": "exit 0"}, ("bubblewrap",)),
    ],
)
def test_missing_programs_are_named_with_how_to_get_them(
    here: dict[str, str], missing: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", folder_with(tmp_path / "bin", **here))
    works, says, fix = state(tmp_path)
    assert not works
    assert [name in says for name in ("LibreOffice", "bubblewrap")] == [
        name in missing for name in ("LibreOffice", "bubblewrap")
    ]
    assert "apt-get install libreoffice-writer-nogui" in fix
    assert "bubblewrap" in fix


def test_a_libreoffice_that_makes_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder_with(tmp_path / "bin", soffice="exit 0", bwrap="exit 0")
    monkeypatch.setenv("PATH", path)
    works, says, _fix = state(tmp_path)
    assert (works, "conversion_failed" in says) == (False, True)


def test_the_command_says_where_no_sandbox_can_be_made(tmp_path: Path) -> None:
    """As in a container that forbids user namespaces: a note with the way out, and no failure of the whole."""
    refusing = "echo 'bwrap: No permissions to create a new namespace' >&2; exit 1"
    path = folder_with(tmp_path / "bin", soffice=shutil.which("true") or "/bin/true", bwrap=refusing)
    place = installation(tmp_path / "place")
    place.environment["PATH"] = f"{path}{os.pathsep}{os.environ['PATH']}"
    findings = json.loads(place.cli("doctor", "--json").stdout)
    finding = next(one for one in findings if one["subject"] == "office files")
    assert finding["verdict"] == "note"
    assert "No permissions to create a new namespace" in finding["says"]
    assert "user namespaces" in finding["fix"]
    assert "PARAPH_OFFICE=off" in finding["fix"]
