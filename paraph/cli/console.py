"""What the commands share: settings, a kit to work with, and how results and refusals are printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop

from paraph.kit import Kit
from paraph.kit.errors import ParaphError
from paraph.kit.log import set_up_logging
from paraph.kit.settings import Settings, SettingsError, load_settings

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def with_kit(work: Callable[[Kit], Awaitable[T]]) -> T:
    """Run ``work`` with an open kit on an up-to-date schema; a refusal is printed and ends the command with 2."""
    settings = read_settings()
    from paraph.main import build_kit, open_kit
    from paraph.migrations import migrate as bring_up

    async def run() -> T:
        await bring_up(settings)
        async with open_kit(build_kit(settings)) as kit:
            return await work(kit)

    return run_to_end(run())


def run_to_end(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` in an event loop; what an operator can mend is printed in words and ends the command with 2."""
    from paraph.backup import BackupError
    from paraph.documents import Rejected, SealingIdentityError
    from paraph.joining import KeysDiffer
    from paraph.kit.db.unfit import DatabaseUnfit, in_a_line
    from paraph.kit.outages import Outage, outage_kind

    try:
        return uvloop.run(work)
    except ParaphError as error:
        stop(error.message)
    except Rejected as error:
        stop(error.sentence)
    except (BackupError, DatabaseUnfit, KeysDiffer, SealingIdentityError) as error:
        stop(str(error))
    except Exception as error:
        if outage_kind(error) != "database":
            raise
        failure = error.__cause__ if isinstance(error, Outage) and error.__cause__ else error
        stop(f"The database stopped answering: {in_a_line(failure)}. `paraph doctor` says more.")


def read_settings(more: dict[str, str] | None = None) -> Settings:
    """Return the settings of the environment, ``more`` on top; a bad one is printed and ends the command with 2."""
    try:
        settings = load_settings({**os.environ, **(more or {})})
    except SettingsError as error:
        stop(str(error))
    set_up_logging(settings.log_format, settings.log_level)
    return settings


def read_password(path: Path) -> str:
    """Return the password in the file, without its line end; ``-`` is standard input."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text()
    except (OSError, UnicodeDecodeError):
        stop(f"The password file {path} cannot be read.")
    return text.rstrip("\r\n")


def show(result: dict[str, Any], as_json: bool) -> None:
    """Print the result, a line per fact, or as one JSON object."""
    if as_json:
        print(json.dumps(result))
        return
    for key, value in result.items():
        print(f"{key}: {value}")


def stop(message: str) -> NoReturn:
    """Print the message to standard error and end the command with 2."""
    print(message, file=sys.stderr)
    raise typer.Exit(2)
