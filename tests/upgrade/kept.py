"""The released schemas that are kept, and how their dumps get into a database."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from tests.helpers.process import Installation

RELEASES = Path(__file__).parent / "releases"
SECRET_KEY = "the server secret of recorded releases"


def load(release: Path, engine: str, place: Installation) -> dict[str, Any]:
    """Put a recorded installation in place; return what was promised to its clients."""
    data = place.folder / "data"
    data.mkdir(parents=True)
    with tarfile.open(release / f"{engine}.tar.xz") as archive:
        archive.extractall(data, filter="data")
    # the key that sealed was not recorded: a new one seals from now on, and the old certificates stay believed
    former = place.folder / "former.pem"
    former.write_bytes(b"".join(path.read_bytes() for path in sorted((data / "keys" / "seal").glob("*.cert.pem"))))
    shutil.rmtree(data / "keys" / "seal")
    place.environment["PARAPH_SEAL_FORMER_ROOTS"] = str(former)
    sql = gzip.decompress((release / f"{engine}.sql.gz").read_bytes()).decode()
    marks = "installation_marks" if engine == "sqlite" else "public.installation_marks"
    if marks in sql:  # since 0006; its hosts would be asked for the key that was made on the first run
        sql += f"\nDELETE FROM {marks} WHERE name = 'first_run_seal';\n"
    if engine == "sqlite":
        with closing(sqlite3.connect(data / "paraph.sqlite3")) as connection:
            connection.executescript(sql)
    else:
        command = [
            "psql",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            *connection_arguments(place.environment["PARAPH_DATABASE_URL"]),
        ]
        subprocess.run(command, input=sql, text=True, check=True, stdout=subprocess.DEVNULL)
    facts: dict[str, Any] = json.loads((release / f"{engine}.json").read_text())
    return facts


def connection_arguments(url: str) -> list[str]:
    """For ``psql`` and ``pg_dump``."""
    parts = make_url(url)
    return ["-h", str(parts.host), "-p", str(parts.port), "-U", str(parts.username), "-d", str(parts.database)]
