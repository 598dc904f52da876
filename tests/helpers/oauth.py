"""People who connect apps, for the tests of every room: through the real pages and endpoints."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from paraph.apps.changes import AppChanges
from paraph.apps.update_app import update_app
from paraph.kit.caller import Caller, Client
from paraph.kit.db import WriteTx
from tests.harness import Server
from tests.helpers.accounts import Person, log_in, make_person
from tests.helpers.apps import CALLBACK, MadeApp, approve, make_app, set_profile

STATE = "900e06e2"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'(\w[\w-]*)="([^"]*)"')


@dataclass(frozen=True)
class TokenSet:
    """What an app was given."""

    access_token: str
    refresh_token: str
    answer: dict[str, Any]


@dataclass
class World:
    """An app with its owner, and a person (not the owner) whose browser is logged in."""

    server: Server
    owner: Person
    user: Person
    app: MadeApp
    browser: httpx.Client
    calls: httpx.Client = field(repr=False)

    def ask(self, *, browser: httpx.Client | None = None, **parameters: Any) -> httpx.Response:
        """Open the authorization address; ``state`` and the rest as in the walkthrough unless given."""
        return (browser or self.browser).get(authorize_path(self.app, **parameters))

    def code(self, **parameters: Any) -> str:
        """Accept, and return the code."""
        return query_of(accept(self.browser, self.ask(**parameters)))["code"]

    def redeem(self, code: str, /, *, encoding: str = "json", **more: Any) -> httpx.Response:
        """Exchange the code as the walkthrough does; a parameter that is None is left out."""
        return send(self.calls, "/oauth/token", code_request(self.app, code, **more), encoding)

    def refresh(self, token: str, *, encoding: str = "json", **more: Any) -> httpx.Response:
        """Refresh as the walkthrough does: without client credentials unless given."""
        wanted = {"grant_type": "refresh_token", "refresh_token": token} | more
        return send(self.calls, "/oauth/token?refresh", wanted, encoding)

    def connect(self, **parameters: Any) -> TokenSet:
        """Go all the way to tokens."""
        more = {"code_verifier": VERIFIER} if "code_challenge" in parameters else {}
        return tokens_of(self.redeem(self.code(**parameters), **more))

    def call(self, token: str) -> httpx.Response:
        """Use an access token."""
        return self.calls.get("/v3/account", headers={"Authorization": f"Bearer {token}"})

    def works(self, token: str) -> bool:
        """True when the API lets the token in."""
        status = self.call(token).status_code
        assert status in (200, 401)
        return status == 200

    @property
    def credentials(self) -> dict[str, str]:
        return {"client_id": self.app.client_id, "client_secret": self.app.secret}


def make_world(server: Server, *, approved: bool = True, profile: str = "walkthrough", **app: Any) -> World:
    """A fresh app, owner and user."""
    owner, user = make_person(server, "Olga"), make_person(server, "Uma")
    made = make_app(server.api(owner.api_key), **app)
    if approved:
        approve(server, made.client_id)
    if profile != "walkthrough":
        set_profile(server, made.client_id, profile)
    return World(server, owner, user, made, log_in(server, user), server.client())


def second_app(world: World, *, native: bool = False, profile: str = "walkthrough", **app: Any) -> World:
    """Another app of the same owner, for the same person; ``native`` makes it a public client."""
    made = make_app(world.server.api(world.owner.api_key), **app)
    if native:
        make_native(world, made)
    approve(world.server, made.client_id)
    if profile != "walkthrough":
        set_profile(world.server, made.client_id, profile)
    return World(world.server, world.owner, world.user, made, world.browser, world.calls)


def make_native(world: World, made: MadeApp) -> None:
    """Say, as the owner does on the app's page, that the app runs on people's own machines."""
    server = world.server

    def verb(tx: WriteTx) -> None:
        owner = Caller("system", world.owner.pk, world.owner.account_id, world.owner.email, Client("", ""))
        update_app(tx, owner, made.client_id, AppChanges(is_native=True), kit=server.kit)

    server.write(verb)


def authorize_path(app: MadeApp, **parameters: Any) -> str:
    """The authorization address; a parameter that is None is left out."""
    wanted = {"response_type": "code", "client_id": app.client_id, "state": STATE} | parameters
    return "/oauth/authorize?" + urlencode({name: value for name, value in wanted.items() if value is not None})


def code_request(app: MadeApp, code: str, /, **more: Any) -> dict[str, Any]:
    """The documented body of a token request."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "state": STATE,
        "client_id": app.client_id,
        "client_secret": app.secret,
    } | more


def challenge(verifier: str = VERIFIER) -> dict[str, str]:
    """The PKCE parameters of an authorization request."""
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return {"code_challenge": made, "code_challenge_method": "S256"}


def form_fields(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the page's form."""
    assert page.status_code == 200, page.text
    fields = {}
    for tag in _INPUT.findall(page.text):
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        if attributes.get("type") == "hidden":
            fields[attributes["name"]] = attributes.get("value", "")
    return fields


def accept(browser: httpx.Client, page: httpx.Response, **more: Any) -> httpx.Response:
    """Press **Accept** on a consent page."""
    return decide(browser, form_fields(page), "accept", **more)


def deny(browser: httpx.Client, page: httpx.Response, **more: Any) -> httpx.Response:
    """Press **Deny** on a consent page."""
    return decide(browser, form_fields(page), "deny", **more)


def decide(browser: httpx.Client, fields: dict[str, Any], decision: str, **more: Any) -> httpx.Response:
    """Post a consent form."""
    return browser.post("/oauth/authorize/consent", data=fields | {"decision": decision} | more)


def send(client: httpx.Client, path: str, body: dict[str, Any], encoding: str, **more: Any) -> httpx.Response:
    """Post ``body`` as json, form or multipart; what is None is left out."""
    wanted = {name: value for name, value in body.items() if value is not None}
    if encoding == "json":
        return client.post(path, json=wanted, **more)
    if encoding == "multipart":
        return client.post(path, files={name: (None, value) for name, value in wanted.items()}, **more)
    return client.post(path, data=wanted, **more)


def tokens_of(answer: httpx.Response) -> TokenSet:
    """The tokens of a successful answer."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return TokenSet(body["access_token"], body["refresh_token"], body)


def query_of(answer: httpx.Response) -> dict[str, str]:
    """The query that a redirect to the app carries, each parameter once."""
    assert answer.status_code == 303, f"{answer.status_code} {answer.text}"
    found = parse_qs(urlsplit(answer.headers["location"]).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in found.values()), found
    return {name: values[0] for name, values in found.items()}


def error_of(answer: httpx.Response) -> str:
    """The error code of a failed protocol call, in whichever dialect."""
    error = answer.json()["error"]
    return str(error if isinstance(error, str) else error["error_name"])


__all__ = ["CALLBACK", "STATE", "VERIFIER", "TokenSet", "World", "make_world"]
