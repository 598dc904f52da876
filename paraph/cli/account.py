"""``paraph account …``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from paraph.kit import Kit
from paraph.kit.errors import ParaphError

from .console import Json, read_password, show, stop, with_kit

account_commands = typer.Typer(no_args_is_help=True, help="Accounts of this server.")


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

    password = read_password(password_file)
    problem = accounts.password_problem(password, email)
    if problem:
        stop(problem)
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

    show(with_kit(create), as_json)


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

    show(with_kit(revoke), as_json)


@account_commands.command("suspend")
def account_suspend(
    email: Annotated[str, typer.Argument(help="E-mail address.")],
    reason: Annotated[str, typer.Option(help="Why; mailed to the owner.")] = "Suspended by the operator.",
    as_json: Json = False,
) -> None:
    """Suspend an account: nobody can log in to it, its keys and apps stop, and what it sent rests, at once."""
    from paraph import accounts

    _account_verb(
        email,
        as_json,
        lambda tx, account_id, kit: accounts.suspend_account(tx, account_id, reason, kit=kit),
        "suspended",
    )


@account_commands.command("resume")
def account_resume(email: Annotated[str, typer.Argument(help="E-mail address.")], as_json: Json = False) -> None:
    """End an account's suspension; all that rested goes on."""
    from paraph import accounts

    _account_verb(
        email, as_json, lambda tx, account_id, kit: accounts.resume_account(tx, account_id, kit=kit), "active"
    )


def _account_verb(email: str, as_json: bool, verb: Callable[[Any, str, Kit], object], state: str) -> None:
    from paraph import accounts

    async def run(kit: Kit) -> dict[str, Any]:
        def find_and_do(tx: Any) -> str:
            found = accounts.find_account(tx, email_address=email)
            if found is None:
                raise ParaphError(f"There is no account with the address {email}.")
            verb(tx, found.account_id, kit)
            return found.account_id

        return {"email_address": email, "account_id": await kit.db.write(find_and_do), "state": state}

    show(with_kit(run), as_json)
