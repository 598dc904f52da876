"""Approval and suspension: who may, what is recorded, who is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from paraph import apps
from paraph.apps.models import api_app_decisions, api_apps
from paraph.kit.errors import BadRequest, Conflict, NotFound
from paraph.kit.queue import jobs
from tests.harness import Server
from tests.helpers.accounts import Person, log_in, make_person, submit
from tests.helpers.apps import MadeApp, approve, make_app, suspend


@dataclass(frozen=True)
class Place:
    """Alice owns an app, Olga runs the server; both are logged in."""

    server: Server
    alice: Person
    browser: httpx.Client
    olga: Person
    operator: httpx.Client
    api: httpx.Client
    app: MadeApp

    @property
    def page(self) -> str:
        return f"/settings/api/apps/{self.app.client_id}"

    def decide(self, decision: str, **fields: str) -> httpx.Response:
        """Press a button on the operator's page."""
        return submit(
            self.operator, f"/operator/apps/{self.app.client_id}/{decision}", at=self.page_with_form, **fields
        )

    @property
    def page_with_form(self) -> str:
        return "/settings/api/apps/new"

    def decisions(self) -> list[Any]:
        """What was recorded about the app, oldest first."""
        t = api_app_decisions
        mine = select(t).join(api_apps, api_apps.c.id == t.c.app_pk).where(api_apps.c.client_id == self.app.client_id)
        return self.server.read(lambda tx: tx.all(mine.order_by(t.c.id)))

    def mails(self) -> list[dict[str, str]]:
        """Mails to the owner about the app, oldest first."""
        self.server.run_jobs()
        return [mail for mail in self.server.mails() if mail["to"] == self.alice.email]


@pytest.fixture(scope="module")
def olga(shared_server: Server) -> Person:
    return make_person(shared_server, "Olga", operator=True)


@pytest.fixture(scope="module")
def operator(shared_server: Server, olga: Person) -> httpx.Client:
    return log_in(shared_server, olga)


@pytest.fixture
def place(shared_server: Server, olga: Person, operator: httpx.Client) -> Place:
    alice = make_person(shared_server, "Alice")
    api = shared_server.api(alice.api_key)
    return Place(shared_server, alice, log_in(shared_server, alice), olga, operator, api, make_app(api))


def approval(place: Place) -> bool:
    answer: bool = place.api.get(f"/v3/api_app/{place.app.client_id}").json()["api_app"]["is_approved"]
    return answer


def test_an_app_is_requested_approved_suspended_and_resumed(place: Place) -> None:
    assert "Not approved yet" in place.browser.get(place.page).text
    assert submit(place.browser, f"{place.page}/approval", at=place.page).status_code == 303
    assert "Approval requested" in place.browser.get(place.page).text
    waiting = place.operator.get("/operator/apps").text
    assert place.app.name in waiting
    assert place.alice.email in waiting
    assert not approval(place)

    assert place.decide("approve").status_code == 303
    assert approval(place)
    assert place.app.client_id not in place.operator.get("/operator/apps").text.split("Approved and suspended")[0]
    assert "Everybody with an account" in place.browser.get(place.page).text

    assert place.decide("suspend", reason="Sends spam.").status_code == 303
    assert not approval(place)
    assert "Sends spam." in place.browser.get(place.page).text

    assert place.decide("resume").status_code == 303
    assert approval(place)
    subjects = [mail["subject"] for mail in place.mails()]
    name = f"“{place.app.name}”"
    assert subjects == [f"{name} is approved", f"{name} is suspended", f"{name} is no longer suspended"]

    rows = place.decisions()
    assert [(row.kind, row.reason, row.decided_by) for row in rows] == [
        ("requested", None, place.alice.pk),
        ("approved", None, place.olga.pk),
        ("suspended", "Sends spam.", place.olga.pk),
        ("resumed", None, place.olga.pk),
    ]
    assert {row.created_at for row in rows} == {place.server.clock.now()}


def test_a_refusal_says_why_and_one_may_ask_again(place: Place) -> None:
    submit(place.browser, f"{place.page}/approval", at=place.page)
    reason = "The callback host <b>is not</b> yours.\nShow that it is."
    assert place.decide("refuse", reason=reason).status_code == 303
    shown = place.browser.get(place.page).text
    assert "&lt;b&gt;is not&lt;/b&gt;" in shown
    (mail,) = place.mails()
    assert "> The callback host <b>is not</b> yours.\n> Show that it is." in mail["text"]
    assert "&lt;b&gt;is not&lt;/b&gt;" in mail["html"]
    assert mail["text"].count(f"{place.server.kit.settings.public_url}{place.page}") == 1
    assert submit(place.browser, f"{place.page}/approval", at=place.page).status_code == 303
    assert place.decide("approve").status_code == 303


