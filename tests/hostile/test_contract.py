"""The API keeps to its own description, whoever calls: what our OpenAPI document promises, schemathesis holds it to.

``PARAPH_CONTRACT_SECONDS`` asks for a longer run than the suite's, on both engines (``make fuzz``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from paraph.main import all_edges
from paraph.web import ApiDocument
from tests.conftest import ENGINES, database_url
from tests.documents import tagged
from tests.documents.samples import pdf_bytes
from tests.harness import Server, running_server
from tests.helpers.accounts import fresh_address
from tests.helpers.apps import CALLBACK
from tests.helpers.filling import field
from tests.helpers.oauth import make_world
from tests.helpers.requests import complete, post_send, send, sign, signing_token

from .world import World, build_world

SECONDS = int(os.environ.get("PARAPH_CONTRACT_SECONDS", "0"))
EXAMPLES = 3
UNLIMITED: Mapping[str, int] = {
    "api_rate_limit": 10**7,
    "asks_per_hour": 10**7,
    "verifications_per_hour": 10**7,
}
"""A long run would otherwise be told 429 for most of its time, and see little of what is behind that."""
DAY = 86_400
ENDS_THE_CALLER = ("oauthRevoke",)
"""Not with the credentials of the others' calls."""

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
DOCUMENT = ApiDocument(all_edges(), "http://127.0.0.1").document
ADDRESSES = [
    (method, path, one["operationId"])
    for path, by_method in DOCUMENT["paths"].items()
    for method, one in by_method.items()
]
FORM = {"form_fields_per_document": [field("signature", api_id="sig"), field("date_signed", api_id="day", y=300)]}
Callers = Mapping[str, dict[str, str]]


@dataclass(frozen=True)
class Contract:
    """A server, what it promises, and who may call it."""

    world: World
    schema: Any
    callers: Callers
    ids: Mapping[str, tuple[str, ...]]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text("the contract")


