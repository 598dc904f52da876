"""When sending waits or is braked: unconfirmed senders, accounts that changed hands, new accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from paraph.accounts import AccountConfirmed, PasswordReset
from paraph.accounts.models import accounts
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import accepted, mails_to, post_send

if TYPE_CHECKING:
    from paraph.kit.db import WriteTx
    from tests.harness import Server


def test_a_new_account_cannot_mail_the_whole_world(lite: Server) -> None:
    alice = make_person(lite, "Alice")
    client = lite.api(alice.api_key)
    people = [f"copy{number}@example.com" for number in range(50)]
    statuses = [post_send(client, title=f"{n}", cc_email_addresses=people).status_code for n in range(10)]
    assert statuses[:9] == [200] * 9
    assert statuses[9] == 429
    lite.move(8 * 86_400)
    assert post_send(client, cc_email_addresses=people).status_code == 200


def test_a_sender_who_is_not_confirmed_waits(server: Server) -> None:
    eve, address = make_person(server, "Eve", confirmed=False), fresh_address("signer")
    client = server.api(eve.api_key)
    answer = post_send(client, signers=[{"name": "S", "email_address": address}])
    sent = accepted(answer)
    assert [one["warning_name"] for one in answer.json()["warnings"]] == ["unconfirmed"]
    server.run_jobs()
    assert requests.get(client, sent)["signatures"][0]["status_code"] == "on_hold"
    assert mails_to(server, address) == []
    confirm(server, eve)
    server.run_jobs()
    assert requests.get(client, sent)["signatures"][0]["status_code"] == "awaiting_signature"
    assert len(mails_to(server, address)) == 1


def test_confirming_while_the_files_are_prepared_sends_too(lite: Server) -> None:
    eve, address = make_person(lite, "Eve", confirmed=False), fresh_address("signer")
    sent = accepted(post_send(lite.api(eve.api_key), signers=[{"name": "S", "email_address": address}]))
    confirm(lite, eve)
    assert requests.get(lite.api(eve.api_key), sent)["signatures"][0]["status_code"] == "awaiting_signature"
    lite.run_jobs()
    assert len(mails_to(lite, address)) == 1


def test_what_a_stranger_sent_is_not_released_by_the_owner_of_the_mailbox(server: Server) -> None:
    """Somebody signs up with my address and sends; I take the account over by resetting its password."""
    eve, address = make_person(server, "Eve", confirmed=False), fresh_address("signer")
    client = server.api(eve.api_key)
    held = requests.send(server, client, signers=[{"name": "S", "email_address": address}])
    preparing = accepted(post_send(client, title="Second", signers=[{"name": "S", "email_address": address}]))

    def take_over(tx: WriteTx) -> None:
        server.kit.facts.publish(tx, PasswordReset(eve.pk, was_unconfirmed=True, revoke_grants=False), server.kit)
        mark_confirmed(tx, server, eve)

    server.write(take_over)
    server.run_jobs()
    assert mails_to(server, address) == []
    for sent in (held, preparing):
        assert client.get(f"/v3/signature_request/{sent.id}").status_code == 410


def confirm(server: Server, person: Person) -> None:
    """As the page behind the mailed link does: the fact is published in its transaction."""
    server.write(lambda tx: mark_confirmed(tx, server, person))


def mark_confirmed(tx: WriteTx, server: Server, person: Person) -> None:
    tx.execute(update(accounts).where(accounts.c.id == person.pk).values(confirmed_at=server.clock.now()))
    server.kit.facts.publish(tx, AccountConfirmed(person.pk), server.kit)
