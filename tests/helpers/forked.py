"""The ``paraph`` command in a process forked from one that has loaded it: the command itself, without the second that
an interpreter takes to load it. Imports nothing of the tests: what those change about a server stays with them."""

from __future__ import annotations

import multiprocessing
import os
import sys
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from subprocess import CalledProcessError, CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory

LOADED = ["paraph.cli", "paraph.server", "paraph.doctor", "paraph.kit.db.postgresql"]


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    return context


def run_command(
    arguments: list[str], environment: dict[str, str], *, check: bool, seconds: float
) -> CompletedProcess[str]:
    """What ``subprocess.run`` of ``paraph …`` would answer."""
    with TemporaryDirectory(prefix="paraph-cli-") as folder:
        said, complained = Path(folder, "stdout"), Path(folder, "stderr")
        process = _context().Process(target=_become, args=(arguments, environment, str(said), str(complained)))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            raise TimeoutExpired(arguments, seconds)
        done = CompletedProcess(arguments, process.exitcode, said.read_text(), complained.read_text())
    if check and done.returncode:
        raise CalledProcessError(done.returncode, arguments, done.stdout, done.stderr)
    return done


def _become(arguments: list[str], environment: dict[str, str], said: str, complained: str) -> None:
    for number, path in ((1, said), (2, complained)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.environ.clear()
    os.environ.update(environment)
    from paraph.cli import app

    sys.argv = ["paraph", *arguments]
    app(prog_name="paraph")