@pytest.fixture(scope="module", params=ENGINES if SECONDS else ENGINES[:1])
def contract(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    folder = tmp_path_factory.mktemp("data")
    with running_server(folder, database_url(request.param, request), **UNLIMITED) as server:
        world = build_world(server)
        api = server.api(world.person.api_key)
        requests = [complete(server, api).id, *(send(server, api).id for _ in range(3))]
        ids = {**world.ids, "signature_request_id": tuple(requests)}
        key, bearer = (credential.decode() for credential in world.right_credentials)
        callers = {"api_key": {"Authorization": key}, "bearer": {"Authorization": bearer}, "nobody": {}}
        schema = schemathesis.openapi.from_dict(_strict(server))
        schema.config.update(base_url=server.url)
        yield Contract(world, schema, callers, ids)


def _strict(server: Server) -> dict[str, Any]:
    """What the server serves, with answers that may hold nothing that is not described."""
    document: dict[str, Any] = deepcopy(server.client().get("/openapi.json").json())
    bodies = {name for name in document["components"]["schemas"] if name.endswith(("Body", "Request", "WithFiles"))}
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object" and name not in bodies:
            schema["additionalProperties"] = False
    return document


def untiring(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=not SECONDS,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=("right", "wrong"))
def test_every_operation_answers_as_it_is_told(contract: Contract, mode: GenerationMode) -> None:
    """Right calls and wrong ones, of each kind of caller."""
    until = time.monotonic() + SECONDS / 2
    rounds = 0
    while rounds == 0 or time.monotonic() < until:
        for method, path, name in ADDRESSES:
            try:
                strategy = contract.schema[path][method].as_strategy(generation_mode=mode)
                _hold_to_it(contract, name, strategy, rounds)
            except Exception as error:
                if "Unsatisfiable" not in type(error).__name__:  # nothing can be wrong about an empty request
                    raise
        rounds += 1


def _hold_to_it(contract: Contract, name: str, strategy: Any, rounds: int) -> None:
    callers = sorted(contract.callers) if name not in ENDS_THE_CALLER else ["nobody"]

    @seed(rounds)
    @untiring(EXAMPLES if not SECONDS else 20)
    @given(case=strategy, data=st.data())
    def one(case: Any, data: Any) -> None:
        for place in case.path_parameters or {}:
            if data.draw(st.integers(0, 3)):
                case.path_parameters[place] = data.draw(st.sampled_from(contract.ids[place]))
        for caller in callers:
            case.call_and_validate(headers=contract.callers[caller], checks=list(CHECKS))

    one()


def test_every_operation_succeeds_as_it_is_told(contract: Contract) -> None:
    """One right call of each, whose answer is held to the description; old addresses and metadata are in it."""
    contract.world.server.move(
        DAY
    )  # what the calls before may have used up: accounts to create, addresses to look up
    answers = _successes(contract)
    for name, answer in answers.items():
        method, path = next((method, path) for method, path, one in ADDRESSES if one == name)
        assert answer.status_code < 300, (name, answer.text)
        answer.request = httpx.Request(answer.request.method, answer.request.url)  # a streamed body is read once
        contract.schema[path][method].validate_response(answer)
    assert answers.keys() == {name for _, _, name in ADDRESSES}


def _successes(contract: Contract) -> dict[str, httpx.Response]:
    server = contract.world.server
    api = server.client(headers=contract.callers["api_key"])
    return {**_of_requests(server, api), **_of_accounts_and_apps(api), **_of_oauth(server)}


def _of_requests(server: Server, api: httpx.Client) -> dict[str, httpx.Response]:
    done, open_one, doomed = complete(server, api, **FORM), send(server, api), send(server, api)
    sealed = api.get(f"/v3/signature_request/files/{done.id}")
    answers = {
        "signatureRequestSend": post_send(api),
        "signatureRequestGet": api.get(f"/v3/signature_request/{done.id}"),
        "signatureRequestList": api.get("/v3/signature_request/list", params={"query": "title:nda"}),
        "signatureRequestFiles": sealed,
        "signatureRequestFilesOldAddress": api.get(f"/v3/signature_request/final_copy/{done.id}?get_url=1"),
        "signatureRequestFilesAsDataUri": api.get(f"/v3/signature_request/files_as_data_uri/{done.id}"),
        "signatureRequestFilesAsFileUrl": api.get(f"/v3/signature_request/files_as_file_url/{done.id}"),
        "signatureRequestEvidence": api.get(f"/v3/signature_request/evidence/{done.id}"),
        "signatureRequestCancel": api.post(f"/v3/signature_request/cancel/{doomed.id}"),
        "verify": api.post("/v3/verify", files={"file": ("sealed.pdf", sealed.content)}),
        "documentDetectFields": api.post(
            "/v3/document/detect_fields",
            data={"detection_mode": "text_tags"},
            files={"file": ("a.pdf", pdf_bytes(tagged.document(tagged.shown("[sig|req|signer1]", 60, 700))))},
        ),
    }
    server.move(3700)
    wanted = {"email_address": "jack@example.com"}
    answers["signatureRequestRemind"] = api.post(f"/v3/signature_request/remind/{open_one.id}", json=wanted)
    answers["signatureRequestRemove"] = api.post(f"/v3/signature_request/remove/{done.id}")
    refused = {name: (answer.status_code, answer.text) for name, answer in answers.items() if not answer.is_success}
    assert not refused, refused
    assert answers["signatureRequestGet"].json()["signature_request"]["response_data"]
    assert answers["verify"].json()["verification"]["signature_request"]
    assert answers["documentDetectFields"].json()["detection_result"]["form_fields_per_document"]
    return answers


def _of_accounts_and_apps(api: httpx.Client) -> dict[str, httpx.Response]:
    body = {"name": "An app", "domains": ["app.example.com"], "white_labeling_options": {"link_color": "#00b3e6"}}
    made = api.post("/v3/api_app", json=body | {"oauth": {"callback_url": CALLBACK, "scopes": ["account_access"]}})
    app = f"/v3/api_app/{made.json()['api_app']['client_id']}"
    address = fresh_address("invited")
    return {
        "accountCreate": api.post("/v3/account/create", json={"email_address": address}),
        "accountGet": api.get("/v3/account"),
        "accountUpdate": api.put("/v3/account", json={"locale": "en_US"}),
        "accountUpdateOldAddress": api.post("/v3/account", data={"locale": "en_US"}),
        "accountVerify": api.post("/v3/account/verify", json={"email_address": address}),
        "apiAppCreate": made,
        "apiAppGet": api.get(app),
        "apiAppUpdate": api.put(app, json={"name": "Another name", "oauth": {"scopes": ["team_access"]}}),
        "apiAppUpdateOldAddress": api.post(app, json={"name": "A third name"}),
        "apiAppList": api.get("/v3/api_app/list"),
        "apiAppDelete": api.delete(app),
    }


def _of_oauth(server: Server) -> dict[str, httpx.Response]:
    world = make_world(server)
    client, app = world.calls, world.credentials
    pair = world.redeem(world.code())
    token = {"token": pair.json()["access_token"]}
    again = {"grant_type": "refresh_token", "refresh_token": pair.json()["refresh_token"]}
    metadata = "/.well-known/oauth-protected-resource"
    return {
        "oauthToken": pair,
        "oauthTokenBelowV3": client.post("/v3/oauth/token", json=again),
        "oauthIntrospect": client.post("/oauth/introspect", data=token | app),
        "oauthRevoke": client.post("/oauth/revoke", data=token | app),
        "oauthServerMetadata": client.get("/.well-known/oauth-authorization-server"),
        "oauthResourceMetadata": client.get(metadata),
        "oauthApiMetadata": client.get(f"{metadata}/v3"),
    }


def test_nothing_answers_without_the_credentials_it_asks_for(contract: Contract) -> None:
    for method, path, _ in ADDRESSES:
        operation = contract.schema[path][method]

        @untiring(1)
        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def one(case: Any) -> None:
            case.call_and_validate(headers=contract.callers["api_key"], checks=[ignored_auth])

        if any("api_key" in way for way in DOCUMENT["paths"][path][method]["security"]):
            one()


def test_methods_that_are_not_told_are_refused(contract: Contract) -> None:
    client = contract.world.server.client(headers=contract.callers["api_key"])
    for path, by_method in DOCUMENT["paths"].items():
        target = path.format(**{name: known[0] for name, known in contract.world.ids.items()})
        for method in {"get", "post", "put", "delete", "patch", "head", "trace"} - by_method.keys():
            answer = client.request(method.upper(), target)
            # offered under another name by a pattern: /api_app/list is also /api_app/{client_id} to PUT and DELETE
            assert answer.status_code in (404, 405), (method, path, answer.status_code)


@dataclass(frozen=True)
class Wrong:
    """A value that a parameter must refuse, and why."""

    name: str
    value: Any
    why: str


def _wrong_values(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    for name, one in schema["properties"].items():
        kinds = [kind for kind in one.get("anyOf", [one]) if kind != {"type": "null"}]
        if len(kinds) != 1:
            continue
        kind = kinds[0]
        if "maxLength" in kind:
            yield Wrong(name, "x" * (kind["maxLength"] + 1), "too long")
        if "enum" in kind:
            yield Wrong(name, "none of these", "not one of the words")
        if "minimum" in kind:
            yield Wrong(name, kind["minimum"] - 1, "too small")
        if "maximum" in kind:
            yield Wrong(name, kind["maximum"] + 1, "too large")
        if kind.get("type") in ("integer", "number", "boolean"):
            yield Wrong(name, "neither", "of another type")
        if kind.get("type") == "array" and "$ref" in kind["items"]:
            yield Wrong(name, "no list", "of another type")
            yield Wrong(
                name, [{}] * (kind.get("maxItems", 10**6) + 1) if kind.get("maxItems", 999) < 60 else [1], "odd"
            )
        if kind.get("format") == "email":
            yield Wrong(name, "nobody", "no address")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param(method, path, id=name)
        for method, path, name in ADDRESSES
        if "application/json" in DOCUMENT["paths"][path][method].get("requestBody", {}).get("content", {})
        and any("api_key" in way for way in DOCUMENT["paths"][path][method]["security"])
    ],
)
def test_what_the_document_forbids_is_refused_by_name(contract: Contract, method: str, path: str) -> None:
    content = DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]
    schema = DOCUMENT["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    target = path.format(**{name: known[0] for name, known in contract.world.ids.items()})
    client = contract.world.server.client(headers=contract.callers["api_key"])
    right = content["example"]
    for name in schema.get("required", ()):
        _refused(client, method, target, {key: one for key, one in right.items() if key != name}, name)
    for wrong in _wrong_values(schema):
        _refused(client, method, target, {**right, wrong.name: wrong.value}, wrong.name)


def _refused(client: httpx.Client, method: str, target: str, body: dict[str, Any], name: str) -> None:
    answer = client.request(method, target, json=body)
    assert answer.status_code == 400, (name, answer.status_code, answer.text[:200])
    assert answer.json()["error"]["error_path"].startswith(name), answer.text


@pytest.mark.parametrize("parameter", ["page", "page_size", "query", "file_type", "get_url", "force_download"])
def test_queries_that_the_document_forbids_are_refused_by_name(contract: Contract, parameter: str) -> None:
    """Wherever the parameter is told."""
    wrong = {"query": "x" * 1001}.get(parameter, "none")
    client = contract.world.server.client(headers=contract.callers["api_key"])
    done = complete(contract.world.server, client)
    tried = 0
    for path, by_method in DOCUMENT["paths"].items():
        told = {one["name"] for one in by_method.get("get", {}).get("parameters", ()) if one["in"] == "query"}
        if parameter in told:
            answer = client.get(path.format(signature_request_id=done.id), params={parameter: wrong})
            assert answer.status_code == 400, (path, answer.text)
            assert answer.json()["error"]["error_path"] == parameter
            tried += 1
    assert tried


@pytest.mark.parametrize("query", ["nda~.", '"a b"~1.5', "nda^..", '"a b"~' + "9" * 900, "(a OR b)^1.2.3"])
def test_degrees_that_are_no_numbers_are_refused_by_name(contract: Contract, query: str) -> None:
    client = contract.world.server.client(headers=contract.callers["api_key"])
    answer = client.get("/v3/signature_request/list", params={"query": query})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["error_path"] == "query"


def test_what_is_gone_is_gone_for_every_operation(contract: Contract) -> None:
    """Use after free: a deleted app, a cancelled request, a removed one."""
    server = contract.world.server
    client = server.client(headers=contract.callers["api_key"])
    app = client.post("/v3/api_app", json={"name": "Short life", "domains": ["app.example.com"]}).json()["api_app"]
    assert client.delete(f"/v3/api_app/{app['client_id']}").status_code == 204
    _gone(client, "client_id", app["client_id"], {404})
    cancelled = send(server, client)
    token = signing_token(server, "jack@example.com")
    assert client.post(f"/v3/signature_request/cancel/{cancelled.id}").status_code == 200
    _gone(client, "signature_request_id", cancelled.id, {410})
    assert server.client().post(f"/sign/{token}/view", data={"by": "script"}).status_code != 204
    removed = send(server, client)
    sign(server, signing_token(server, "jack@example.com"))
    assert client.post(f"/v3/signature_request/remove/{removed.id}").status_code == 200
    _gone(client, "signature_request_id", removed.id, {404})


def _gone(client: httpx.Client, place: str, value: str, statuses: set[int]) -> None:
    tried = 0
    for path, by_method in DOCUMENT["paths"].items():
        if f"{{{place}}}" not in path:
            continue
        for method, one in by_method.items():
            example = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            answer = client.request(method, path.format(**{place: value}), json=example)
            assert answer.status_code in statuses, (method, path, answer.status_code, answer.text)
            tried += 1
    assert tried >= 4
