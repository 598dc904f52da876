"""``paraph backup`` and ``paraph restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .console import Json, read_settings, run_to_end, show, stop

Folder = Annotated[Path, typer.Argument(help="Folder of the backup.")]


def add_backup_commands(app: typer.Typer) -> None:
    """Put both on the command line."""
    app.command()(backup)
    app.command()(restore)


def backup(
    folder: Folder,
    previous: Annotated[
        Path | None,
        typer.Option(help="An earlier backup on the same disk: files that it has are linked, not copied."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy the database, files and keys of one moment into a new folder, while Paraph runs."""
    settings = read_settings()
    from paraph.backup import take_backup

    taken = run_to_end(take_backup(settings, folder, previous))
    facts: dict[str, Any] = {
        "backup": str(folder),
        "taken_at": taken.manifest.taken_at,
        "schema": taken.manifest.schema,
        "files": taken.manifest.files,
        "bytes": taken.manifest.bytes,
        "linked": taken.linked,
        "not_included": list(taken.manifest.outside),
    }
    show(facts, as_json)
    if not as_json:
        print("The folder holds the server's keys: keep it as safe as the server.")


def restore(
    folder: Folder,
    check_only: Annotated[bool, typer.Option("--check-only", help="Only compare the backup with its sums.")] = False,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty data folder and database; then start Paraph as usual."""
    settings = read_settings()
    from paraph.backup import BackupError, check_backup
    from paraph.backup import restore as put_in_place

    if check_only:
        try:
            manifest = check_backup(folder)
        except BackupError as error:
            stop(str(error))
    else:
        manifest = run_to_end(put_in_place(settings, folder))
    show({"backup": str(folder), "taken_at": manifest.taken_at, "files": manifest.files, "whole": True}, as_json)
    if not check_only and not as_json:
        print(
            f"Everything is as it was at {manifest.taken_at}. Tokens, keys and sessions that were revoked or ended "
            "after that moment work again: revoke them anew (paraph account revoke-tokens, paraph app revoke-tokens)."
        )
