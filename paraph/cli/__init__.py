"""The command line: ``paraph serve | worker | migrate | doctor | openapi | verify | backup | restore | …``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from paraph import __version__
from paraph.kit.settings import Settings, SettingsError, load_settings

from .account import account_commands
from .app import app_commands
from .backup import add_backup_commands
from .console import Json, read_settings, run_to_end, stop

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, secrets among them
    help="Paraph: an open, self-hosted e-signature server.",
)
app.add_typer(account_commands, name="account")
app.add_typer(app_commands, name="app")
add_backup_commands(app)


@app.callback()
def begin() -> None:
    """Paraph: an open, self-hosted e-signature server."""
    # the database and all else in the data folder hold people's data: for this user only (T5)
    os.umask(0o077)


@app.command()
def serve(
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Run background work elsewhere.")] = False,
) -> None:
    """Serve the website and API; does the background work too, unless told otherwise."""
    settings = read_settings({"PARAPH_EMBEDDED_WORKER": "false"} if no_worker else {})
    from paraph.server import CannotListen
    from paraph.server import serve as serve_http

    print(_welcome(settings), flush=True)
    try:
        run_to_end(serve_http(settings))
    except CannotListen as error:
        stop(str(error))


@app.command()
def worker(
    metrics_port: Annotated[
        int, typer.Option("--metrics-port", help="Answer /healthz, /readyz, /metrics there (PARAPH_WORKER_PORT).")
    ] = 0,
) -> None:
    """Do background work only; start as many as the machine bears (PostgreSQL)."""
    settings = read_settings({"PARAPH_WORKER_PORT": str(metrics_port)} if metrics_port else {})
    from paraph.listening import CannotListen
    from paraph.worker import work

    try:
        run_to_end(work(settings))
    except CannotListen as error:
        stop(str(error))


@app.command()
def migrate() -> None:
    """Bring the database schema up to this version."""
    settings = read_settings()
    from paraph.migrations import migrate as bring_up

    run_to_end(bring_up(settings))
    print("The database schema is up to date.")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Examine settings, database, files, keys and tools; explain each problem and its fix."""
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        stop(str(error))
    from paraph.doctor import examine

    findings = run_to_end(examine(settings))
    if as_json:
        print(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        for finding in findings:
            print(finding.as_line())
    raise typer.Exit(1 if any(finding.is_problem for finding in findings) else 0)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A PDF that says it was sealed here.")], as_json: Json = False
) -> None:
    """Check a sealed PDF: sealed by this server, unchanged since, at which level, its audit chain whole."""
    from paraph.seal_setup import document_workers, own_seals, sealing_identity
    from paraph.shared_state import learn_seals
    from paraph.signature_requests import Finding, finding_in_words, finding_json, finding_of

    if not file.is_file():
        stop(f"There is no file {file}.")
    settings = read_settings()

    async def check() -> Finding:
        identity = sealing_identity(settings)
        knows_others = await learn_seals(settings, own_seals(settings, identity))
        identity = sealing_identity(settings)  # with the roots of what others sealed with
        async with document_workers(settings, identity) as workers:
            verdict = await workers.verify(file.resolve(), identity.roots)
        finding = finding_of(verdict, own_seals(settings, identity))
        if not finding.is_own and not knows_others:
            print("The database did not say what other hosts of this installation seal with.", file=sys.stderr)
        return finding

    finding = run_to_end(check())
    print(json.dumps(finding_json(finding)) if as_json else finding_in_words(finding))
    raise typer.Exit(0 if finding.is_sound else 1)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of the API as this server offers it."""
    settings = read_settings()
    from paraph.main import api_document

    print(json.dumps(api_document(settings).document, indent=2))


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


def _welcome(settings: Settings) -> str:
    address = settings.public_url
    mail = f"Mail is kept, not sent: {address}/mailbox" if settings.keeps_mail else f"Mail: {settings.smtp_host}"
    return f"""
Paraph {__version__}   {address}

  First account and API key:
    echo 'choose-a-password' > password.txt
    .venv/bin/paraph account create --email you@example.com --name "Your Name" --password-file password.txt --operator
  or sign up in the browser: {address}/signup
  {mail}
  Data: {settings.data_dir.resolve()}
"""
