"""What the commands write is for the user who runs them, whatever the umask of the shell."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.helpers.process import installation


def test_nobody_else_on_the_machine_reads_the_data(tmp_path: Path) -> None:
    place = installation(tmp_path)
    place.create_account("ann@example.com")
    data = tmp_path / "data"
    found = [data, *data.rglob("*")]
    assert (data / "paraph.sqlite3") in found
    assert not [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]
