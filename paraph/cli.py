"""The command line: ``paraph serve | worker | migrate | doctor | account … | app …``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from paraph import __version__
from paraph.kit import Kit
from paraph.kit.errors import ParaphError
from paraph.kit.log import set_up_logging
from paraph.kit.settings import Settings, SettingsError, load_settings

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, secrets among them
    help="Paraph: an open, self-hosted e-signature server.",
)
account_commands = typer.Typer(no_args_is_help=True, help="Accounts of this server.")
app_commands = typer.Typer(no_args_is_help=True, help="Third-party apps registered on this server.")
app.add_typer(account_commands, name="account")
app.add_typer(app_commands, name="app")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ClientId = Annotated[str, typer.Argument(help="The app's client id.")]


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
    settings = _settings({"PARAPH_EMBEDDED_WORKER": "false"} if no_worker else {})
    from paraph.documents import SealingIdentityError
    from paraph.server import serve as serve_http

    print(_welcome(settings), flush=True)
    try:
        asyncio.run(serve_http(settings))
    except SealingIdentityError as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. Is another server running there?")


@app.command()
def worker() -> None:
    """Do background work only; start as many as the machine bears (PostgreSQL)."""
    settings = _settings()
    from paraph.worker import work

    asyncio.run(work(settings))


@app.command()
def migrate() -> None:
    """Bring the database schema up to this version."""
    settings = _settings()
    from paraph.migrations import migrate as bring_up

    asyncio.run(bring_up(settings))
    print("The database schema is up to date.")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Examine settings, database, files, keys and tools; explain each problem and its fix."""
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        _stop(str(error))
    from paraph.doctor import examine

    findings = asyncio.run(examine(settings))
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
    from paraph.documents import DocumentWorkers, Rejected, Verdict
    from paraph.main import sealing_identity
    from paraph.signature_requests import chain_fault_in

    if not file.is_file():
        _stop(f"There is no file {file}.")
    identity = sealing_identity(_settings())

    async def check() -> Verdict:
        async with DocumentWorkers() as workers:
            return await workers.verify(file.resolve(), identity.roots)

    try:
        verdict = asyncio.run(check())
    except Rejected as error:
        _stop(error.sentence)
    told = asdict(verdict) | {
        "reasons": list(verdict.reasons),
        "attachments": [attachment.name for attachment in verdict.attachments],
        "audit_chain": (fault := chain_fault_in(verdict)) or "intact",
    }
    _show(told, as_json)
    raise typer.Exit(0 if verdict.intact and fault is None else 1)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


@account_commands.command("create")
def account_create(
    email: Annotated[str, typer.Option(help="E-mail address.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    password_file: Annotated[Path, typer.Option(help="File with the password; - reads standard input.")],
    operator: Annotated[
        bool, typer.Option("--operator", help="May run this server: approve apps, see the queue.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Create an account, confirmed, with an API key."""
    from paraph import accounts

    password = _password(password_file)
    problem = accounts.password_problem(password, email)
    if problem:
        _stop(problem)
    wanted = accounts.NewAccount(
        email_address=email,
        name=name,
        password_hash=accounts.hash_password(password),
        confirmed=True,
        operator=operator,
    )

    async def create(kit: Kit) -> dict[str, Any]:
        created, api_key = await kit.db.write(lambda tx: accounts.create_account(tx, wanted, kit=kit))
        return {"account_id": created.account_id, "email_address": created.email_address, "api_key": api_key}

    _show(_with_kit(create), as_json)


@account_commands.command("revoke-tokens")
def account_revoke_tokens(
    email: Annotated[str, typer.Argument(help="E-mail address.")], as_json: Json = False
) -> None:
    """Revoke every app's access to an account, at once."""
    from paraph import accounts, oauth

    async def revoke(kit: Kit) -> dict[str, Any]:
        def verb(tx: Any) -> int:
            found = accounts.find_account(tx, email_address=email)
            if found is None:
                raise ParaphError(f"There is no account with the address {email}.")
            return oauth.revoke_account_tokens(tx, found.pk, kit=kit)

        return {"email_address": email, "grants_revoked": await kit.db.write(verb)}

    _show(_with_kit(revoke), as_json)


@app_commands.command("approve")
def app_approve(client_id: ClientId, as_json: Json = False) -> None:
    """Approve an app for production: every user may then authorise it."""
    from paraph import apps

    _app_verb(client_id, as_json, lambda tx, kit: apps.approve_app(tx, client_id, kit=kit), "approved")


@app_commands.command("refuse")
def app_refuse(
    client_id: ClientId, reason: Annotated[str, typer.Option(help="Why; mailed to the owner.")], as_json: Json = False
) -> None:
    """Refuse an app's request for production approval."""
    from paraph import apps

    _app_verb(client_id, as_json, lambda tx, kit: apps.refuse_app(tx, client_id, reason, kit=kit), "refused")


@app_commands.command("suspend")
def app_suspend(
    client_id: ClientId,
    reason: Annotated[str, typer.Option(help="Why; mailed to the owner.")] = "Suspended by the operator.",
    as_json: Json = False,
) -> None:
    """Suspend an app: its tokens stop working and it can send nothing, at once."""
    from paraph import apps

    _app_verb(client_id, as_json, lambda tx, kit: apps.suspend_app(tx, client_id, reason, kit=kit), "suspended")


@app_commands.command("resume")
def app_resume(client_id: ClientId, as_json: Json = False) -> None:
    """End an app's suspension; its users have to authorise it again."""
    from paraph import apps

    _app_verb(client_id, as_json, lambda tx, kit: apps.resume_app(tx, client_id, kit=kit), "resumed")


@app_commands.command("revoke-tokens")
def app_revoke_tokens(client_id: ClientId, as_json: Json = False) -> None:
    """Revoke every token of an app, at once."""
    from paraph import apps, oauth

    async def revoke(kit: Kit) -> dict[str, Any]:
        def verb(tx: Any) -> int:
            found = apps.find_app(tx, client_id)
            if found is None:
                raise ParaphError(f"There is no app with the client id {client_id}.")
            return oauth.revoke_app_tokens(tx, found.pk, kit=kit)

        return {"client_id": client_id, "grants_revoked": await kit.db.write(verb)}

    _show(_with_kit(revoke), as_json)


def _app_verb(client_id: str, as_json: bool, verb: Callable[[Any, Kit], object], state: str) -> None:
    async def run(kit: Kit) -> dict[str, Any]:
        await kit.db.write(lambda tx: verb(tx, kit))
        return {"client_id": client_id, "state": state}

    _show(_with_kit(run), as_json)


def _with_kit(work: Callable[[Kit], Awaitable[T]]) -> T:
    settings = _settings()
    from paraph.main import build_kit, open_kit
    from paraph.migrations import migrate as bring_up

    async def run() -> T:
        await bring_up(settings)
        async with open_kit(build_kit(settings)) as kit:
            return await work(kit)

    try:
        return asyncio.run(run())
    except ParaphError as error:
        _stop(error.message)


def _settings(more: dict[str, str] | None = None) -> Settings:
    try:
        settings = load_settings({**os.environ, **(more or {})})
    except SettingsError as error:
        _stop(str(error))
    set_up_logging(settings.log_format)
    return settings


def _password(path: Path) -> str:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text()
    except (OSError, UnicodeDecodeError):
        _stop(f"The password file {path} cannot be read.")
    return text.rstrip("\r\n")


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
        return
    for key, value in result.items():
        print(f"{key}: {value}")


def _stop(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(2)


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
