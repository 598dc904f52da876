"""``paraph doctor`` on a server at work: each trouble is named with its fix; accounts on the command line."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from paraph.accounts.models import operator_acts
from paraph.doctor_running import examine_certificate, examine_mail, examine_running
from paraph.events.models import deliveries
from paraph.kit.queue import jobs
from paraph.kit.settings import Settings
from tests.harness import Server, free_port, running_server
from tests.helpers.accounts import make_person
from tests.helpers.process import Installation, installation
from tests.kit.test_mail import postbox


def examined(server: Server) -> dict[str, Any]:
    settings = server.kit.settings
    return {one.subject: one for one in asyncio.run(examine_running(settings))}


@pytest.fixture(scope="module")
def place(shared_server: Server) -> Server:
    """The doctor lives by the clock of the world."""
    shared_server.clock.move(int(time.time()) - shared_server.clock.now())
    return shared_server


def test_a_healthy_server_has_no_problem(place: Server) -> None:
    found = examined(place)
    assert [one for one in found.values() if one.is_problem] == []
    assert {"schema", "queue", "deliveries"} <= found.keys()
    assert ("clock" in found) == (place.kit.db.name == "postgresql")


def test_work_that_waits_fails_or_was_given_up_is_named(place: Server) -> None:
    now = place.clock.now()
    fixed = {"lane": "work", "payload": {}, "created_at": now - 700, "name": "kit.sweep"}
    place.write(lambda tx: tx.insert(jobs, fixed | {"due_at": now - 600}))
    failing = {"name": "mail.deliver", "error": "refused", "waits_for": "mail_server", "attempts": 4}
    place.write(lambda tx: tx.insert(jobs, fixed | failing | {"due_at": now + 600}))
    found = examined(place)
    assert found["queue"].is_problem
    assert "has waited 60" in found["queue"].says
    assert "paraph worker" in found["queue"].fix
    stuck = found["stuck job, mail.deliver"]
    assert "Waits for the mail server: refused" in stuck.says
    place.write(lambda tx: tx.execute(jobs.delete().where(jobs.c.payload == {})))
    assert not examined(place)["queue"].is_problem


def test_an_old_schema_is_named(lite: Server) -> None:
    lite.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '0005'")))
    (found,) = examined(lite).values()
    assert (found.subject, found.is_problem, "paraph migrate" in found.fix) == ("schema", True, True)
    assert lite.read(lambda tx: tx.scalar(select(deliveries.c.id))) is None


def test_the_mail_server_is_tried(tmp_path: Path) -> None:
    def found(settings: Settings) -> Any:
        (one,) = asyncio.run(examine_mail(settings))
        return one

    with postbox() as (box, options):
        settings = Settings(data_dir=tmp_path, **options)
        assert found(settings).verdict == "ok"
        assert box.taken == []
    gone = found(replace(settings, smtp_port=free_port()))
    assert gone.is_problem
    assert "PARAPH_SMTP_HOST" in gone.fix
    assert asyncio.run(examine_mail(replace(settings, smtp_host=""))) == []


def test_the_certificate_that_ends_soon_is_named(
    lite: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (found,) = examine_certificate(lite.kit.settings)
    assert found.verdict == "ok"
    monkeypatch.setattr("paraph.doctor_running.EXPIRES_SOON_DAYS", 365 * 20)
    (found,) = examine_certificate(lite.kit.settings)
    assert found.is_problem
    assert examine_certificate(Settings(data_dir=tmp_path / "new")) == []
    assert not (tmp_path / "new").exists(), "looking makes nothing"


def test_an_account_is_suspended_and_resumed_on_the_command_line(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        bob = make_person(server, "Bob")
        place: Installation = installation(tmp_path)
        told = json.loads(place.cli("account", "suspend", bob.email, "--reason", "Spam", "--json").stdout)
        assert told == {"email_address": bob.email, "account_id": bob.account_id, "state": "suspended"}
        assert server.api(bob.api_key).get("/v3/account").status_code == 403
        assert place.cli("account", "suspend", bob.email, check=False).returncode == 2
        place.cli("account", "resume", bob.email)
        assert server.api(bob.api_key).get("/v3/account").status_code == 200
        assert "no account" in place.cli("account", "resume", "nobody@example.com", check=False).stderr
        acts = server.read(
            lambda tx: tx.all(select(operator_acts.c.what, operator_acts.c.operator, operator_acts.c.note))
        )
    assert [tuple(act) for act in acts] == [
        ("account_suspended", "command line", "Spam"),
        ("account_resumed", "command line", None),
    ]
