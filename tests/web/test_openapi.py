"""Our own OpenAPI document: valid, whole, in agreement with the vendor's and with the code."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from paraph import __version__
from paraph.kit.wire import decode
from paraph.main import all_edges
from paraph.web import ApiDocument
from paraph.web.docs_view import groups, parts
from paraph.web.openapi_words import WORDS
from tests.harness import Server, running_server
from tests.wire.test_operations import published

BASE = "https://sign.example.com"
NOT_DESCRIBED = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/oauth/authorize",  # a page for people
}


@pytest.fixture(scope="module")
def told() -> ApiDocument:
    return ApiDocument(all_edges(), BASE)


@pytest.fixture(scope="module")
def document(told: ApiDocument) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told.content)
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("data")) as server:
        yield server


def operations(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """By operation id: method, path and the rest."""
    return {
        one["operationId"]: (method.upper(), path, one)
        for path, by_method in document["paths"].items()
        for method, one in by_method.items()
    }


def scopes_of(operation: dict[str, Any]) -> set[str]:
    return {scope for way in operation["security"] for scope in way.get("oauth2", ())}


def test_it_is_a_valid_document(document: dict[str, Any]) -> None:
    validate(document)
    assert document["info"]["version"] == __version__
    assert document["servers"] == [{"url": BASE}]


def test_every_offered_operation_is_in_it_and_no_other(document: dict[str, Any]) -> None:
    edges = all_edges()
    found = operations(document)
    offered = {endpoint.operation_id for endpoint in edges.api}
    described = {endpoint.told.operation_id for endpoint in edges.raw if endpoint.told}
    old = {f"{name}OldAddress" for _, _, name in edges.aliases if name in offered}
    assert found.keys() == offered | described | old
    assert WORDS.keys() == offered | described


def test_every_endpoint_for_programs_is_told_or_named_here() -> None:
    silent = {
        endpoint.path for endpoint in all_edges().raw if endpoint.told is None and endpoint.methods != ("OPTIONS",)
    }
    assert silent <= NOT_DESCRIBED


def test_it_agrees_with_the_vendors_on_addresses_scopes_and_statuses(document: dict[str, Any]) -> None:
    theirs = published()
    compared = 0
    for name, (method, path, ours) in operations(document).items():
        if name not in theirs:
            continue
        compared += 1
        assert (method, path) == (theirs[name].method, f"/v3{theirs[name].path}")
        assert scopes_of(ours) == theirs[name].scopes
        assert str(theirs[name].empty_status) in ours["responses"]
        assert {"api_key": []} in ours["security"]
    assert compared >= 18


def test_every_answer_of_the_api_has_the_limits(document: dict[str, Any]) -> None:
    for _, path, one in operations(document).values():
        success = next(answer for status, answer in one["responses"].items() if status < "300")
        assert ("headers" in success) == (not path.startswith("/.well-known")), path


def test_queries_that_endpoints_read_are_the_ones_that_are_told() -> None:
    for endpoint in all_edges().api:
        source = inspect.getsource(endpoint.function)
        read = set(re.findall(r"query_as\((\w+)\)", source))
        assert read == {struct.__name__ for struct in endpoint.told.query}, endpoint.operation_id


def test_every_reference_leads_somewhere_and_everything_is_used(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    named = set(re.findall(r'"#/components/(\w+)/([\w-]+)"', text))
    there = {(kind, name) for kind, held in document["components"].items() for name in held}
    assert named <= there
    assert {one for one in there - named if one[0] != "securitySchemes"} == set()


def test_examples_are_what_the_server_takes(told: ApiDocument, document: dict[str, Any]) -> None:
    shown = 0
    for entry in told.entries:
        example = WORDS[entry.id].example
        if example is not None and entry.scopes is not None:
            assert entry.body is not None
            assert decode(example, entry.body)
            assert example.keys() <= set(entry.body.__struct_fields__), entry.id
            shown += 1
    assert shown >= 8


def test_parameters_of_later_releases_and_places_in_the_body_are_not_told(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert "grouped_signers" not in schemas["SendBody"]["properties"]
    assert "path" not in schemas["FieldBody"]["properties"]
    assert "files" not in schemas["SendBody"]["properties"]
    assert schemas["SendBodyWithFiles"]["properties"]["files"]["items"]["format"] == "binary"
    assert schemas["SignerBody"]["required"] == ["email_address", "name"]
    assert schemas["SignerBody"]["properties"]["email_address"] == {
        "type": "string",
        "maxLength": 254,
        "format": "email",
    }


def test_no_note_to_ourselves_is_told(told: ApiDocument) -> None:
    assert b"behaviour sheet" not in told.content
    assert b"oauth.md" not in told.content


def test_it_is_served_to_everybody(site: Server) -> None:
    answer = site.client().get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["servers"] == [{"url": site.kit.settings.public_url}]
    assert site.client().head("/openapi.json").status_code == 200
    assert site.client().post("/openapi.json").json()["error"]["error_name"] == "method_not_supported"


def test_the_page_shows_every_operation_and_every_object(site: Server) -> None:
    page = site.client().get("/docs")
    assert page.status_code == 200
    csp = page.headers["content-security-policy"]
    assert "default-src 'none'" in csp and "http" not in csp
    document = site.client().get("/openapi.json").json()
    for name, (method, path, one) in operations(document).items():
        assert f'id="{name}"' in page.text
        assert path in page.text and method in page.text
        assert all(scope in page.text for scope in scopes_of(one))
    targets = set(re.findall(r'href="#(\w[\w-]*)"', page.text))
    assert targets <= set(re.findall(r'id="([\w-]+)"', page.text))
    assert not re.findall(r'(?:src|href)="https?://(?!127\.0\.0\.1)', page.text)


def test_every_parameter_is_on_the_page(document: dict[str, Any]) -> None:
    shown = {one.id: one for group in groups(document) for one in group.operations}
    send = {row.name: row for row in shown["signatureRequestSend"].body}
    assert send["files"].kind == "list of file"
    assert send["signers"].part == "SignerBody"
    assert send["title"].notes == "at most 255 characters"
    assert shown["signatureRequestList"].parameters[0].name == "page"
    signer = next(part for part in parts(document, groups(document)) if part.name == "SignerBody")
    assert [row.name for row in signer.rows if row.is_required] == ["email_address", "name"]
    assert shown["accountUpdateOldAddress"].is_old
    assert shown["signatureRequestRemove"].credentials == "API key only."
    assert "curl -X POST" in shown["signatureRequestSend"].example


def test_the_command_prints_it(tmp_path: Path) -> None:
    environment = {"PARAPH_DATA_DIR": str(tmp_path / "data"), "PARAPH_PUBLIC_URL": BASE, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "paraph", "openapi"]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout
    assert json.loads(printed) == ApiDocument(all_edges(), BASE).document
    assert not (tmp_path / "data").exists(), "asking must change nothing"
