"""Retention: the files of what is over go for good, the evidence stays, and nothing else is touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from paraph.kit.sweep import file_columns
from paraph.signature_requests import PROPERTY_HEAD, chain_of, is_intact
from paraph.signature_requests.models import request_fields, signature_requests
from paraph.signature_requests.queries import find_request, load_whole
from paraph.signature_requests.retention import _file_columns, delete_files, due_for_deletion
from tests.conftest import database_url
from tests.documents.samples import text_pdf_bytes
from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import fresh_address, log_in, make_person
from tests.helpers.requests import Sent, audit_kinds, decline, error_of, mails_to, nda, sign, signing_token

DAY = 86_400
FIELD = {
    "document_index": 0,
    "api_id": "own",
    "type": "signature",
    "signer": 0,
    "required": True,
    "page": 1,
    "x": 50,
    "y": 50,
    "width": 150,
    "height": 40,
}


@pytest.fixture(params=("sqlite", "postgresql"))
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that deletes files 30 days after the end, on each engine."""
    with running_server(tmp_path / "data", database_url(request.param, request), retention_days=30) as running:
        yield running


def bytes_on_disk(server: Server) -> list[bytes]:
    """What lies in the store and in the folder of page pictures."""
    folder = server.kit.settings.data_dir
    found = [*(folder / "files").rglob("*"), *(folder / "cache").rglob("*")]
    return [path.read_bytes() for path in found if path.is_file()]


def request_row(server: Server, sent: Sent) -> Any:
    own = signature_requests.c.signature_request_id == sent.id
    return server.read(lambda tx: tx.one_or_none(select(signature_requests).where(own)))


def later(server: Server, days: int) -> None:
    """Days go by on the server's clock, and on the disk's, by which orphans are swept: each state before the last."""
    server.move(days * DAY)
    for path in (server.kit.settings.data_dir / "files").rglob("*"):
        os.utime(path, (0, 0))
    server.run_jobs()
    server.run_jobs()


def finished(server: Server, client: Any, jack: str) -> Sent:
    two = [("one.pdf", text_pdf_bytes(1)), ("two.pdf", text_pdf_bytes(2))]
    people = [{"name": "Jack", "email_address": jack}]
    fields = {"form_fields_per_document": [FIELD]}
    sent = requests.send(server, client, signers=people, files=two, title="Lease", **fields)
    token = signing_token(server, jack)
    browser = server.client()
    requests.view(server, token)
    assert browser.get(f"/sign/{token}/documents/0/pages/1.jpg").status_code == 200
    sign(server, token)
    assert client.get(f"/v3/signature_request/files/{sent.id}", params={"file_type": "zip"}).status_code == 200
    return sent


def test_files_go_for_good_and_the_evidence_stays(keeper: Server) -> None:
    alice, jack = make_person(keeper, "Alice"), fresh_address("jack")
    client = keeper.api(alice.api_key)
    sent = finished(keeper, client, jack)
    copy = client.get(f"/v3/signature_request/files/{sent.id}").content
    link = client.get(f"/v3/signature_request/files_as_file_url/{sent.id}").json()["file_url"]
    later(keeper, 29)
    assert len(bytes_on_disk(keeper)) > 5
    assert client.get(f"/v3/signature_request/files/{sent.id}").status_code == 200
    later(keeper, 1)
    assert bytes_on_disk(keeper) == [], "documents, sealed file, zip and pictures of pages"
    for path in ("files", "files_as_data_uri", "files_as_file_url", "evidence"):
        answer = client.get(f"/v3/signature_request/{path}/{sent.id}")
        assert (answer.status_code, error_of(answer)["error_name"]) == (410, "deleted"), path
    zipped = client.get(f"/v3/signature_request/files/{sent.id}", params={"file_type": "zip"})
    assert zipped.status_code == 410
    assert keeper.client().get(link.removeprefix(keeper.kit.settings.public_url)).status_code in (404, 410)
    check_what_is_kept(keeper, sent, copy)
    check_pages(keeper, sent, alice, jack)


def check_what_is_kept(server: Server, sent: Sent, copy: bytes) -> None:
    request = server.read(lambda tx: find_request(tx, sent.id))
    assert request is not None
    assert request.is_sealed
    assert (request.file_key, request.zip_key) == (None, None)
    chain = server.read(lambda tx: chain_of(tx, request.id))
    assert is_intact(chain)
    (deleted,) = [event.facts for event in chain if event.kind == "files_deleted"]
    assert deleted["after_days"] == 30
    assert request.file_sha256 in deleted["files"]
    whole = server.read(lambda tx: load_whole(tx, request.id))
    assert whole.signatures[0].signing
    assert whole.signatures[0].consent
    assert all(document.pdf_sha256 for document in whole.documents)
    held = server.read(lambda tx: tx.all(select(request_fields.c.mark, request_fields.c.picture_key)))
    assert {tuple(row) for row in held} == {(None, None)}
    answer = server.client().post("/v3/verify", files={"file": ("copy.pdf", copy)})
    found = answer.json()["verification"]
    assert (found["is_archived"], found["outcome"]) == (True, "sealed_unchanged"), "a copy can still be told genuine"
    assert PROPERTY_HEAD


