"""What happens by itself as time goes by: reminders, expiry, holds; and who is told of an end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from paraph.kit.i18n import ENGLISH, speaking
from paraph.kit.settings import Settings
from paraph.kit.templates import moment
from paraph.signature_requests import chain_of, is_intact
from paraph.signature_requests.expire import expire_request
from paraph.signature_requests.models import signatures
from paraph.signature_requests.queries import find_request
from paraph.signature_requests.remind_on_time import remind_on_time, reminders_due
from paraph.signature_requests.reminder_times import next_reminder, reminder_due, reminder_times
from tests.harness import START, Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.apps import make_app, suspend
from tests.helpers.requests import Sent, audit_kinds, decline, mails_to, sign, signing_token, two_signers
from tests.kit.test_mail import postbox
from tests.signature_requests.test_events import heard, listen, types
from tests.signature_requests.test_holding import confirm

DAY, HOUR = 86_400, 3600


def one(address: str) -> list[dict[str, Any]]:
    return [{"name": "Jack", "email_address": address}]


def subjects(server: Server, address: str) -> list[str]:
    return [mail.subject for mail in mails_to(server, address)]


def pass_days(server: Server, days: int) -> None:
    """Let time go by as it does, with the worker running all the while."""
    for _ in range(days):
        server.move(DAY)
        server.run_jobs()


def events_of(server: Server, sent: Sent, kind: str) -> list[dict[str, Any]]:
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    chain = server.read(lambda tx: chain_of(tx, request.id))
    assert is_intact(chain)
    return [event.facts for event in chain if event.kind == kind]


def test_a_signer_is_reminded_after_three_and_seven_days(server: Server) -> None:
    alice, jack = make_person(server, "Alice"), fresh_address("jack")
    listen(server, alice)
    client = server.api(alice.api_key)
    sent = requests.send(server, client, signers=one(jack), title="Lease")
    reminded = []
    for day in range(1, 12):
        server.move(DAY)
        server.run_jobs()
        server.run_jobs()
        if requests.get(client, sent)["signatures"][0]["last_reminded_at"] == server.clock.now():
            reminded.append(day)
    assert reminded == [3, 7]
    assert subjects(server, jack)[1:] == ["Reminder: please sign Lease"] * 2
    assert mails_to(server, jack)[-1].text.count("/sign/") == 1
    told = heard(server, person=alice)
    assert types(told) == ["sent", "remind", "remind"]
    assert told[1]["event"]["event_metadata"]["related_signature_id"] == sent.signature_id(0)
    shown = [one["signature_request"]["signatures"][0]["last_reminded_at"] for one in told]
    assert shown == [None, START + 3 * DAY, START + 7 * DAY], "the state at the time of each event (T34)"
    facts = events_of(server, sent, "reminded")
    assert [(one["automatic"], one["before_expiry"], one["sent_to"]) for one in facts] == [(True, False, jack)] * 2
    assert "caller" not in facts[0]
    assert [time - START for time in (fact["time"] for fact in facts)] == [3 * DAY, 7 * DAY]


def test_by_hand_and_by_the_clock_share_the_rule_of_one_hour(shared_lite: Server, anna: Person) -> None:
    server, jack = shared_lite, fresh_address("jack")
    client = server.api(anna.api_key)
    sent = requests.send(server, client, signers=one(jack))
    server.move(3 * DAY - HOUR // 2)
    asked = {"json": {"email_address": jack}}
    assert client.post(f"/v3/signature_request/remind/{sent.id}", **asked).status_code == 200
    server.move(HOUR // 2)
    server.run_jobs()
    assert len(mails_to(server, jack)) == 2, "half an hour after the one by hand"
    server.move(HOUR)
    server.run_jobs()
    assert len(mails_to(server, jack)) == 3
    early = client.post(f"/v3/signature_request/remind/{sent.id}", **asked)
    assert (early.status_code, early.json()["error"]["error_name"]) == (400, "invalid_reminder")
    by_hand, by_clock = events_of(server, sent, "reminded")
    assert by_hand["caller"]["kind"] == "api_key"
    assert (by_hand["automatic"], by_clock["automatic"]) == (False, True)


def test_only_who_can_sign_now_is_reminded(shared_lite: Server, anna: Person) -> None:
    server, people = shared_lite, two_signers()
    first, second = (person["email_address"] for person in people)
    requests.send(server, server.api(anna.api_key), signers=people)
    sign(server, signing_token(server, first))
    before = len(mails_to(server, first))
    pass_days(server, 4)
    assert len(mails_to(server, first)) == before, "has signed"
    assert len(mails_to(server, second)) == 2
    gone = fresh_address("gone")
    bounced = requests.send(server, server.api(anna.api_key), signers=one(gone))
    server.write(lambda tx: mark_bounced(tx, bounced, server))
    pass_days(server, 8)
    assert len(mails_to(server, gone)) == 1


def mark_bounced(tx: Any, sent: Sent, server: Server) -> None:
    own = signatures.c.signature_id == sent.signature_id(0)
    tx.execute(update(signatures).where(own).values(bounced_at=server.clock.now()))


def test_a_suspended_app_reminds_nobody_until_it_may_again(shared_lite: Server, anna: Person) -> None:
    server, jack = shared_lite, fresh_address("jack")
    client = server.api(anna.api_key)
    app = make_app(client)
    requests.send(server, client, signers=one(jack), client_id=app.client_id)
    suspend(server, app.client_id)
    pass_days(server, 8)
    assert len(mails_to(server, jack)) == 1


def test_a_server_that_was_off_reminds_once(shared_lite: Server, anna: Person) -> None:
    server, jack = shared_lite, fresh_address("jack")
    requests.send(server, server.api(anna.api_key), signers=one(jack))
    server.move(30 * DAY)
    server.run_jobs()
    server.move(DAY)
    server.run_jobs()
    assert len(mails_to(server, jack)) == 2


def test_two_workers_send_one_reminder(server: Server) -> None:
    """T28, T29: both saw that it is due; the second finds it done."""
    jack = fresh_address("jack")
    requests.send(server, server.api(make_person(server).api_key), signers=one(jack))
    server.move(3 * DAY)
    (keys,) = server.read(lambda tx: reminders_due(tx, server.clock.now()))
    for _ in range(2):
        server.write(lambda tx: remind_on_time(tx, keys, server.kit))
    assert len(mails_to(server, jack)) == 2


def test_reminders_can_be_turned_off(tmp_path: Path) -> None:
    with running_server(tmp_path, reminder_days="none", expiry_reminder_days="none") as server:
        jack = fresh_address("jack")
        expires_at = server.clock.now() + 9 * DAY
        requests.send(server, server.api(make_person(server).api_key), signers=one(jack), expires_at=expires_at)
        server.move(8 * DAY)
        server.run_jobs()
        assert len(mails_to(server, jack)) == 1
        found = server.read(lambda tx: tx.scalar(select(signatures.c.next_reminder_at)))
        assert found is None


# --- expiry ------------------------------------------------------------------------------------------------


def test_before_the_end_signers_are_reminded_and_at_the_end_told(server: Server) -> None:
    alice, people = make_person(server, "Alice"), two_signers((0, 0))
    first, second = (person["email_address"] for person in people)
    client = server.api(alice.api_key)
    expires_at = server.clock.now() + 20 * DAY
    sent = requests.send(server, client, signers=people, title="Lease", expires_at=expires_at)
    with speaking(ENGLISH):
        date = moment(expires_at - expires_at % HOUR)
    assert date in mails_to(server, first)[0].text, "the invitation names the end"
    sign(server, signing_token(server, first))
    pass_days(server, 20)
    told = subjects(server, second)
    assert told[1:3] == ["Reminder: please sign Lease"] * 2
    assert [subject.startswith(f"Until {date[:12]}") for subject in told[3:5]] == [True, True]
    assert told[5:] == ["Expired: Lease"]
    assert "ask the sender" in mails_to(server, second)[-1].text
    assert "/sign/" not in mails_to(server, second)[-1].text
    assert "What you signed will not be completed" in mails_to(server, first)[-1].text
    assert subjects(server, alice.email)[-1] == "Your signature request expired"
    days = [(fact["time"] - START) // DAY for fact in events_of(server, sent, "reminded")]
    assert days == [3, 7, 13, 17]
    assert [one["status_code"] for one in requests.get(client, sent)["signatures"]] == ["signed", "expired"]
    pass_days(server, 3)
    own = request_pk(server, sent)
    server.write(lambda tx: expire_request(tx, own, server.kit))
    assert len(subjects(server, second)) == 6, "told once"


def request_pk(server: Server, sent: Sent) -> int:
    found = server.read(lambda tx: find_request(tx, sent.id))
    assert found is not None
    return found.id


def test_who_heard_within_a_day_is_not_told_that_time_runs_out(shared_lite: Server, anna: Person) -> None:
    server, jack = shared_lite, fresh_address("jack")
    client = server.api(anna.api_key)
    server.move(-server.clock.now() % HOUR)  # ends are on the hour
    expires_at = server.clock.now() + 10 * DAY + 4 * HOUR
    requests.send(server, client, signers=one(jack), expires_at=expires_at)
    pass_days(server, 3)
    assert len(subjects(server, jack)) == 2, "reminded, four hours before there are seven days to go"
    server.move(4 * HOUR)
    server.run_jobs()
    assert len(subjects(server, jack)) == 2, "not told again"
    server.move(4 * DAY - 4 * HOUR)
    server.run_jobs()
    assert [subject[:8] for subject in subjects(server, jack)[2:]] == ["Reminder"], "after seven days"
    server.move(4 * HOUR)
    server.run_jobs()
    assert len(subjects(server, jack)) == 3, "three days to go, and the last word was four hours ago"


def test_a_held_request_expires_and_is_never_sent(server: Server) -> None:
    eve, jack = make_person(server, "Eve", confirmed=False), fresh_address("jack")
    listen(server, eve)
    client = server.api(eve.api_key)
    sent = requests.send(server, client, signers=one(jack), expires_at=server.clock.now() + 2 * DAY)
    server.move(2 * DAY)
    confirm(server, eve)  # the job that expires has not come round yet
    server.run_jobs()
    assert requests.get(client, sent)["signatures"][0]["status_code"] == "expired"
    assert mails_to(server, jack) == []
    assert subjects(server, eve.email)[-1] == "Your signature request expired"
    assert types(heard(server, person=eve)) == ["expired"]
    assert "sent" not in audit_kinds(server, sent)


# --- ends that others bring about --------------------------------------------------------------------------


def test_who_signed_already_hears_that_another_declined(shared_lite: Server, anna: Person) -> None:
    server, people = shared_lite, two_signers()
    first, second = (person["email_address"] for person in people)
    requests.send(server, server.api(anna.api_key), signers=people, allow_decline=True, title="Lease")
    sign(server, signing_token(server, first))
    decline(server, signing_token(server, second), "The rent is too high.")
    last = mails_to(server, first)[-1]
    assert last.subject == "Not completed: Lease"
    assert "Second declined" in last.text
    assert "too high" not in last.text, "the reason is for the sender alone"
    assert "too high" in mails_to(server, anna.email)[-1].text
    assert all("Not completed" not in subject for subject in subjects(server, second))


def test_mails_that_the_mail_server_took_or_refused_are_evidence(tmp_path: Path) -> None:
    with postbox() as (box, settings), running_server(tmp_path, **settings, mail_from="sign@example.com") as server:
        jack, gone = fresh_address("jack"), fresh_address("gone")
        client = server.api(make_person(server).api_key)
        sent = requests.send(server, client, signers=one(jack))
        (mailed,) = events_of(server, sent, "mailed")
        message = next(message for message in box.messages if message["To"] == jack)
        assert (mailed["sent_to"], mailed["what"]) == (jack, "invitation")
        assert (mailed["signature"], mailed["message_id"]) == (sent.signature_id(0), message["Message-ID"])
        server.move(3 * DAY)
        server.run_jobs()
        assert [fact["what"] for fact in events_of(server, sent, "mailed")] == ["invitation", "reminder"]
        box.at_recipient = ["550 nobody here"]
        refused = requests.send(server, client, signers=one(gone))
        assert "mailed" not in audit_kinds(server, refused)
        (bounced,) = events_of(server, refused, "bounced")
        assert (bounced["sent_to"], "nobody here" in bounced["reason"]) == (gone, True)


# --- the moments themselves, pure --------------------------------------------------------------------------


def test_the_moments() -> None:
    settings = Settings()
    assert [time.at // DAY for time in reminder_times(0, None, settings)] == [3, 7]
    both = reminder_times(0, 20 * DAY, settings)
    assert [(time.at // DAY, time.before_expiry) for time in both] == [(3, False), (7, False), (13, True), (17, True)]
    assert [time.at // DAY for time in reminder_times(0, 5 * DAY, settings)] == [2, 3]
    assert next_reminder(0, None, 3 * DAY, settings) == 7 * DAY
    assert next_reminder(0, None, 7 * DAY, settings) is None


@given(st.integers(1, 90 * 24), st.integers(0, 100 * 24))
def test_no_moment_is_lost_or_lies_outside(hours: int, later: int) -> None:
    settings, expires_at = Settings(), hours * HOUR
    times = reminder_times(0, expires_at, settings)
    assert all(0 < time.at < expires_at for time in times)
    now = later * HOUR
    due, upcoming = reminder_due(0, expires_at, now, settings), next_reminder(0, expires_at, now, settings)
    seen = ([] if due is None else [due.at]) + ([] if upcoming is None else [upcoming])
    assert seen == sorted(seen)
    assert (due is None and upcoming is None) == (times == [])


@pytest.mark.parametrize("text", ["", "0", "3,,7", "three", "-1", "366", "3;7", "1.5", "³"])
def test_odd_lists_of_days_stop_the_start(text: str) -> None:
    with pytest.raises(Exception, match="PARAPH_REMINDER_DAYS"):
        Settings(reminder_days=text)