def test_a_decision_without_a_reason_or_out_of_turn_changes_nothing(place: Place) -> None:
    assert place.decide("refuse", reason="  ").status_code == 400
    assert place.decide("suspend", reason="").status_code == 400
    assert place.decide("suspend", reason="x" * 1001).status_code == 400
    assert place.decide("resume").status_code == 409
    assert place.decide("destroy").status_code == 404
    place.decide("approve")
    assert place.decide("approve").status_code == 303
    assert place.decide("refuse", reason="No.").status_code == 400
    assert submit(place.browser, f"{place.page}/approval", at=place.page).status_code == 409
    assert approval(place)
    assert len(place.mails()) == 1


def test_the_operators_page_is_the_operators(place: Place) -> None:
    assert place.browser.get("/operator/apps").status_code == 404
    for path in (f"/operator/apps/{place.app.client_id}/approve", "/operator/jobs/1/retry"):
        assert submit(place.browser, path, at=place.page).status_code == 404
        assert place.server.client().post(path).status_code == 404
    assert not approval(place)


def test_approval_needs_oauth_and_no_suspension(place: Place) -> None:
    bare = place.api.post("/v3/api_app", json={"name": "Bare", "domains": ["e.com"]}).json()["api_app"]
    page = f"/settings/api/apps/{bare['client_id']}"
    refused = submit(place.browser, f"{page}/approval", at=place.page)
    assert refused.status_code == 400
    assert "OAuth callback URL and scopes first" in refused.text
    suspend(place.server, place.app.client_id)
    approve(place.server, place.app.client_id)
    assert "Reported by three people." in place.browser.get(place.page).text.split("Authorization URL")[0]
    assert submit(place.browser, f"{place.page}/approval", at=place.page).status_code == 400


def test_approval_needs_a_confirmed_address(shared_server: Server) -> None:
    dora = make_person(shared_server, "Dora", confirmed=False)
    browser, app = log_in(shared_server, dora), make_app(shared_server.api(dora.api_key))
    page = f"/settings/api/apps/{app.client_id}"
    answer = submit(browser, f"{page}/approval", at=page)
    assert answer.status_code == 400
    assert "Confirm your e-mail address first" in answer.text


def test_twenty_decisions_at_once_count_once(place: Place) -> None:
    token = place.operator.get(place.page_with_form).text.split('name="csrf_token" value="')[1].split('"')[0]

    def press(number: int) -> int:
        own = place.server.client(cookies=place.operator.cookies)
        decision = "approve" if number % 2 else "refuse"
        path = f"/operator/apps/{place.app.client_id}/{decision}"
        return own.post(path, data={"csrf_token": token, "reason": "No."}).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(press, range(20)))
    assert set(answers) <= {303, 400, 409}
    rows = place.decisions()
    # refused then approved is a legal order; approved is final; nothing counts twice
    assert [row.kind for row in rows] in (["approved"], ["refused", "approved"])
    assert len(place.mails()) == len(rows)


def test_the_command_lines_verbs(place: Place) -> None:
    told: list[int] = []
    place.server.kit.facts.subscribe(apps.AppSuspended, lambda _tx, fact, _kit: told.append(fact.app_pk))
    client_id, kit = place.app.client_id, place.server.kit
    approve(place.server, client_id)
    suspend(place.server, client_id)
    assert len(told) == 1
    for failure, verb in (
        (Conflict, lambda tx: apps.suspend_app(tx, client_id, "Again.", kit=kit)),
        (BadRequest, lambda tx: apps.refuse_app(tx, client_id, "No.", kit=kit)),
        (NotFound, lambda tx: apps.approve_app(tx, "nobody", kit=kit)),
    ):
        with pytest.raises(failure):
            place.server.write(verb)
    place.server.write(lambda tx: apps.resume_app(tx, client_id, kit=kit))
    assert approval(place)


def test_an_operator_sees_what_to_look_at_twice(place: Place) -> None:
    place.decide("approve")
    assert "not what they were" not in place.operator.get("/operator/apps").text
    place.api.put(f"/v3/api_app/{place.app.client_id}", json={"name": "Paraph mobile"})
    shown = place.operator.get("/operator/apps").text
    assert "not what they were when this app was approved" in shown
    assert "contains the name of this software" in shown


def test_stuck_work_is_visible_and_can_be_tried_again(place: Place) -> None:
    now = place.server.clock.now()
    stuck = {"name": "mail.deliver", "payload": {"mail_id": 0}, "due_at": now, "created_at": now, "lane": "network"}
    reason = {"attempts": 12, "failed_at": now, "error": "The mail server said <no>."}
    place.server.write(lambda tx: tx.insert(jobs, stuck | reason))
    shown = place.operator.get("/operator/queue").text
    assert "mail.deliver" in shown
    assert "The mail server said &lt;no&gt;." in shown
    path = shown.split('action="/operator/jobs/')[1].split("/")[0]
    assert submit(place.operator, f"/operator/jobs/{path}/retry", at="/operator/queue").status_code == 303
    assert place.server.run_jobs() >= 1
    assert f"jobs/{path}/" not in place.operator.get("/operator/queue").text
    for number in (path, "0", "x", "9" * 30, "%00", "-1"):
        assert submit(place.operator, f"/operator/jobs/{number}/retry", at="/operator/queue").status_code == 404
