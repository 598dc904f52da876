"""Our own OpenAPI document: put together from the table of operations and what the rooms' endpoints declare.

Nothing in it is written down twice: addresses and scopes stand in ``operations.py``, parameters in the structs that
decode them, answers in the shapes that the endpoints name. Only the sentences are its own (``openapi_words``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from paraph import __version__
from paraph.apps import SCOPES
from paraph.kit.http.endpoints import Told
from paraph.kit.wire import Notice

from .openapi_parts import HEADERS, RESPONSES, failures, protocol_failures, security_schemes
from .openapi_schemas import REF, answers_in, body_schemas, name_of, nested_types, query_parameters, schemas_of
from .openapi_words import ABOUT, PLACES, TAGS, WORDS

if TYPE_CHECKING:
    from paraph.kit.http import Edges
    from paraph.kit.http.endpoints import ApiEndpoint, RawEndpoint
    from paraph.kit.http.operation import Operation

OPENAPI = "3.1.0"
API_PREFIX = "/v3"
JSON = "application/json"
MULTIPART = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation as it is told. ``scopes`` is None for an endpoint that is no operation of the API proper."""

    id: str
    method: str
    path: str
    body: type[Any] | None
    told: Told
    scopes: frozenset[str] | None = None
    status: int = 200
    is_old: bool = False


@dataclass(frozen=True, eq=False)
class ApiDocument:
    """The document of one server; made when it is first asked for."""

    edges: Edges
    public_url: str

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document as a tree."""
        paths: dict[str, dict[str, Any]] = {}
        for entry in self.entries:
            paths.setdefault(entry.path, {})[entry.method.lower()] = _operation(entry)
        return {
            "openapi": OPENAPI,
            "info": {"title": "Paraph", "version": __version__, "description": ABOUT},
            "servers": [{"url": self.public_url}],
            "tags": [{"name": name, "description": sentence} for name, sentence in TAGS.items()],
            "paths": paths,
            "components": {
                "schemas": _components(self.entries),
                "responses": RESPONSES,
                "headers": HEADERS,
                "securitySchemes": security_schemes(
                    self.public_url, {one.name: one.sentence for one in SCOPES.values()}
                ),
            },
        }

    @cached_property
    def content(self) -> bytes:
        """The document as JSON."""
        return msgspec.json.encode(self.document)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that is told, in the order of the words."""
        order = list(WORDS)
        found = [*_operations(self.edges), *_old_addresses(self.edges), *_protocols(self.edges.raw)]
        return tuple(sorted(found, key=lambda entry: (entry.is_old, order.index(entry.id))))


def _operations(edges: Edges) -> Iterator[Entry]:
    offered = {endpoint.operation_id: endpoint for endpoint in edges.api}
    for operation in edges.operations.values():
        if operation.id in offered:
            yield _offered(operation, offered[operation.id], operation.method, operation.path)


def _old_addresses(edges: Edges) -> Iterator[Entry]:
    offered = {endpoint.operation_id: endpoint for endpoint in edges.api}
    for method, path, name in edges.aliases:
        if name in offered:
            yield _offered(edges.operations[name], offered[name], method, path, is_old=True)


def _offered(operation: Operation, endpoint: ApiEndpoint, method: str, path: str, *, is_old: bool = False) -> Entry:
    told, status = endpoint.told, operation.empty_status
    return Entry(
        operation.id, method, API_PREFIX + path, endpoint.body, told, operation.scopes, status, is_old=is_old
    )


def _protocols(endpoints: Sequence[RawEndpoint]) -> Iterator[Entry]:
    for endpoint in endpoints:
        if endpoint.told is not None:
            told, method = endpoint.told, endpoint.methods[0]
            yield Entry(told.operation_id, method, endpoint.path, told.body, Told(answer=told.answer))


def _operation(entry: Entry) -> dict[str, Any]:
    words = WORDS[entry.id]
    told: dict[str, Any] = {
        "operationId": f"{entry.id}OldAddress" if entry.is_old else entry.id,
        "summary": words.summary,
        "description": words.text,
        "tags": [words.tag],
        "security": _security(entry),
        "parameters": [*_places(entry.path), *query_parameters(entry.told.query)],
        "responses": _responses(entry),
    }
    if entry.body is not None:
        told["requestBody"] = _request_body(entry.body, words.example)
    if entry.is_old:
        told["deprecated"] = True
    return {name: value for name, value in told.items() if value != "" and (value or name == "security")}


def _security(entry: Entry) -> list[dict[str, list[str]]]:
    """The key, or a token with any one of the scopes; protocol endpoints look at the app's own credentials."""
    if entry.scopes is None:
        return [{"client_credentials": []}, {}] if WORDS[entry.id].for_apps else []
    return [{"api_key": []}, *({"oauth2": [scope]} for scope in sorted(entry.scopes))]


def _places(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PLACES[name],
            "schema": {"type": "string"},
        }
        for name in _PLACE.findall(path)
    ]


def _request_body(body: type[Any], example: Mapping[str, Any] | None) -> dict[str, Any]:
    plain, with_files = body_schemas(body)
    name = name_of(body)
    content: dict[str, Any] = {}
    if plain is not None:
        content[JSON] = {"schema": _ref(name), **({"example": example} if example else {})}
        content[FORM] = {"schema": _ref(name)}
    content[MULTIPART] = {"schema": _ref(f"{name}WithFiles" if with_files else name)}
    needed = (plain or with_files or {}).get("required", [])
    return {"required": bool(needed), "content": content}


def _responses(entry: Entry) -> dict[str, Any]:
    failed = protocol_failures(entry.id) if entry.scopes is None else failures()
    return {str(entry.status): _success(entry), **failed}


def _success(entry: Entry) -> dict[str, Any]:
    shapes = [_ref(name_of(shape)) for shape in answers_in(entry.told.answer)]
    content: dict[str, Any] = {}
    if shapes:
        content[JSON] = {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": shapes}}
    for media_type in entry.told.files:
        content[media_type] = {"schema": {"type": "string", "format": "binary"}}
    limits = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    shown = {"description": "Done." if content else "Done; the body is empty."}
    return {
        **shown,
        **({"headers": limits} if entry.method == "POST" or entry.scopes is not None else {}),
        **({"content": content} if content else {}),
    }


def _components(entries: tuple[Entry, ...]) -> dict[str, Any]:
    answers = [shape for entry in entries for shape in answers_in(entry.told.answer)]
    bodies = {entry.body for entry in entries if entry.body is not None}
    nested = {kind for body in bodies for kind in nested_types(body)}
    found = schemas_of([Notice, *answers, *sorted(nested, key=name_of)])
    for body in sorted(bodies, key=name_of):
        plain, with_files = body_schemas(body)
        found |= {name_of(body): plain} if plain else {}
        found |= {f"{name_of(body)}WithFiles": with_files} if with_files else {}
    return dict(sorted(found.items()))


def _ref(name: str) -> dict[str, str]:
    return {"$ref": REF.format(name=name)}