def check_pages(server: Server, sent: Sent, alice: Any, jack: str) -> None:
    page = log_in(server, alice).get(f"/requests/{sent.id}").text
    assert "The files were deleted on" in page
    assert "/file" not in page
    assert "Download the evidence" not in page
    base = f"/sign/{signing_token(server, jack)}"
    own = server.client().get(base)
    assert own.status_code == 200
    assert "no longer kept here" in own.text
    assert "final.pdf" not in own.text
    assert server.client().get(f"{base}/final.pdf").status_code == 410
    api = server.api(alice.api_key).get(f"/v3/signature_request/{sent.id}")
    told = api.json()["signature_request"]
    assert told["is_complete"] is True
    assert [one["is_signed"] for one in told["response_data"]] == [True], "that it was signed is no file"


def test_only_what_is_over_is_touched(keeper: Server) -> None:
    alice, people = make_person(keeper, "Alice"), requests.two_signers()
    client = keeper.api(alice.api_key)
    still_open = requests.send(keeper, client, signers=people, files=[("open.pdf", nda())])
    sign(keeper, signing_token(keeper, people[0]["email_address"]))
    declined_by = fresh_address("declined")
    declined = requests.send(
        keeper, client, signers=[{"name": "D", "email_address": declined_by}], allow_decline=True, title="Declined"
    )
    decline(keeper, signing_token(keeper, declined_by))
    unsealed_by = fresh_address("unsealed")
    unsealed = requests.complete(keeper, client, signers=[{"name": "U", "email_address": unsealed_by}], title="U")
    own = signature_requests.c.signature_request_id == unsealed.id
    keeper.write(lambda tx: tx.execute(update(signature_requests).where(own).values(is_sealed=False)))
    later(keeper, 60)
    assert request_row(keeper, declined).files_deleted_at is not None
    assert request_row(keeper, declined).file_key is None
    for kept in (still_open, unsealed):
        row = request_row(keeper, kept)
        assert (row.files_deleted_at, row.file_key is None) == (None, False)
    sign(keeper, signing_token(keeper, people[1]["email_address"]))
    assert client.get(f"/v3/signature_request/files/{still_open.id}").status_code == 200
    assert mails_to(keeper, people[1]["email_address"])


def test_a_second_worker_finds_it_done(keeper: Server) -> None:
    client, jack = keeper.api(make_person(keeper).api_key), fresh_address("jack")
    sent = requests.complete(keeper, client, signers=[{"name": "Jack", "email_address": jack}])
    keeper.move(30 * DAY)
    (own,) = keeper.read(lambda tx: due_for_deletion(tx, keeper.clock.now(), 30))
    for _ in range(2):
        keeper.write(lambda tx: delete_files(tx, own, keeper.kit))
    assert audit_kinds(keeper, sent).count("files_deleted") == 1
    assert keeper.read(lambda tx: due_for_deletion(tx, keeper.clock.now(), 30)) == []


def test_a_file_that_another_row_mentions_stays(tmp_path: Path) -> None:
    with running_server(tmp_path, retention_days=30) as server:
        client, jack = server.api(make_person(server).api_key), fresh_address("jack")
        old = requests.complete(server, client, signers=[{"name": "Jack", "email_address": jack}])
        server.move(20 * DAY)
        new = requests.complete(server, client, signers=[{"name": "Jack", "email_address": jack}], title="New")
        shared = request_row(server, new).file_key
        own = signature_requests.c.signature_request_id == old.id
        server.write(lambda tx: tx.execute(update(signature_requests).where(own).values(zip_key=shared)))
        later(server, 10)
        assert request_row(server, old).files_deleted_at is not None
        assert client.get(f"/v3/signature_request/files/{new.id}").status_code == 200


def test_without_the_setting_files_stay(lite: Server) -> None:
    client, jack = lite.api(make_person(lite).api_key), fresh_address("jack")
    sent = requests.complete(lite, client, signers=[{"name": "Jack", "email_address": jack}])
    lite.move(5000 * DAY)
    lite.run_jobs()
    assert client.get(f"/v3/signature_request/files/{sent.id}").status_code == 200


def test_no_column_of_files_is_forgotten() -> None:
    """A new column of this room that holds files must be emptied too, or its files are kept for ever."""
    ours = {
        (column.table.name, column.name)
        for column in file_columns()
        if column.table.name.startswith(("request", "signature"))
    }
    assert {(table.name, column.name) for table, columns in _file_columns() for column in columns} == ours
