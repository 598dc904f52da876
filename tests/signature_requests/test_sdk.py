"""The unmodified official Python SDK (dropbox-sign 2.0.0) sends, follows and fetches a request, parsing strictly."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from dropbox_sign import ApiClient, ApiException, Configuration, EventCallbackHelper, api, models
from sqlalchemy import select

from paraph.events import set_callback
from paraph.events.models import events
from tests.harness import Server
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import nda, sign, signing_token


@pytest.fixture
def alice(server: Server) -> Person:
    return make_person(server, "Alice")


@pytest.fixture
def sdk(server: Server, alice: Person) -> Iterator[api.SignatureRequestApi]:
    with ApiClient(Configuration(username=alice.api_key, host=f"{server.url}/v3")) as client:
        yield api.SignatureRequestApi(client)


def command(first: str, second: str) -> models.SignatureRequestSendRequest:
    return models.SignatureRequestSendRequest(
        title="NDA with Acme Co.",
        subject="The NDA we talked about",
        message="Please sign this NDA.",
        signers=[
            models.SubSignatureRequestSigner(name="Jack", email_address=first, order=0),
            models.SubSignatureRequestSigner(name="Jill", email_address=second, order=1),
        ],
        cc_email_addresses=["lawyer1@example.com", "lawyer2@example.com"],
        files=[nda(), nda()],
        metadata={"custom_id": 1234, "custom_text": "NDA #9"},
        signing_options=models.SubSigningOptions(draw=True, type=True, upload=True, phone=True, default_type="draw"),
        field_options=models.SubFieldOptions(date_format="DD - MM - YYYY"),
        test_mode=True,
        allow_decline=True,
        signing_redirect_url="https://example.com/thanks",
    )


def test_the_whole_life_of_a_request(server: Server, alice: Person, sdk: api.SignatureRequestApi) -> None:
    server.write(lambda tx: set_callback(tx, account_pk=alice.pk, url="https://e.example.com/", kit=server.kit))
    first, second = fresh_address("jack"), fresh_address("jill")
    answer = sdk.signature_request_send(command(first, second))
    assert answer.warnings is None
    sent = answer.signature_request
    assert sent.metadata == {"custom_id": 1234, "custom_text": "NDA #9"}
    request_id = sent.signature_request_id or ""
    server.run_jobs()
    assert sdk.signature_request_get(request_id).signature_request == sent
    listed = sdk.signature_request_list(account_id="all", page=1, page_size=5, query="title:NDA AND from:me")
    assert [one.signature_request_id for one in listed.signature_requests] == [request_id]
    assert listed.list_info.num_results == 1
    reminded = sdk.signature_request_remind(request_id, models.SignatureRequestRemindRequest(email_address=first))
    assert reminded.signature_request.signatures[0].last_reminded_at == server.clock.now()
    sign(server, signing_token(server, first))
    sign(server, signing_token(server, second))
    done = sdk.signature_request_get(request_id).signature_request
    assert done.is_complete is True
    assert sdk.signature_request_files(request_id, file_type="pdf").read().startswith(b"%PDF-")
    assert sdk.signature_request_files(request_id, file_type="zip").read().startswith(b"PK")
    assert sdk.signature_request_files_as_data_uri(request_id).data_uri.startswith("data:application/pdf;base64,")
    assert sdk.signature_request_files_as_file_url(request_id, force_download=0).expires_at > server.clock.now()
    sdk.signature_request_remove(request_id)
    with pytest.raises(ApiException) as gone:
        sdk.signature_request_get(request_id)
    assert gone.value.status == 404
    check_events(server, alice)


def check_events(server: Server, alice: Person) -> None:
    """The SDK's own helper accepts every payload."""
    rows = server.read(lambda tx: tx.all(select(events.c.payload).where(events.c.account_pk == alice.pk)))
    assert len(rows) >= 8
    for row in rows:
        event = models.EventCallbackRequest.init(json.loads(row.payload))
        assert EventCallbackHelper.is_valid(api_key=alice.api_key, event_callback=event)
        assert event.signature_request is not None


def test_cancelled_and_wrong(server: Server, sdk: api.SignatureRequestApi) -> None:
    sent = sdk.signature_request_send(command(fresh_address("jack"), fresh_address("jill"))).signature_request
    server.run_jobs()
    with pytest.raises(ApiException) as stranger:
        sdk.signature_request_remind(
            sent.signature_request_id, models.SignatureRequestRemindRequest(email_address="nobody@example.com")
        )
    assert stranger.value.status == 400
    assert stranger.value.data.error.error_msg == "nobody@example.com is not a signer"
    sdk.signature_request_cancel(sent.signature_request_id)
    with pytest.raises(ApiException) as cancelled:
        sdk.signature_request_get(sent.signature_request_id)
    assert cancelled.value.status == 410
