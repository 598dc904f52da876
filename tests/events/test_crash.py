"""kill -9 between the POST and the note of it: delivered again, recognisable, never lost (T28)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from paraph import accounts, events
from paraph.kit import Kit
from paraph.kit.db import WriteTx
from paraph.kit.settings import Settings
from paraph.main import build_kit, open_kit
from paraph.migrations import migrate
from tests.conftest import ENGINES, database_url
from tests.helpers.receiver import receiving, waits_for

T = TypeVar("T")


def alone(settings: Settings, scenario: Callable[[Kit], Awaitable[T]]) -> T:
    """Run ``scenario`` in a process's own kit, and close it."""

    async def within() -> T:
        async with open_kit(build_kit(settings)) as kit:
            return await scenario(kit)

    return asyncio.run(within())


def record_one(tx: WriteTx, url: str, kit: Kit) -> int:
    wanted = accounts.NewAccount(
        email_address="alice@example.com", name="Alice", password_hash=None, confirmed=True, operator=False
    )
    account, key = accounts.create_account(tx, wanted, kit=kit)
    events.set_callback(tx, account_pk=account.pk, url=url, kit=kit)
    listener = events.Audience(account_pk=account.pk, account_id=account.account_id, hash_key=key)
    events.record_event(tx, event_type="signature_request_sent", body={}, audience=[listener], kit=kit)
    return account.pk


@contextmanager
def worker(settings: Settings, seconds_later: int) -> Iterator[subprocess.Popen[bytes]]:
    module = "tests.events.deliver_once"
    arguments = [str(settings.data_dir), settings.database_url, str(seconds_later)]
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@pytest.mark.parametrize("engine", ENGINES)
def test_killed_between_the_post_and_the_note_of_it(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url(engine, request))
    asyncio.run(migrate(settings))
    with receiving() as receiver:
        receiver.answers = [waits_for(threading.Event())]
        account_pk = alone(settings, lambda kit: kit.db.write(lambda tx: record_one(tx, receiver.url, kit)))
        with worker(settings, 0):
            receiver.wait_for(1)  # it has the event, has not answered, and now its sender dies

        def shown() -> list[events.Delivery]:
            page = alone(
                settings, lambda kit: kit.db.read(lambda tx: events.deliveries_of(tx, account_pk=account_pk))
            )
            return list(page)

        assert [(one.state, one.tries) for one in shown()] == [("waiting", 0)]
        with worker(settings, 3600):
            first, second = receiver.wait_for(2)
            end = time.monotonic() + 10
            while shown()[0].state != "delivered":
                assert time.monotonic() < end
        assert first.body == second.body
        assert first.delivery_id == second.delivery_id
        (delivery,) = shown()
        assert (delivery.tries, len(delivery.attempts)) == (1, 1)
