"""GET /v3/signature_request/list in an account with few and with many requests, on the first and on the last page."""

from __future__ import annotations

import json
import urllib.request

from bench.contenders import Contender
from bench.deep_lists import basic, fill_account
from bench.load import wrk
from bench.measuring import Slice, Table
from bench.paraphs import Paraph, paraph
from bench.setting import Setting
from bench.turns import HEAD, Measured, fill, noise, take_turns

FEW = 1_000
FULL_MANY, QUICK_MANY = 100_000, 10_000
PAGE_SIZE = 20
PATH = "/v3/signature_request/list"


def run(setting: Setting) -> None:
    """Measure, and say the table."""
    url = setting.postgres.database("listing")
    with paraph(setting.folder / "sqlite") as lite:
        measured = [_measure(setting, "SQLite, 1 process", lite, [])]
    with paraph(setting.folder / "postgres", url, webs=2, workers=1) as large:
        beside = [*large.workers.pids, setting.postgres.pid]
        measured.append(_measure(setting, "PostgreSQL, 2 web + 1 worker", large, beside))
    table = Table(*HEAD, words=2)
    for one in measured:
        fill(table, one, _title(FEW, 1))
    setting.report.say(f"Lists of {PAGE_SIZE}: 'ours : it' is how many times slower; goal at most 2 x, at any depth")
    setting.report.tell([*table.lines(), *noise(measured)])


def _measure(setting: Setting, engine: str, found: Paraph, beside: list[int]) -> Measured:
    many = QUICK_MANY if setting.rounds.is_quick else FULL_MANY
    contenders = []
    for count in (FEW, many):
        key = fill_account(found, f"lists{count}", count)
        for page in (1, count // PAGE_SIZE):
            path = f"{PATH}?page={page}&page_size={PAGE_SIZE}"
            one = Contender(_title(count, page), found.host, path, client=basic(key), beside=beside)
            _check(one, count)
            contenders.append(one)

    def turn(one: Contender, _number: int) -> Slice:
        return wrk.turn("get", one.reads, setting.rounds.seconds, {"auth": one.client})

    return take_turns(setting, f"list, {engine}", contenders, turn)


def _title(count: int, page: int) -> str:
    return f"{count:,} requests, page {page:,}"


def _check(one: Contender, count: int) -> None:
    request = urllib.request.Request(one.host.url + one.read_path, headers={"Authorization": one.client})
    with urllib.request.urlopen(request, timeout=60) as answer:
        told = json.loads(answer.read())
    assert told["list_info"]["num_results"] == count, told["list_info"]
    assert len(told["signature_requests"]) == PAGE_SIZE
