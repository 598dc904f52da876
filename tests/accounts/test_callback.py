"""The account's callback URL: set, test, deliveries, and the mail when it is given up."""

from __future__ import annotations

from paraph.events import DeliveryGivenUp, deliveries_of
from tests.harness import Server
from tests.helpers.accounts import log_in, make_person, submit
from tests.helpers.receiver import receiving

PAGE = "/settings/callback"


def test_set_test_and_replay(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    with receiving() as receiver:
        assert submit(client, PAGE, callback_url=receiver.url).status_code == 303
        assert receiver.url in client.get(PAGE).text
        assert submit(client, f"{PAGE}/test", at=PAGE).status_code == 303
        shared_server.run_jobs()
        received = receiver.wait_for(1)[0]
        assert received.event_type == "callback_test"
        assert received.is_signed_with(person.api_key, now=shared_server.clock.now())
        page = client.get(PAGE).text
        assert "callback_test" in page and "Delivered" in page
        (delivery,) = shared_server.read(lambda tx: deliveries_of(tx, account_pk=person.pk))
        assert submit(client, f"{PAGE}/deliveries/{delivery.delivery_id}/replay", at=PAGE).status_code == 303
        shared_server.run_jobs()
        assert [callback.event_type for callback in receiver.wait_for(2)] == ["callback_test"] * 2
        stranger = log_in(shared_server, make_person(shared_server, "Bob"))
        refused = submit(stranger, f"{PAGE}/deliveries/{delivery.delivery_id}/replay", at=PAGE)
        assert refused.status_code == 404
    assert submit(client, PAGE, callback_url="").status_code == 303
    assert "Send a test event" not in client.get(PAGE).text
    submit(client, f"{PAGE}/test", at=PAGE)
    assert "Save a callback URL first." in client.get(PAGE).text


def test_bad_urls_are_named(shared_server: Server) -> None:
    client = log_in(shared_server, make_person(shared_server))
    for url in ("nonsense", "ftp://example.com/x", "https://10.1.2.3/x", 'https://"<b>', "https://" + "x" * 3000):
        answer = submit(client, PAGE, callback_url=url)
        assert answer.status_code == 400
        assert "Invalid url for callback_url" in answer.text and "<b>" not in answer.text.split("<main")[1][:900]


def test_owner_is_mailed_when_given_up(shared_server: Server) -> None:
    person = make_person(shared_server)
    fact = DeliveryGivenUp(person.pk, None, "https://example.com/events", "signature_request_sent")
    shared_server.write(lambda tx: shared_server.kit.facts.publish(tx, fact, shared_server.kit))
    mail = next(mail for mail in reversed(shared_server.mails()) if mail["to"] == person.email)
    assert mail["subject"] == "Your callback URL does not answer"
    assert "https://example.com/events" in mail["text"] and "signature_request_sent" in mail["html"]
