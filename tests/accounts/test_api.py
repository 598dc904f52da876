"""GET/PUT /v3/account and POST /v3/account/verify, as the vendor's SDK reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from dropbox_sign import ApiClient, ApiException, Configuration, api, models
from sqlalchemy import select

from paraph.accounts import LOCALES
from paraph.accounts.models import account_activity
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person


def sdk(server: Server, key: str) -> api.AccountApi:
    return api.AccountApi(ApiClient(Configuration(host=f"{server.url}/v3", username=key)))


def test_own_account_by_sdk(shared_server: Server) -> None:
    person = make_person(shared_server)
    calls = sdk(shared_server, person.api_key)
    account = calls.account_get().account
    assert (account.account_id, account.email_address) == (person.account_id, person.email)
    assert calls.account_get(account_id=person.account_id).account.account_id == person.account_id
    assert calls.account_get(email_address=person.email.upper()).account.account_id == person.account_id
    updated = calls.account_update(models.AccountUpdateRequest(locale="de-DE", callback_url="https://example.com/cb"))
    assert (updated.account.locale, updated.account.callback_url) == ("de-DE", "https://example.com/cb")
    verified = calls.account_verify(models.AccountVerifyRequest(email_address=person.email))
    assert verified.account.email_address == person.email
    with pytest.raises(ApiException) as unknown:
        calls.account_verify(models.AccountVerifyRequest(email_address="nobody@example.com"))
    assert unknown.value.status == 404
    assert unknown.value.data.error.error_name == "not_found"


def test_exact_shape(shared_server: Server) -> None:
    person = make_person(shared_server)
    answer = shared_server.api(person.api_key).get("/v3/account")
    assert answer.json() == {
        "account": {
            "account_id": person.account_id,
            "email_address": person.email,
            "is_locked": False,
            "is_paid_hs": True,
            "is_paid_hf": False,
            "quotas": {
                "api_signature_requests_left": None,
                "documents_left": None,
                "templates_total": None,
                "templates_left": None,
                "sms_verifications_left": None,
                "num_fax_pages_left": None,
            },
            "callback_url": None,
            "role_code": None,
            "team_id": None,
            "locale": "en-US",
            "usage": {"fax_pages_sent": 0},
            "settings": {"signer_access_codes": True, "sms_delivery": True, "sms_authentication": True},
        }
    }
    assert int(answer.headers["x-ratelimit-limit"]) > 0


def test_unconfirmed_accounts_are_warned(shared_server: Server) -> None:
    person = make_person(shared_server, confirmed=False)
    for answer in (
        shared_server.api(person.api_key).get("/v3/account"),
        shared_server.api(person.api_key).put("/v3/account", json={"locale": "en-GB"}),
    ):
        assert [warning["warning_name"] for warning in answer.json()["warnings"]] == ["unconfirmed"]


def test_others_are_not_found(shared_server: Server) -> None:
    alice, bob = make_person(shared_server), make_person(shared_server, "Bob")
    client = shared_server.api(bob.api_key)
    for query in (
        {"account_id": alice.account_id},
        {"email_address": alice.email},
        {"account_id": "0" * 40},
        {"email_address": "nobody@example.com"},
        {"email_address": "not an address"},
        {"account_id": alice.account_id, "email_address": bob.email},
    ):
        answer = client.get("/v3/account", params=query)
        assert answer.status_code == 404, query
        assert answer.json() == {"error": {"error_msg": "Account not found", "error_name": "not_found"}}
    assert client.put("/v3/account", json={"account_id": alice.account_id, "locale": "fr-FR"}).status_code == 404
    assert client.get("/v3/account", params={"account_id": bob.account_id, "email_address": alice.email}).is_success


def test_credentials(shared_server: Server) -> None:
    assert shared_server.client().get("/v3/account").json() == {
        "error": {"error_msg": "Unauthorized user. No credentials supplied.", "error_name": "unauthorized"}
    }
    wrong = shared_server.api("0" * 64).get("/v3/account")
    assert wrong.status_code == 401
    assert wrong.json() == {"error": {"error_msg": "Unauthorized api key", "error_name": "unauthorized"}}
    assert shared_server.api("ключ").get("/v3/account").status_code == 401


@pytest.mark.parametrize("how", ["json", "data", "files"])
def test_update_in_every_encoding(shared_server: Server, how: str) -> None:
    person = make_person(shared_server)
    client = shared_server.api(person.api_key)

    def put(**fields: str) -> dict[str, object]:
        sent = {name: (None, value) for name, value in fields.items()} if how == "files" else fields
        answer = client.put("/v3/account", **{how: sent})
        assert answer.status_code == 200, answer.text
        account: dict[str, object] = answer.json()["account"]
        return account

    assert put(callback_url="https://example.com/events")["callback_url"] == "https://example.com/events"
    assert put(locale="ja-JP")["callback_url"] == "https://example.com/events", "what is not given stays"
    assert put(callback_url="")["callback_url"] is None
    assert client.post("/v3/account", json={"locale": "pt-BR"}).json()["account"]["locale"] == "pt-BR"


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://example.com", "https://u:p@example.com", "https://10.0.0.1/x", "http://example.com/"]
)
def test_bad_callback_urls(shared_server: Server, url: str) -> None:
    person = make_person(shared_server)
    answer = shared_server.api(person.api_key).put("/v3/account", json={"callback_url": url, "locale": "fr-FR"})
    assert answer.status_code == 400
    assert answer.json()["error"]["error_msg"] == f"Invalid url for callback_url : {url}"
    account = shared_server.api(person.api_key).get("/v3/account").json()["account"]
    assert account["locale"] == "en-US", "a refused update changes nothing"


def test_locales(shared_server: Server) -> None:
    assert len(LOCALES) == 24, "the vendor's 23 and Arabic"
    person = make_person(shared_server)
    client = shared_server.api(person.api_key)
    for code in LOCALES:
        assert client.put("/v3/account", json={"locale": code}).json()["account"]["locale"] == code
    refused = client.put("/v3/account", json={"locale": "es-MX"})
    assert refused.status_code == 400 and refused.json()["error"]["error_path"] == "locale"


def test_verify(shared_server: Server) -> None:
    asker, known = make_person(shared_server), make_person(shared_server, "Known")
    client = shared_server.api(asker.api_key)
    answer = client.post("/v3/account/verify", files={"email_address": (None, known.email)})
    assert answer.json() == {"account": {"account_id": known.account_id, "email_address": known.email}}
    unknown = client.post("/v3/account/verify", json={"email_address": "nobody@example.com"})
    assert unknown.status_code == 404
    assert unknown.json() == {"error": {"error_msg": "Account not found", "error_name": "not_found"}}
    for body in ({}, {"email_address": ""}, {"email_address": "nonsense"}, {"email_address": ["a", "b"]}):
        bad = client.post("/v3/account/verify", json=body)
        assert bad.status_code == 400 and bad.json()["error"]["error_name"] == "bad_request"


def test_verify_is_limited_and_audited(server: Server) -> None:
    asker, other = make_person(server), make_person(server, "Other")
    client = server.api(asker.api_key)
    statuses = [
        client.post("/v3/account/verify", json={"email_address": f"{number}@example.com"}).status_code
        for number in range(103)
    ]
    assert statuses == [404] * 100 + [429] * 3
    limited = client.post("/v3/account/verify", json={"email_address": other.email})
    assert limited.json()["error"]["error_name"] == "exceeded_rate" and "retry-after" in limited.headers
    rows = server.read(
        lambda tx: tx.all(select(account_activity).where(account_activity.c.what == "address_verified"))
    )
    assert len(rows) == 100 and all(row.account_pk == asker.pk for row in rows)
    assert all("@" not in str(row.detail) for row in rows), "the audit can be searched for an address, not read"
    assert server.api(other.api_key).post("/v3/account/verify", json={"email_address": asker.email}).is_success
    server.move(3600)
    assert client.post("/v3/account/verify", json={"email_address": other.email}).is_success


def test_verify_can_be_switched_off(tmp_path: Path) -> None:
    with running_server(tmp_path, account_verify_enabled=False) as server:
        person = make_person(server)
        answer = server.api(person.api_key).post("/v3/account/verify", json={"email_address": person.email})
        assert answer.status_code == 403 and answer.json()["error"]["error_name"] == "forbidden"
