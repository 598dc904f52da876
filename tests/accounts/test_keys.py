"""API keys: up to four, one primary, shown once, found by keyed hash, dead at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
from sqlalchemy import delete, func, select

from paraph.accounts import primary_api_key
from paraph.accounts.models import api_keys
from tests.harness import Server
from tests.helpers.accounts import Person, csrf_token, log_in, make_person, submit

KEYS = "/settings/keys"


def shown_key(page: httpx.Response) -> str:
    found = re.search(r'<code id="new-key">([0-9a-f]{64})<', page.text)
    assert found is not None
    return found.group(1)


def key_pks(server: Server, person: Person) -> list[int]:
    mine = select(api_keys.c.id).where(api_keys.c.account_pk == person.pk).order_by(api_keys.c.id)
    return [row.id for row in server.read(lambda tx: tx.all(mine))]


def works(server: Server, key: str) -> bool:
    return server.api(key).get("/v3/account").status_code == 200


def test_create_shows_once(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    key = shown_key(submit(client, KEYS))
    assert works(shared_server, key)
    page = client.get(KEYS).text
    assert key not in page and f"…{key[-4:]}" in page and "never used" not in page.split(f"…{key[-4:]}")[1][:400]


def test_at_most_four_even_at_once(server: Server) -> None:
    person = make_person(server)
    client = log_in(server, person)
    token = csrf_token(client.get(KEYS))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post(KEYS, data={"csrf_token": token}), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409, 409, 409, 409, 409]
    assert "at most 4 API keys" in next(answer.text for answer in answers if answer.status_code == 409)
    assert len(key_pks(server, person)) == 4


def test_regenerate_replaces_at_once(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    (pk,) = key_pks(shared_server, person)
    key = shown_key(submit(client, f"{KEYS}/{pk}/regenerate", at=KEYS))
    assert works(shared_server, key) and not works(shared_server, person.api_key)
    assert shared_server.write(lambda tx: primary_api_key(tx, person.pk, shared_server.kit)) == key


def test_primary_moves_then_dies(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    second = shown_key(submit(client, KEYS))
    first_pk, second_pk = key_pks(shared_server, person)
    refused = submit(client, f"{KEYS}/{first_pk}/delete", at=KEYS)
    assert refused.status_code == 409 and "Make another key primary first" in refused.text
    assert submit(client, f"{KEYS}/{second_pk}/primary", at=KEYS).status_code == 303
    assert shared_server.write(lambda tx: primary_api_key(tx, person.pk, shared_server.kit)) == second
    assert submit(client, f"{KEYS}/{first_pk}/delete", at=KEYS).status_code == 303
    assert not works(shared_server, person.api_key) and works(shared_server, second)


def test_others_keys_are_not_found(shared_server: Server) -> None:
    alice, bob = make_person(shared_server), make_person(shared_server, "Bob")
    client = log_in(shared_server, bob)
    (pk,) = key_pks(shared_server, alice)
    for name in (str(pk), "999999", "0", "-1", "x", "9" * 19, "9" * 5000, "%C2%B2"):
        for verb in ("regenerate", "primary", "delete"):
            assert submit(client, f"{KEYS}/{name}/{verb}", at=KEYS).status_code == 404, (name, verb)
    assert works(shared_server, alice.api_key)
    primary = select(func.count()).select_from(api_keys).where(api_keys.c.account_pk == bob.pk, api_keys.c.is_primary)
    assert shared_server.read(lambda tx: tx.scalar(primary)) == 1, "a refused change leaves the primary key"


def test_primary_key_is_made_when_missing(server: Server) -> None:
    person = make_person(server)
    server.write(lambda tx: tx.execute(delete(api_keys).where(api_keys.c.account_pk == person.pk)))
    made = server.write(lambda tx: primary_api_key(tx, person.pk, server.kit))
    assert works(server, made)
    assert server.write(lambda tx: primary_api_key(tx, person.pk, server.kit)) == made
    assert "to sign your events" in log_in(server, person).get(KEYS).text


def test_a_dump_yields_no_key(shared_server: Server) -> None:
    person = make_person(shared_server)
    rows = shared_server.read(lambda tx: tx.all(select(api_keys).where(api_keys.c.account_pk == person.pk)))
    for row in rows:
        for value in row:
            assert person.api_key not in str(value)
            assert not isinstance(value, bytes) or person.api_key.encode() not in value


def test_use_is_recorded_by_the_minute(server: Server) -> None:
    person = make_person(server)
    used = select(api_keys.c.last_used_at).where(api_keys.c.account_pk == person.pk)
    assert server.read(lambda tx: tx.scalar(used)) is None
    works(server, person.api_key)
    first = server.read(lambda tx: tx.scalar(used))
    server.move(30)
    works(server, person.api_key)
    assert server.read(lambda tx: tx.scalar(used)) == first == server.clock.now() - 30
    server.move(60)
    works(server, person.api_key)
    assert server.read(lambda tx: tx.scalar(used)) == server.clock.now()
