"""``paraph app …``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from paraph.kit import Kit
from paraph.kit.errors import ParaphError

from .console import Json, show, with_kit

app_commands = typer.Typer(no_args_is_help=True, help="Third-party apps registered on this server.")

ClientId = Annotated[str, typer.Argument(help="The app's client id.")]


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

    show(with_kit(revoke), as_json)


def _app_verb(client_id: str, as_json: bool, verb: Callable[[Any, Kit], object], state: str) -> None:
    async def run(kit: Kit) -> dict[str, Any]:
        await kit.db.write(lambda tx: verb(tx, kit))
        return {"client_id": client_id, "state": state}

    show(with_kit(run), as_json)
