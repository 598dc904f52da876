"""The walkthrough through the official Python SDK: run as a program, by either generation of the SDK.

    python sdk_python.py PHASE STATE_FILE

Asserts what the SDK's strict models returned; keeps what the next phase needs in STATE_FILE.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from dropbox_sign import ApiClient, ApiException, Configuration, api, models

STATE = Path(sys.argv[2])
known = json.loads(STATE.read_text())
HOST = known["url"] + "/v3"


def keep(**facts: object) -> None:
    known.update(facts)
    STATE.write_text(json.dumps(known))


def by_key() -> ApiClient:
    return ApiClient(Configuration(host=HOST, username=known["api_key"], ignore_operation_servers=True))


def by_token() -> ApiClient:
    return ApiClient(Configuration(host=HOST, access_token=known["access_token"], ignore_operation_servers=True))


def refused(status: int, name: str, call, *arguments, **options) -> None:
    try:
        call(*arguments, **options)
    except ApiException as error:
        assert error.status == status, (error.status, error.body)
        assert json.loads(error.body)["error"]["error_name"] == name, error.body
    else:
        raise AssertionError(f"{call} was not refused")


def account_and_app() -> None:
    with by_key() as connection:
        accounts = api.AccountApi(connection)
        account = accounts.account_get().account
        assert account.account_id == known["account_id"] and account.email_address == known["email"]
        assert accounts.account_get(email_address=known["email"]).account.account_id == known["account_id"]
        updated = accounts.account_update(models.AccountUpdateRequest(locale="en-GB")).account
        assert updated.locale == "en-GB"
        found = accounts.account_verify(models.AccountVerifyRequest(email_address=known["email"])).account
        assert found.email_address == known["email"]
        refused(
            404, "not_found", accounts.account_verify, models.AccountVerifyRequest(email_address="nobody@example.com")
        )
        apps = api.ApiAppApi(connection)
        oauth = models.SubOAuth(callback_url=known["callback"], scopes=["account_access", "signature_request_access"])
        created = apps.api_app_create(
            models.ApiAppCreateRequest(
                name=known["app_name"], domains=["example.com"], callback_url=known["events"], oauth=oauth
            )
        ).api_app
        assert created.is_approved is False and created.oauth.charges_users is True
        assert len(created.client_id) == 32 and len(created.oauth.secret) == 32
        got = apps.api_app_get(created.client_id).api_app
        assert got.owner_account.email_address == known["email"] and got.domains == ["example.com"]
        renamed = apps.api_app_update(created.client_id, models.ApiAppUpdateRequest(name=known["app_name"] + " 2"))
        assert renamed.api_app.name == known["app_name"] + " 2"
        listed = apps.api_app_list(page=1, page_size=5)
        assert created.client_id in [one.client_id for one in listed.api_apps] and listed.list_info.page_size == 5
        doomed = apps.api_app_create(
            models.ApiAppCreateRequest(name=known["app_name"] + " doomed", domains=["example.com"])
        ).api_app
        assert doomed.oauth is None
        apps.api_app_delete(doomed.client_id)
        refused(404, "not_found", apps.api_app_get, doomed.client_id)
        keep(client_id=created.client_id, client_secret=created.oauth.secret)


def tokens() -> None:
    with by_key() as connection:
        oauth = api.OAuthApi(connection)
        wanted = models.OAuthTokenGenerateRequest(
            client_id=known["client_id"],
            client_secret=known["client_secret"],
            code=known["code"],
            state="900e06e2",
            grant_type="authorization_code",
        )
        pair = oauth.oauth_token_generate(wanted)
        assert pair.token_type == "Bearer" and pair.expires_in == 3600 and pair.state == "900e06e2"
        again = oauth.oauth_token_refresh(
            models.OAuthTokenRefreshRequest(grant_type="refresh_token", refresh_token=pair.refresh_token)
        )
        assert again.access_token != pair.access_token and again.refresh_token
        refused(
            400,
            "invalid_grant",
            oauth.oauth_token_refresh,
            models.OAuthTokenRefreshRequest(grant_type="refresh_token", refresh_token="nonsense"),
        )
        keep(access_token=again.access_token, refresh_token=again.refresh_token)
    with by_token() as connection:
        assert api.AccountApi(connection).account_get().account.account_id == known["account_id"]
        refused(403, "forbidden", api.TemplateApi(connection).template_list)


def invite() -> None:
    with by_key() as connection:
        accounts = api.AccountApi(connection)
        made = accounts.account_create(
            models.AccountCreateRequest(
                email_address=known["invited"], client_id=known["client_id"], client_secret=known["client_secret"]
            )
        )
        assert made.account.email_address == known["invited"] and made.oauth_data.token_type == "Bearer"
        keep(invited_token=made.oauth_data.access_token)
        refused(
            400, "bad_request", accounts.account_create, models.AccountCreateRequest(email_address=known["invited"])
        )


def send() -> None:
    with by_token() as connection, Path(known["document"]).open("rb") as file:
        requests = api.SignatureRequestApi(connection)
        first = models.SubSignatureRequestSigner(name="Jack", email_address=known["jack"], order=0)
        second = models.SubSignatureRequestSigner(name="Jill", email_address=known["jill"], order=1)
        sent = requests.signature_request_send(
            models.SignatureRequestSendRequest(
                title="NDA with Acme Co.",
                subject="The NDA we talked about",
                message="Please sign this NDA.\nThank you.",
                signers=[first, second],
                cc_email_addresses=["lawyer1@example.com", "lawyer2@example.com"],
                files=[file],
                metadata={"custom_id": 1234, "custom_text": "NDA #9"},
                signing_options=models.SubSigningOptions(
                    draw=True, type=True, upload=True, phone=False, default_type="draw"
                ),
                field_options=models.SubFieldOptions(date_format="DD - MM - YYYY"),
                test_mode=True,
            )
        ).signature_request
        assert sent.title == "NDA with Acme Co." and sent.metadata == {"custom_id": 1234, "custom_text": "NDA #9"}
        assert [one.status_code for one in sent.signatures] == ["awaiting_signature"] * 2
        assert [one.order for one in sent.signatures] == [0, 1] and sent.test_mode is True
        keep(signature_request_id=sent.signature_request_id)
    with by_token() as connection:
        requests = api.SignatureRequestApi(connection)
        got = requests.signature_request_get(known["signature_request_id"]).signature_request
        assert got.cc_email_addresses == ["lawyer1@example.com", "lawyer2@example.com"] and not got.is_complete
        listed = requests.signature_request_list(page=1, page_size=10, query="title:NDA AND from:me")
        assert [one.signature_request_id for one in listed.signature_requests] == [sent.signature_request_id]
        refused(404, "not_found", requests.signature_request_get, "0" * 40)
        wrong = models.SignatureRequestRemindRequest(email_address="nobody@example.com")
        refused(400, "bad_request", requests.signature_request_remind, sent.signature_request_id, wrong)


def cancel() -> None:
    with by_token() as connection, Path(known["document"]).open("rb") as file:
        requests = api.SignatureRequestApi(connection)
        signer = models.SubSignatureRequestSigner(name="Jack", email_address="doomed@example.com")
        sent = requests.signature_request_send(
            models.SignatureRequestSendRequest(title="Doomed", signers=[signer], files=[file], test_mode=True)
        ).signature_request
        _when_ready(requests.signature_request_cancel, sent.signature_request_id)
        _until(lambda: _status(requests.signature_request_get, sent.signature_request_id) == 410)


def after_signing() -> None:
    request_id = known["signature_request_id"]
    with by_token() as connection:
        requests = api.SignatureRequestApi(connection)
        _until(lambda: requests.signature_request_get(request_id).signature_request.is_complete)
        pdf = _bytes(_when_ready(requests.signature_request_files, request_id, file_type="pdf"))
        assert pdf.startswith(b"%PDF-")
        assert _bytes(requests.signature_request_files(request_id, file_type="zip")).startswith(b"PK")
        uri = requests.signature_request_files_as_data_uri(request_id).data_uri
        assert uri.startswith("data:application/pdf;base64,")
        link = requests.signature_request_files_as_file_url(request_id)
        assert link.expires_at > time.time()
        Path(known["signed_file"]).write_bytes(pdf)
        keep(file_url=link.file_url)
    with by_key() as connection:
        requests = api.SignatureRequestApi(connection)
        requests.signature_request_remove(request_id)
        assert _status(requests.signature_request_get, request_id) == 404


def _status(call, *arguments) -> int:
    try:
        call(*arguments)
    except ApiException as error:
        return error.status
    return 200


def _when_ready(call, *arguments, **options):
    for _ in range(120):
        try:
            return call(*arguments, **options)
        except ApiException as error:
            if error.status not in (400, 409):
                raise
            time.sleep(0.25)
    raise AssertionError("not ready in 30 seconds")


def _until(true) -> None:
    for _ in range(120):
        if true():
            return
        time.sleep(0.25)
    raise AssertionError("not so in 30 seconds")


def _bytes(value: object) -> bytes:
    return value.read() if hasattr(value, "read") else bytes(value)


PHASES = {phase.__name__: phase for phase in (account_and_app, tokens, invite, send, cancel, after_signing)}
PHASES[sys.argv[1]]()
