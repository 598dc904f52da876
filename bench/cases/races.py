"""Many clients redeem one refresh token, or one code, at the same moment: how many pairs of tokens come out?"""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bench.contenders import Contender
from bench.measuring import Table
from bench.setting import Setting

CLIENTS = 50
FULL_RACES, QUICK_RACES = 15, 5
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def say_races(setting: Setting, contenders: Sequence[Contender]) -> None:
    """Race at each contender's token endpoint."""
    races = QUICK_RACES if setting.rounds.is_quick else FULL_RACES
    table = Table("race", "who", "pairs at least", "median", "at most", "answers", words=2)
    for kind in ("refresh token", "code"):
        for place, one in enumerate(contenders):
            pairs, answers = _races(one, kind, races)
            ordered = [str(count) for count in (min(pairs), sorted(pairs)[len(pairs) // 2], max(pairs))]
            table.row(kind if place == 0 else "", one.name, *ordered, answers)
        table.rule()
    setting.report.say(f"Races: {CLIENTS} clients redeem the same one at once, {races} times; one pair is right")
    setting.report.tell(table.lines())


def _races(one: Contender, kind: str, races: int) -> tuple[list[int], str]:
    """Distinct pairs of each race, and all answers by status."""
    from .oauth import exchange_form, refresh_form

    form = refresh_form(one) if kind == "refresh token" else exchange_form(one)
    lines = one.supply("tokens" if kind == "refresh token" else "codes", races)
    pairs, seen = [], dict[str, int]()
    for line in lines:
        answers = _at_once(one, form + line.split()[-1])
        pairs.append(len({body["access_token"] for status, body in answers if status == 200}))
        for status, _ in answers:
            seen[str(status)] = seen.get(str(status), 0) + 1
    return pairs, ", ".join(f"{count} x {status}" for status, count in sorted(seen.items()))


def _at_once(one: Contender, body: str) -> list[tuple[int, dict[str, str]]]:
    """Answers of clients that hold open connections and press together."""
    gate = Barrier(CLIENTS)

    def press(number: int) -> tuple[int, dict[str, str]]:
        port = one.host.ports[number % len(one.host.ports)]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.connect()
            gate.wait()
            connection.request("POST", one.token_path, body, FORM)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if answer.status == 200 else {}
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(press, range(CLIENTS)))
