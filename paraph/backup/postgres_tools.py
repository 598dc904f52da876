"""PostgreSQL's own tools: ``pg_dump`` and ``pg_restore`` are the backup format that every administrator can read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from .manifest import BackupError

_OF_LIBPQ = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "host": "PGHOST",
}


def run_tool(name: str, arguments: list[str], database_url: str) -> None:
    """Run ``pg_dump`` or ``pg_restore`` on the database; raises BackupError with what it said."""
    tool = _find(name)
    done = subprocess.run(  # noqa: S603 - our own words and settings
        [tool, "--no-password", *arguments],
        env=_environment(database_url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{name} failed: {_last_lines(done.stderr)}")


def _find(name: str) -> str:
    """The newest one installed: a tool must not be older than the server."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: _number(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} is missing: install PostgreSQL's client tools (Debian: apt-get install postgresql-client)."
        )
    return found


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _environment(database_url: str) -> dict[str, str]:
    """Connection settings by environment: arguments are shown to every user of the machine."""
    url = make_url(database_url)
    values = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    chosen = {name: str(value) for name, value in values.items() if value is not None}
    queries = {_OF_LIBPQ[key]: str(value) for key, value in url.query.items() if key in _OF_LIBPQ}
    return {**os.environ, **chosen, **queries}


def _last_lines(text: str) -> str:
    return " ".join(text.strip().splitlines()[-3:]) or "it gave no reason."
