"""Bearer-checked read, rotating refresh, code exchange and races, beside the peers and a bare hello."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from bench.contenders import OURS_POSTGRES, Contender, oauth_contenders
from bench.load import wrk
from bench.measuring import Slice, Table
from bench.seeding import PEOPLE, REDIRECT_URI, VERIFIER
from bench.setting import Setting
from bench.turns import HEAD, WARMING_UP, Measured, fill, noise, take_turns

from .races import say_races

FIRST_CODES = 3000
"""Codes a second of the first turn, before it is known how fast somebody is."""
MARGIN = 2.0


def run(setting: Setting) -> None:
    """Measure, and say the tables."""
    with oauth_contenders(setting) as contenders:
        for contender in servers(contenders):
            check_answers(contender)
        cases = (bearer, refresh, exchange)
        measured = [case(setting, contenders) for case in cases]
        table = Table(*HEAD, words=2)
        for one in measured:
            fill(table, one, OURS_POSTGRES)
        setting.report.say(
            "OAuth: 16 connections; CPU of servers, workers and database; ratios to Paraph on PostgreSQL"
        )
        setting.report.tell([*table.lines(), *noise(measured), ""])
        say_races(setting, servers(contenders))


def bearer(setting: Setting, contenders: Sequence[Contender]) -> Measured:
    """A protected resource, with the tokens of 256 people in turn."""
    pools = {one.name: _pool(setting, one, "access") for one in servers(contenders)}
    for one in servers(contenders):
        _write(pools[one.name], [pair.split()[0] for pair in one.supply("tokens", PEOPLE)])

    def turn(one: Contender, _number: int) -> Slice:
        if not one.token_path:
            return _hello(setting, one)
        return wrk.turn("bearer", one.reads, setting.rounds.seconds, {"tokens": pools[one.name]})

    return take_turns(setting, "bearer read", contenders, turn)


def refresh(setting: Setting, contenders: Sequence[Contender]) -> Measured:
    """A durable refresh with rotation; the answer's token is the next request's."""
    pools = {one.name: _pool(setting, one, "refresh") for one in servers(contenders)}
    for one in servers(contenders):
        _write(pools[one.name], _refresh_tokens(one, PEOPLE))

    def turn(one: Contender, _number: int) -> Slice:
        if not one.token_path:
            return _hello(setting, one)
        return _token_turn(setting, one, pools[one.name], refresh_form(one))

    return take_turns(setting, "token refresh", contenders, turn)


def exchange(setting: Setting, contenders: Sequence[Contender]) -> Measured:
    """Authorization code and PKCE verifier against tokens; codes are made before each turn."""
    pools = {one.name: _pool(setting, one, "codes") for one in servers(contenders)}
    fastest: dict[str, float] = dict.fromkeys(pools, FIRST_CODES / MARGIN)

    def turn(one: Contender, number: int) -> Slice:
        if not one.token_path:
            return _hello(setting, one)
        wanted = int(fastest[one.name] * MARGIN * setting.rounds.seconds) + wrk.CONNECTIONS * 4
        _write(pools[one.name], one.supply("codes", wanted))
        found = _token_turn(setting, one, pools[one.name], exchange_form(one))
        fastest[one.name] = found.rate if number == WARMING_UP else max(found.rate, fastest[one.name])
        return found

    return take_turns(setting, "code exchange", contenders, turn)


def servers(contenders: Sequence[Contender]) -> list[Contender]:
    """Those that give tokens."""
    return [one for one in contenders if one.token_path]


def refresh_form(one: Contender) -> str:
    """The body of a refresh, up to the token."""
    return f"grant_type=refresh_token&{one.client}&refresh_token="


def exchange_form(one: Contender) -> str:
    """The body of an exchange, up to the code."""
    bound = f"redirect_uri={REDIRECT_URI}&code_verifier={VERIFIER}"
    return f"grant_type=authorization_code&{one.client}&{bound}&code="


def check_answers(one: Contender) -> None:
    """One call of each kind, looked at closely: what follows counts statuses and tokens only."""
    access, spent = one.supply("tokens", 1)[0].split()
    read = urllib.request.Request(one.host.url + one.read_path, headers={"Authorization": f"Bearer {access}"})
    assert "account" in _json(read), one.name
    for form, secret in ((refresh_form(one), spent), (exchange_form(one), one.supply("codes", 1)[0])):
        answer = _json(urllib.request.Request(one.host.url + one.token_path, data=(form + secret).encode()))
        assert answer["access_token"] != access, one.name
        assert answer["refresh_token"] != spent, f"{one.name} does not rotate"


def _refresh_tokens(one: Contender, count: int) -> list[str]:
    return [pair.split()[1] for pair in one.supply("tokens", count)]


def _hello(setting: Setting, one: Contender) -> Slice:
    return wrk.turn("hello", one.reads, setting.rounds.seconds)


def _token_turn(setting: Setting, one: Contender, pool: Path, form: str) -> Slice:
    rotates = int(form.endswith("refresh_token="))
    given = {"tokens": pool, "form": form, "rotates": rotates}
    return wrk.turn("token", wrk.Target(one.token_path, one.host.ports), setting.rounds.seconds, given)


def _pool(setting: Setting, one: Contender, kind: str) -> Path:
    folder = setting.folder / "pools"
    folder.mkdir(exist_ok=True)
    return folder / f"{''.join(filter(str.isalnum, one.name))}-{kind}"


def _write(pool: Path, tokens: list[str]) -> None:
    pool.write_text("\n".join(tokens) + "\n")


def _json(request: urllib.request.Request) -> dict[str, str]:
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, str] = json.loads(answer.read())
        return found
