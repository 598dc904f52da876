"""The operator's pages: what they show and do, what is recorded of it, and that nobody else finds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from paraph.accounts.models import operator_acts
from paraph.kit.queue import jobs
from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import Person, log_in, make_person, submit

FORM = "/settings/api/apps/new"
PAGES = (
    "/operator",
    "/operator/apps",
    "/operator/queue",
    "/operator/requests",
    "/operator/deliveries",
    "/operator/accounts",
    "/operator/reports",
    "/operator/seal",
    "/operator/acts",
)
FORMS = (
    "/operator/jobs/1/retry",
    "/operator/jobs/1/discard",
    "/operator/requests/x/retry",
    "/operator/deliveries/x/replay",
    "/operator/callbacks/1/replay",
    "/operator/accounts/x/suspend",
    "/operator/accounts/x/resume",
    "/operator/reports/1",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("pages")) as server:
        yield server


@pytest.fixture(scope="module")
def operator(place: Server) -> Person:
    return make_person(place, "Olga", operator=True)


@pytest.fixture(scope="module")
def olga(place: Server, operator: Person) -> httpx.Client:
    return log_in(place, operator)


def acts(server: Server) -> list[Any]:
    return server.read(lambda tx: tx.all(select(operator_acts).order_by(operator_acts.c.id)))


def test_every_page_is_there_for_operators_alone(place: Server, olga: httpx.Client) -> None:
    outsider, nobody = log_in(place, make_person(place, "Bob")), place.client()
    unknown = nobody.get("/operator/no-such-page").status_code
    for path in PAGES:
        assert olga.get(path).status_code == 200, path
        assert outsider.get(path).status_code == nobody.get(path).status_code == unknown == 404, path
    for path in FORMS:
        assert submit(outsider, path, at=FORM).status_code == 404, path
        assert nobody.post(path).status_code == 404, path
        assert olga.post(path, data={}).status_code in (400, 403), (path, "without the token of a form")
        assert submit(olga, path, at=FORM).status_code in (303, 400, 404), path


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 40, "1e3", "٣", ""])
def test_odd_page_numbers_are_the_first_page(olga: httpx.Client, number: str) -> None:
    for path in PAGES:
        assert olga.get(path, params={"page": number}).status_code == 200, path
    assert olga.get("/operator/accounts", params={"q": "\U0010ffff%_'\"" + "x" * 500}).status_code == 200


def test_a_job_is_tried_again_or_discarded_and_that_is_recorded(
    place: Server, olga: httpx.Client, operator: Person
) -> None:
    now = place.clock.now()
    fixed = {"name": "signing.forget_pages", "lane": "work", "due_at": now, "created_at": now, "attempts": 3}
    given_up = fixed | {"payload": {"sha256": []}, "failed_at": now, "error": "The <disk> is full."}
    keys = [place.write(lambda tx: tx.insert(jobs, given_up)) for _ in range(2)]
    pausing = fixed | {"payload": {"sha256": []}, "due_at": now + 999, "error": "again", "waits_for": "files"}
    keys.append(place.write(lambda tx: tx.insert(jobs, pausing)))
    shown = olga.get("/operator/queue").text
    assert "The &lt;disk&gt; is full." in shown
    assert "Waits for the files: again" in shown
    assert f"/operator/jobs/{keys[2]}/discard" not in shown, "only what was given up"
    assert submit(olga, f"/operator/jobs/{keys[0]}/retry", at=FORM).status_code == 303
    assert submit(olga, f"/operator/jobs/{keys[2]}/retry", at=FORM).status_code == 303
    assert submit(olga, f"/operator/jobs/{keys[1]}/discard", at=FORM).status_code == 303
    assert submit(olga, f"/operator/jobs/{keys[1]}/discard", at=FORM).status_code == 404
    place.run_jobs()
    assert place.read(lambda tx: tx.all(select(jobs.c.id).where(jobs.c.id.in_(keys)))) == []
    done = [(act.what, act.operator, act.operator_pk, act.acted_at) for act in acts(place)[-3:]]
    assert [one[0] for one in done] == ["job_retried", "job_retried", "job_discarded"]
    assert {one[1:] for one in done} == {(operator.email, operator.pk, now)}
    assert "Job discarded" in olga.get("/operator/acts").text
    assert "Job discarded" in olga.get("/operator").text


def test_accounts_are_found_by_address_beginning_and_id(place: Server, olga: httpx.Client) -> None:
    zoe = make_person(place, "Zoe", email="Zoe.Unique_1@example.com")
    for words in (zoe.email, zoe.email.upper(), "zoe.uni", zoe.account_id, f"  {zoe.email} "):
        shown = olga.get("/operator/accounts", params={"q": words}).text
        assert zoe.account_id in shown, words
        assert "Olga" not in shown
    for words in ("zoe%", "unique", "_oe"):
        assert zoe.account_id not in olga.get("/operator/accounts", params={"q": words}).text, words
    page = olga.get(f"/operator/accounts/{zoe.account_id}").text
    assert zoe.email in page
    assert olga.get("/operator/accounts/" + "0" * 40).status_code == 404


def test_accounts_are_paged(place: Server, olga: httpx.Client) -> None:
    for number in range(51):
        make_person(place, f"Paged {number}")
    first = olga.get("/operator/accounts").text
    assert first.count('class="list-link"') == 50
    assert "Older" in first
    second = olga.get("/operator/accounts?page=2").text
    assert "Newer" in second
    assert 'class="list-link"' in second


def test_a_request_is_tried_again_by_its_button(place: Server, olga: httpx.Client) -> None:
    alice = make_person(place, "Alice")
    sent = requests.accepted(requests.post_send(place.api(alice.api_key)))
    place.move(31)  # and no worker runs
    assert sent.id in olga.get("/operator/requests").text
    assert submit(olga, f"/operator/requests/{sent.id}/retry", at=FORM).status_code == 303
    place.run_jobs()
    assert sent.id not in olga.get("/operator/requests").text
    assert submit(olga, f"/operator/requests/{sent.id}/retry", at=FORM).status_code == 404
    assert acts(place)[-1].what == "request_retried"


@pytest.mark.parametrize(
    ("outcome", "shown", "suspended"),
    [("dismiss", "Dismissed", False), ("suspend-account", "Account suspended", True)],
)
def test_reports_are_handled(place: Server, olga: httpx.Client, outcome: str, shown: str, suspended: bool) -> None:
    alice = make_person(place, "Alice")
    requests.send(place, place.api(alice.api_key))
    token = requests.signing_token(place, requests.JACK["email_address"])
    place.client().post(f"/sign/{token}/report", data={"reason": "Spam!"})
    assert "1 open" in olga.get("/operator").text
    page = olga.get("/operator/reports").text
    path = page.split('action="/operator/reports/')[1].split('"')[0]
    address = f"/operator/reports/{path}"
    assert submit(olga, address, at=FORM, outcome="nothing", note="x").status_code == 400
    assert "Write a note" in submit(olga, address, at=FORM, outcome=outcome, note=" ").text
    assert "not sent with an app" in submit(olga, address, at=FORM, outcome="suspend-app", note="x").text
    assert submit(olga, address, at=FORM, outcome=outcome, note="I looked at it.").status_code == 303
    page = olga.get("/operator/reports").text
    assert shown in page
    assert "I looked at it." in page
    assert submit(olga, address, at=FORM, outcome=outcome, note="again").status_code == 409
    assert (place.api(alice.api_key).get("/v3/account").status_code == 403) is suspended
    assert "1 open" not in olga.get("/operator").text
    assert acts(place)[-1].what == ("report_account_suspended" if suspended else "report_dismissed")


def test_limits_that_are_hit_are_shown(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_server(tmp_path_factory.mktemp("limits"), api_rate_limit=5) as server:
        olga = log_in(server, make_person(server, "Olga", operator=True))
        alice = make_person(server, "Alice")
        assert "Nobody has used up a limit" in olga.get("/operator").text
        api = server.api(alice.api_key)
        assert [api.get("/v3/account").status_code for _ in range(7)].count(429) == 2
        shown = olga.get("/operator").text
        assert alice.email in shown
        assert "5 of 5 a minute" in shown
