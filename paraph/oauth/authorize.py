"""Understand an authorization request (RFC 6749 section 4.1.1).

First who asks and where the answer would go: whatever fails there is shown on a page of ours and never redirected,
whatever else is wrong (V35). Then log-in, so that nobody is sent through us unseen (RFC 9700 section 4.11.2). Only
then the rest, which the app hears about at its callback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .authorization_checks import (
    CHECKS,
    Attempt,
    app_is_open_to,
    is_invitation,
    known_app,
    must_log_in,
    return_address,
)
from .callback import callback_address
from .errors import SentToApp

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx

    from .parameters import Parameters

Dialect = Literal["walkthrough", "standard"]

SPEAKS_STANDARD = frozenset({"code_challenge", "code_challenge_method", "scope", "prompt"})


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorization request in which everything is right; ``is_silent`` asks for no page (``prompt=none``)."""

    app: App
    redirect_uri: str
    state: bytes | None
    scopes: frozenset[str]
    code_challenge: str | None
    dialect: Dialect
    is_silent: bool
    is_invitation: bool


@dataclass(frozen=True, slots=True)
class SentBack:
    """The request is refused, and the app is told at ``location``."""

    location: str


@dataclass(frozen=True, slots=True)
class LogInFirst:
    """Nobody is logged in."""


def examine(
    tx: ReadTx, parameters: Parameters, caller: Caller | None, *, kit: Kit
) -> Authorization | SentBack | LogInFirst:
    """Return what to do with a request; raises ShownToUser for what must not be answered at a callback."""
    app = known_app(tx, parameters)
    attempt = Attempt(tx, parameters, app, return_address(parameters, app), caller, kit)
    try:
        if must_log_in(attempt):
            return LogInFirst()
        app_is_open_to(attempt)
        for check in CHECKS:
            check(attempt)
    except SentToApp as error:
        return SentBack(refusal_address(error, attempt.redirect_uri, parameters.state, kit=kit))
    return Authorization(
        app=app,
        redirect_uri=attempt.redirect_uri,
        state=parameters.state,
        scopes=attempt.scopes,
        code_challenge=parameters.get("code_challenge"),
        dialect=_dialect(attempt),
        is_silent="none" in attempt.prompts,
        is_invitation=is_invitation(attempt),
    )


def refusal_address(error: SentToApp, redirect_uri: str, state: bytes | None, *, kit: Kit) -> str:
    """Return the callback with the error of section 4.1.2.1 and the issuer of RFC 9207 section 2."""
    told: dict[str, str | bytes | None] = {"error": error.name, "error_description": error.message}
    return callback_address(redirect_uri, told | {"state": state, "iss": kit.settings.public_url})


def _dialect(attempt: Attempt) -> Dialect:
    """How a denial is told (C4): a plain walkthrough request gets ``state`` alone, as documented.

    Without ``state`` there would be nothing to tell at all, so such a request gets the standard's answer.
    """
    speaks_standard = any(attempt.parameters.get(name) is not None for name in SPEAKS_STANDARD)
    if attempt.app.profile == "standard" or speaks_standard or attempt.parameters.state is None:
        return "standard"
    return "walkthrough"
