"""The unmodified official Python SDK asks for codes, texts, files and reassigning, and reads what came of it."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from dropbox_sign import ApiClient, ApiException, Configuration, EventCallbackHelper, api, models
from sqlalchemy import select

from paraph.events import set_callback
from paraph.events.models import events
from tests.harness import Server
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import nda
from tests.helpers.signing import EXAMPLE, Signer

NUMBER = "+4930123000999"


def command(*, test_mode: bool = False) -> models.SignatureRequestSendRequest:
    signers = [
        models.SubSignatureRequestSigner(name="Jack", email_address=fresh_address("jack"), pin="Ross-7531"),
        models.SubSignatureRequestSigner(
            name="Jill",
            email_address=fresh_address("jill"),
            sms_phone_number=NUMBER,
            sms_phone_number_type="delivery",
        ),
        models.SubSignatureRequestSigner(name="Joe", email_address=fresh_address("joe"), sms_phone_number=NUMBER),
    ]
    attachments = [
        models.SubAttachment(name="Passport", signer_index=0, instructions="Both sides", required=True),
        models.SubAttachment(name="Payslip", signer_index=1),
    ]
    return models.SignatureRequestSendRequest(
        title="NDA",
        signers=signers,
        attachments=attachments,
        files=[nda()],
        allow_reassign=True,
        signing_options=models.SubSigningOptions(draw=True, type=True, phone=True, default_type="phone"),
        test_mode=test_mode,
    )


def test_codes_texts_files_and_reassigning(server: Server) -> None:
    alice = make_person(server, "Alice")
    server.write(lambda tx: set_callback(tx, account_pk=alice.pk, url="https://e.example.com/", kit=server.kit))
    with ApiClient(Configuration(username=alice.api_key, host=f"{server.url}/v3")) as client:
        sdk = api.SignatureRequestApi(client)
        asked = command()
        answer = sdk.signature_request_send(asked)
        assert [warning.warning_name for warning in answer.warnings or []] == ["reassign_unsupported"]
        sent = answer.signature_request
        jack, jill, joe = sent.signatures
        assert (jack.has_pin, jack.has_sms_auth, jack.has_sms_delivery, jack.sms_phone_number) == (
            True,
            False,
            False,
            None,
        )
        assert (jill.has_sms_auth, jill.has_sms_delivery, jill.sms_phone_number) == (False, True, NUMBER)
        assert (joe.has_pin, joe.has_sms_auth, joe.has_sms_delivery) == (False, True, False)
        passport, payslip = sent.attachments
        assert (passport.name, passport.signer, passport.required, passport.instructions) == (
            "Passport",
            1,
            True,
            "Both sides",
        )
        assert (payslip.signer, payslip.required, payslip.instructions, payslip.uploaded_at) == (2, False, None, None)
        server.run_jobs()
        ann = fresh_address("ann")
        heir = hand_over_and_hand_in(server, jack.signer_email_address, ann, passport.id)
        now = sdk.signature_request_get(sent.signature_request_id).signature_request
        first = now.signatures[0]
        assert (first.signer_name, first.signer_email_address, first.has_pin) == ("Ann", ann, True)
        assert (first.reassigned_by, first.reassigned_from, first.reassignment_reason) == (
            jack.signer_email_address,
            jack.signature_id,
            "On leave",
        )
        assert now.attachments[0].uploaded_at == server.clock.now()
        # what was handed in reaches the sender with the signature, not before
        assert "attachments/01 id.pdf" not in packed(sdk, sent.signature_request_id)
        heir.sign_now()
        assert "attachments/01 id.pdf" in packed(sdk, sent.signature_request_id)
        with pytest.raises(ApiException) as refused:
            sdk.signature_request_send(command(test_mode=True))
        assert refused.value.status == 400
        assert refused.value.data.error.error_path == "signers[1].sms_phone_number"
    check_events(server, alice)


def hand_over_and_hand_in(server: Server, jack: str, ann: str, passport: str) -> Signer:
    """Jack passes on to Ann, who hands in her passport; returns Ann."""
    code = {"method": "access_code", "code": "Ross-7531"}
    old = Signer(server, "Jack", jack, server.client()).find_link()
    old.post("/access", code)
    assert old.post("/reassign", {"name": "Ann", "email": ann, "reason": "On leave"}).status_code == 200
    heir = Signer(server, "Ann", ann, server.client()).find_link()
    heir.post("/access", code)
    assert heir.view().status_code == 204
    assert heir.agree().status_code == 303
    answer = heir.post(f"/attachments/{passport}", files={"file": ("id.pdf", EXAMPLE.read_bytes())})
    assert answer.status_code == 303
    return heir


def packed(sdk: api.SignatureRequestApi, signature_request_id: str) -> list[str]:
    """The names in the sender's ZIP."""
    answer = sdk.signature_request_files(signature_request_id, file_type="zip").read()
    return zipfile.ZipFile(io.BytesIO(answer)).namelist()


def check_events(server: Server, alice: Person) -> None:
    """The SDK's own helper accepts every payload."""
    rows = server.read(lambda tx: tx.all(select(events.c.payload).where(events.c.account_pk == alice.pk)))
    told = [models.EventCallbackRequest.init(json.loads(row.payload)) for row in rows]
    assert all(EventCallbackHelper.is_valid(api_key=alice.api_key, event_callback=event) for event in told)
    assert "signature_request_reassigned" in [event.event.event_type for event in told]
