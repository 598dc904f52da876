"""Sealed files of every past release still verify, for ever, and never heal when they are changed (T31)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from paraph.documents import SealingIdentity, pem_certificates, pem_of
from tests.documents.seal.conftest import SealDesk
from tests.documents.seal.keep_release import KEPT

RELEASES = sorted(KEPT.glob("sealed-*"))
FILES = [path for folder in RELEASES for path in sorted(folder.glob("*.pdf"))]


def trusting(folder: Path, levels: SealDesk) -> tuple[SealingIdentity, tuple[bytes, ...]]:
    roots = tuple(pem_of(one) for one in pem_certificates(folder / "roots.pem"))
    timestamps = tuple(pem_of(one) for one in pem_certificates(folder / "timestamp-roots.pem"))
    return levels.identity.trusting(*roots), timestamps


def test_there_is_one_set_for_each_release() -> None:
    assert [folder.name for folder in RELEASES] == ["sealed-0.1"]
    assert len(FILES) == 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_kept_file_verifies(path: Path, levels: SealDesk, tmp_path: Path) -> None:
    told = json.loads((path.parent / "told.json").read_text())[path.name]
    identity, timestamps = trusting(path.parent, levels)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == told["sha256"]
    with levels.under(replace(levels.desk.workers.policy, roots=timestamps)) as desk:
        verdict = desk.desk.verify(path, identity)
        assert (verdict.state, verdict.reasons) == ("sealed_intact", ())
        assert (verdict.level, verdict.sealed_by) == (told["level"], told["sealed_by"])
        assert verdict.timestamped_at == told["timestamped_at"]
        data = bytearray(path.read_bytes())
        data[900] ^= 1
        (tmp_path / "changed.pdf").write_bytes(data)
        assert not desk.desk.verify(tmp_path / "changed.pdf", identity).intact
