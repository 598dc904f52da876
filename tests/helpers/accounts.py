"""People with accounts, for the tests of every room."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import httpx

from paraph import accounts
from tests.harness import Server

PASSWORD = "correct horse battery"
_NUMBERS = count(1)
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_ODD = re.compile(r"[^a-z0-9]+")
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Person:
    """An account and what its owner knows."""

    pk: int
    account_id: str
    email: str
    name: str
    api_key: str
    password: str = PASSWORD


def fresh_address(name: str = "person") -> str:
    """An address that no test has used before."""
    return f"{_ODD.sub('.', name.lower())}{next(_NUMBERS)}@example.com"


def make_person(
    server: Server, name: str = "Alice", *, email: str | None = None, confirmed: bool = True, operator: bool = False
) -> Person:
    """An account with an API key, made below the web (fast); its password is ``PASSWORD``."""
    wanted = accounts.NewAccount(
        email_address=email or fresh_address(name),
        name=name,
        password_hash=_hashed(PASSWORD),
        confirmed=confirmed,
        operator=operator,
    )
    account, api_key = server.write(lambda tx: accounts.create_account(tx, wanted, kit=server.kit))
    return Person(account.pk, account.account_id, account.email_address, name, api_key)


def log_in(server: Server, person: Person, client: httpx.Client | None = None) -> httpx.Client:
    """A browser in which the person is logged in."""
    client = client or server.client()
    answer = submit(client, "/login", email=person.email, password=person.password)
    assert answer.status_code == 303, answer.text
    return client


def sign_up(server: Server, name: str = "Alice", *, email: str | None = None) -> tuple[httpx.Client, str]:
    """Sign up through the page; return the browser and the address."""
    client, email = server.client(), email or fresh_address(name)
    answer = submit(client, "/signup", name=name, email=email, password=PASSWORD)
    assert answer.status_code == 303, answer.text
    return client, email


def submit(client: httpx.Client, path: str, *, at: str | None = None, **fields: Any) -> httpx.Response:
    """Open the page ``at`` (default: the form's own address) for its CSRF token, then post the form to ``path``."""
    token = csrf_token(client.get(at or path))
    return client.post(path, data={"csrf_token": token, **fields})


def csrf_token(page: httpx.Response) -> str:
    """The token that the forms of this page carry."""
    found = _CSRF.search(page.text)
    assert found is not None, f"{page.request.url} answered {page.status_code} without a form"
    return found.group(1)


def mailed_link(server: Server, to: str, containing: str) -> str:
    """The path of the newest mailed link to this address that contains the given text."""
    for mail in reversed(server.mails()):
        if mail["to"] == to:
            for link in _LINK.findall(mail["text"]):
                if containing in link:
                    return link.removeprefix(server.kit.settings.public_url)
    raise AssertionError(f"no mail to {to} has a link with {containing}")


@cache
def _hashed(password: str) -> str:
    return accounts.hash_password(password)
