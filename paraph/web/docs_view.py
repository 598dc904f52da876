"""Our OpenAPI document in the words of its page: pure, from the tree alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
}
LIMITS = (
    ("maxLength", "at most {} characters"),
    ("minLength", "at least {} characters"),
    ("maxItems", "at most {} entries"),
    ("minItems", "at least {} entries"),
    ("maxProperties", "at most {} members"),
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("exclusiveMinimum", "more than {}"),
)
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter or member; ``part`` names the object that it is, or is a list of."""

    name: str
    kind: str
    part: str
    is_required: bool
    notes: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An operation. ``credentials`` in words, ``scopes`` of which a token needs one."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    is_old: bool
    credentials: str
    scopes: tuple[str, ...]
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    encodings: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    failures: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that belong together."""

    name: str
    anchor: str
    sentence: str
    operations: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """An object of bodies, or of answers."""

    name: str
    sentence: str
    rows: tuple[Row, ...]
    choices: tuple[str, ...]
    is_answer: bool


def groups(document: Schema) -> list[Group]:
    """The operations in their groups."""
    base = document["servers"][0]["url"]
    found = [
        _shown(document, base, method, path, one)
        for path, by_method in document["paths"].items()
        for method, one in by_method.items()
    ]
    by_tag = {one["operationId"]: one["tags"][0] for by in document["paths"].values() for one in by.values()}
    return [
        Group(
            tag["name"],
            tag["name"].lower().replace(" ", "-"),
            tag["description"],
            tuple(one for one in found if by_tag[one.id] == tag["name"]),
        )
        for tag in document["tags"]
    ]


def parts(document: Schema, shown: list[Group]) -> list[Part]:
    """The objects that rows and answers point to; whole bodies are shown with their operations."""
    schemas = document["components"]["schemas"]
    operations = [one for group in shown for one in group.operations]
    asked = {row.part for one in operations for row in (*one.parameters, *one.body)}
    given = {part for one in operations for _, part in one.answers}
    found: dict[str, Part] = {}
    pending = [(name, False) for name in sorted(asked)] + [(name, True) for name in sorted(given)]
    while pending:
        name, is_answer = pending.pop()
        if name and name not in found:
            found[name] = _part(name, schemas[name], is_answer)
            pending += [(row.part, is_answer) for row in found[name].rows]
    return [found[name] for name in sorted(found)]


def _part(name: str, schema: Schema, is_answer: bool) -> Part:
    choices = tuple(map(str, schema.get("enum", ())))
    return Part(name, schema.get("description", ""), tuple(_rows(schema)), choices, is_answer)


def _shown(document: Schema, base: str, method: str, path: str, one: Schema) -> Shown:
    content = one.get("requestBody", {}).get("content", {})
    body = _resolved(document, content[MULTIPART]["schema"]) if content else {}
    security = one.get("security", [])
    return Shown(
        id=one["operationId"],
        method=method.upper(),
        path=path,
        summary=one["summary"],
        text=one.get("description", ""),
        is_old=one.get("deprecated", False),
        credentials=_credentials(security),
        scopes=tuple(scope for way in security for scope in way.get("oauth2", ())),
        parameters=tuple(
            _row(given["name"], given["schema"], given["required"], given.get("description", ""))
            for given in one.get("parameters", ())
        ),
        body=tuple(_rows(body)),
        encodings=tuple(content),
        answers=tuple(_answers(one["responses"])),
        failures=tuple(status for status in one["responses"] if status >= "400"),
        example=_example(base, method.upper(), path, one, security),
    )


def _credentials(security: list[Schema]) -> str:
    kinds = {kind for way in security for kind in way}
    if "client_credentials" in kinds:
        return "The app's client_id and client_secret, in the body or as Basic credentials."
    if not kinds:
        return "None."
    return "API key or access token." if "oauth2" in kinds else "API key only."


def _answers(responses: Schema) -> Iterator[tuple[str, str]]:
    """What a success is: words, and the object if it is one."""
    for status, answer in responses.items():
        if status >= "300":
            continue
        content = answer.get("content", {})
        if not content:
            yield f"{status}, without a body", ""
        for media_type, held in content.items():
            shapes = held["schema"].get("anyOf", [held["schema"]])
            for shape in shapes:
                yield f"{status}, {media_type}", _part_name(shape)


def _rows(schema: Schema) -> Iterator[Row]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield _row(name, one, name in required, "")


def _row(name: str, schema: Schema, is_required: bool, sentence: str) -> Row:
    kinds = [one for one in schema.get("anyOf", [schema]) if one != {"type": "null"}]
    words = " or ".join(dict.fromkeys(_kind(one) for one in kinds))
    nullable = ["may be null"] if {"type": "null"} in schema.get("anyOf", ()) and is_required else []
    notes = [note for one in kinds for note in _notes(one)]
    default = [f"default {json.dumps(schema['default'])}"] if _has_default(schema) else []
    part = next((found for one in kinds if (found := _part_name(one))), "")
    return Row(name, words, part, is_required, "; ".join(filter(None, [sentence, *notes, *nullable, *default])))


def _kind(schema: Schema) -> str:
    if schema.get("format") == "binary":
        return "file"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "enum" in schema:
        return "one word"
    if "$ref" in schema:
        return "object"
    return KINDS.get(schema.get("type", ""), "anything")


def _notes(schema: Schema) -> Iterator[str]:
    if "enum" in schema:
        yield " | ".join(f"{value}" for value in schema["enum"])
    if schema.get("format") == "email":
        yield "an e-mail address"
    for key, words in LIMITS:
        if key in schema:
            yield words.format(f"{schema[key]:,}")
    if "items" in schema:
        yield from (f"each {note}" for note in _notes(schema["items"]))


def _has_default(schema: Schema) -> bool:
    return schema.get("default") not in (None, [], {})


def _part_name(schema: Schema) -> str:
    target = schema.get("$ref") or schema.get("items", {}).get("$ref") or ""
    return str(target).rpartition("/")[2]


def _resolved(document: Schema, schema: Schema) -> Schema:
    name = _part_name(schema)
    found: Schema = document["components"]["schemas"][name]
    return found


def _example(base: str, method: str, path: str, one: Schema, security: list[Schema]) -> str:
    """The call as a command for a shell."""
    lines = [f"curl -X {method} '{base}{path}'" if method != "GET" else f"curl '{base}{path}'"]
    if any("api_key" in way for way in security):
        lines.append("-u 'YOUR_API_KEY:'")
    content = one.get("requestBody", {}).get("content", {})
    example = content.get("application/json", {}).get("example")
    if example:
        lines.append("-H 'Content-Type: application/json'")
        lines.append("-d '" + json.dumps(dict(example), indent=2).replace("'", "'\\''") + "'")
    elif MULTIPART in content:
        lines.append("-F 'file=@document.pdf'")
    return " \\\n  ".join(lines)
