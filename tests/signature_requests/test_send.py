"""POST /signature_request/send over real HTTP: it works, bad input is named, nothing half-done stays."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from paraph.signature_requests.models import request_documents, signature_requests
from tests.documents import samples
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.requests import JACK, JILL, accepted, error_of, mails_to, nda, post_send

SHAPE = {
    "test_mode": True,
    "requester_email_address": None,
    "title": "NDA with Acme Co.",
    "original_title": "The NDA we talked about",
    "subject": "The NDA we talked about",
    "message": "Line 1\nLine 2",
    "metadata": {"custom_id": 1234, "t": "x", "n": {"k": "v"}, "b": True},
    "is_complete": False,
    "is_declined": False,
    "has_error": False,
    "cc_email_addresses": ["lawyer@example.com"],
    "signing_redirect_url": "https://example.com/thanks?a=1&b=2",
    "template_ids": None,
    "custom_fields": [],
    "attachments": [],
    "response_data": [],
    "bulk_send_job_id": None,
    "client_id": None,
}


def rows(server: Server, person: Person) -> int:
    counted = select(func.count()).select_from(signature_requests).where(signature_requests.c.account_pk == person.pk)
    return int(server.read(lambda tx: tx.scalar(counted)))


def test_the_answer_has_the_vendors_shape(shared_server: Server, alice: Person) -> None:
    now = shared_server.clock.now()
    answer = post_send(
        shared_server.api(alice.api_key),
        signers=[JACK | {"order": 1}, JILL | {"order": 2}],
        subject="The NDA we talked about",
        message="Line 1\nLine 2",
        metadata=SHAPE["metadata"],
        cc_email_addresses=["lawyer@example.com"],
        signing_redirect_url="https://example.com/thanks?a=1&b=2",
        field_options={"date_format": "DD - MM - YYYY"},
        signing_options={"draw": True, "type": True, "upload": True, "phone": False, "default_type": "draw"},
        expires_at=now + 5 * 86_400 + 17,
    )
    sent = accepted(answer).json
    assert "warnings" not in answer.json()
    url = shared_server.url
    own_id = sent["signature_request_id"]
    assert len(own_id) == 40
    expected = SHAPE | {
        "signature_request_id": own_id,
        "requester_email_address": alice.email,
        "created_at": now,
        "expires_at": now + 5 * 86_400 + 17 - (now + 5 * 86_400 + 17) % 3600,
        "files_url": f"{url}/v3/signature_request/files/{own_id}",
        "signing_url": f"{url}/sign/{own_id}",
        "details_url": f"{url}/requests/{own_id}",
        "final_copy_uri": f"/v3/signature_request/final_copy/{own_id}",
    }
    signatures = sent.pop("signatures")
    assert sent == expected
    assert [len(one["signature_id"]) for one in signatures] == [32, 32]
    assert [one.pop("signature_id") for one in signatures]
    assert signatures[0] == {
        "signer_group_guid": None,
        "signer_email_address": "jack@example.com",
        "signer_name": "Jack",
        "signer_role": None,
        "order": 0,
        "status_code": "awaiting_signature",
        "decline_reason": None,
        "signed_at": None,
        "last_viewed_at": None,
        "last_reminded_at": None,
        "has_pin": False,
        "has_sms_auth": False,
        "has_sms_delivery": False,
        "sms_phone_number": None,
        "reassigned_by": None,
        "reassignment_reason": None,
        "reassigned_from": None,
        "error": None,
    }
    assert signatures[1]["order"] == 1


def test_the_answer_is_what_was_written(shared_server: Server, alice: Person) -> None:
    signers = [{"name": f"Signer {n}", "email_address": fresh_address(f"signer{n}"), "order": n} for n in range(9)]
    signers[3]["pin"] = "12345"
    attachments = [{"name": f"Licence {n}", "signer_index": n, "required": True} for n in range(5)]
    api = shared_server.api(alice.api_key)
    sent = accepted(post_send(api, signers=signers, attachments=attachments, metadata={"a": [1, None]})).json
    read = api.get(f"/v3/signature_request/{sent['signature_request_id']}").json()["signature_request"]
    assert read == sent
    assert [one["has_pin"] for one in sent["signatures"]].index(True) == 3
    assert [one["signer"] for one in sent["attachments"]] == [1, 2, 3, 4, 5]


def test_curl_with_bracket_names_as_in_the_walkthrough(shared_server: Server, alice: Person) -> None:
    client = shared_server.api(alice.api_key)
    data = {
        "title": "NDA with Acme Co.",
        "signers[0][email_address]": "jack@example.com",
        "signers[0][name]": "Jack",
        "signers[0][order]": "0",
        "signers[1][email_address]": "jill@example.com",
        "signers[1][name]": "Jill",
        "signers[1][order]": "1",
        "cc_email_addresses[0]": "lawyer@example.com",
        "cc_email_addresses[1]": "lawyer2@example.com",
        "metadata[custom_id]": "1234",
        "test_mode": "1",
    }
    files = [("file[0]", ("NDA.pdf", nda())), ("file[1]", ("AppendixA.pdf", samples.text_pdf_bytes()))]
    sent = accepted(client.post("/v3/signature_request/send", data=data, files=files))
    assert sent.json["test_mode"] is True
    assert [one["order"] for one in sent.json["signatures"]] == [0, 1]
    assert sent.json["metadata"] == {"custom_id": "1234"}
    shared_server.run_jobs()
    assert requests.get(client, sent)["has_error"] is False


def test_titles_default_as_the_vendors_do(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    only_subject = accepted(post_send(client, title=None, subject="About the NDA")).json
    assert (only_subject["title"], only_subject["original_title"]) == ("About the NDA", "About the NDA")
    neither = accepted(post_send(client, title=None)).json
    assert (neither["title"], neither["subject"], neither["signatures"][0]["order"]) == ("nda.pdf", None, None)


def test_nothing_is_mailed_before_the_files_are_ready(shared_server: Server, alice: Person) -> None:
    address = fresh_address("signer")
    accepted(post_send(shared_server.api(alice.api_key), signers=[{"name": "S", "email_address": address}]))
    assert mails_to(shared_server, address) == []
    shared_server.run_jobs()
    assert len(mails_to(shared_server, address)) == 1


def test_the_mail_says_who_and_holds_one_link(shared_lite: Server, anna: Person) -> None:
    address = fresh_address("signer")
    requests.send(
        shared_lite,
        shared_lite.api(anna.api_key),
        signers=[{"name": "Sam <b>", "email_address": address}],
        message="Please sign <soon>.",
        allow_decline=True,
    )
    (mail,) = mails_to(shared_lite, address)
    assert mail.subject == "Alice asks you to sign NDA with Acme Co."
    for words in (f"Alice ({anna.email})", "Please sign <soon>.", "decline", "Report this sender", "not legally"):
        assert words in mail.text, words
    assert mail.text.count("http") == 1
    assert "Sam &lt;b&gt;" in mail.html
    assert "&lt;soon&gt;" in mail.html


NASTY = [
    ("empty.pdf", b"", "files[1]", "empty"),
    ("noise.bin", bytes(range(256)), "files[1]", "not supported"),
    ("film.pdf", b"\x00\x00\x00\x18ftypmp42" + bytes(100), "files[1]", "not supported"),
    ("packed.docx", b"\x1f\x8b\x08" + bytes(100), "files[1]", "not supported"),
]


@pytest.mark.parametrize(("name", "content", "path", "words"), NASTY, ids=[case[0] for case in NASTY])
def test_a_file_that_is_no_document_is_named(
    shared_lite: Server, anna: Person, name: str, content: bytes, path: str, words: str
) -> None:
    files = [("nda.pdf", nda()), (name, content)]
    answer = post_send(shared_lite.api(anna.api_key), files=files)
    assert answer.status_code == 400
    error = error_of(answer)
    assert (error["error_name"], error["error_path"]) == ("bad_request", path)
    assert words in error["error_msg"]
    assert rows(shared_lite, anna) == 0


@pytest.mark.parametrize(
    ("fields", "message", "path"),
    [
        ({"files": [], "title": "x"}, "Must specify file(s) to be sent.", "files"),
        ({"signers": []}, "No signers given", "signers"),
        ({"signers": [{"name": "J"}]}, "Must specify an email_address for each signer", "signers[0].email_address"),
        ({"form_fields_per_document": [{"api_id": "a"}]}, None, "form_fields_per_document[0].document_index"),
        ({"files": [], "file_urls": ["http://example.com/a.pdf"]}, None, "file_urls[0]"),
        ({"files": [], "file_urls": ["https://10.0.0.1/a.pdf"]}, None, "file_urls[0]"),
        ({"files": [], "file_urls": ["ftp://example.com/a.pdf"]}, None, "file_urls[0]"),
        ({"title": "nul\x00"}, None, None),
    ],
)
def test_refusals_are_the_vendors(
    shared_lite: Server, anna: Person, fields: dict[str, Any], message: str | None, path: str | None
) -> None:
    answer = post_send(shared_lite.api(anna.api_key), **fields)
    assert answer.status_code == 400, answer.text
    error = error_of(answer)
    assert error["error_name"] == "bad_request"
    assert message in (None, error["error_msg"])
    assert path in (None, error.get("error_path"))
    assert rows(shared_lite, anna) == 0


def test_an_oversized_file_is_refused(lite: Server) -> None:
    alice = make_person(lite, "Alice")
    limit = lite.kit.settings.max_file_bytes
    answer = post_send(lite.api(alice.api_key), files=[("big.pdf", b"%PDF-1.7\n" + bytes(limit))])
    assert answer.status_code == 400
    assert error_of(answer)["error_path"] == "files[0]"
    assert "40 MB" in error_of(answer)["error_msg"]
    assert list(lite.kit.files.keys_older_than(-60)) == []


def test_too_many_files_are_refused(shared_lite: Server, anna: Person) -> None:
    files = [("a.pdf", b"%PDF-1.7 tiny")] * (shared_lite.kit.settings.max_files + 1)
    answer = post_send(shared_lite.api(anna.api_key), files=files)
    assert (answer.status_code, error_of(answer)["error_path"]) == (400, "files")


def test_a_name_never_becomes_a_path(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    sent = requests.send(shared_lite, client, files=[("../../etc/passwd.pdf", nda()), ("..\\..\\b?.pdf", nda())])
    names = select(request_documents.c.filename).join(
        signature_requests, signature_requests.c.id == request_documents.c.request_pk
    )
    names = names.where(signature_requests.c.signature_request_id == sent.id).order_by(request_documents.c.position)
    found = [row.filename for row in shared_lite.read(lambda tx: tx.all(names))]
    assert found == ["passwd.pdf", "b?.pdf", "Signature page"]


def test_identical_requests_in_flight_are_one(server: Server) -> None:
    alice = make_person(server, "Alice")
    clients = [server.api(alice.api_key) for _ in range(8)]

    def attempt(client: Any) -> int:
        return post_send(client, files=[("a.pdf", nda())]).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(attempt, clients))
    assert set(statuses) <= {200, 409}
    assert statuses.count(409) >= 1, "eight at once do not all run one after the other"
    assert rows(server, alice) == statuses.count(200)
    kept = len(list(server.kit.files.keys_older_than(-60)))
    assert kept == statuses.count(200), "the files of refused requests are gone"
    later = post_send(clients[0], files=[("a.pdf", nda())])
    assert later.status_code == 200, f"later, the same is a new request: {later.text}"


def test_json_with_everything_wrong_is_never_a_500(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    bodies: list[Any] = [
        {"signers": {"a": 1}},
        {"signers": [[]], "file_urls": ["https://example.com/a"]},
        {"signers": "x", "file_urls": "y"},
        {"files": "text", "signers": [JACK]},
        {"file_urls": ["https://exa mple.com/"], "signers": [JACK]},
        {"file_urls": ["https://[::1"], "signers": [JACK]},
        {"file_urls": ["https://e.com/\ud83d"], "signers": [JACK]},
        {"file_urls": ["https://example.com/a.pdf"], "signers": [JACK], "expires_at": 10**30},
        {"file_urls": ["https://example.com/a.pdf"], "signers": [JACK], "metadata": [1]},
        {"file_urls": ["https://example.com/a.pdf"], "signers": [JACK], "signing_options": 7},
        {"file_urls": ["https://example.com/a.pdf"], "signers": [JACK], "client_id": {"a": 1}},
        {"file_urls": ["https://example.com/a.pdf"], "signers": [JACK | {"name": "\ud800"}]},
    ]
    for body in bodies:
        content = json.dumps(body).encode("utf-8", "surrogatepass")
        answer = client.post(
            "/v3/signature_request/send", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400, (body, answer.text)
        assert error_of(answer)["error_name"] == "bad_request"
    assert rows(shared_lite, anna) == 0
