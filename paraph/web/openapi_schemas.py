"""JSON Schemas of what endpoints take and give, made from the types that the code itself reads and answers with."""

from __future__ import annotations

import re
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from msgspec import inspect

from paraph.kit.wire import AtLeastOne, AtMostOne, FilePart, Request, Together

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paraph.kit.wire.schema import Among

REF = "#/components/schemas/{name}"
FILE = {"type": "string", "format": "binary"}

_REFERENCE_TO_NOTES = re.compile(r"\s*\((?:behaviour sheet|spec)[^)]*\)")


def answers_in(answer: Any) -> tuple[Any, ...]:
    """The shapes of a JSON answer; several when it depends on what was asked."""
    if answer is None:
        return ()
    return get_args(answer) if isinstance(answer, UnionType) else (answer,)


def schemas_of(types: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The component schemas of these types and of all that they are made of, by name."""
    _, components = msgspec.json.schema_components(types, schema_hook=_file_only, ref_template=REF)
    for schema in components.values():
        _clean(schema)
    return components


def name_of(kind: Any) -> str:
    """The name of a type's component."""
    return str(kind.__name__)


def body_schemas(body: type[Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The schema of a body without files (None when it needs one), and the one with files (None when it takes none).

    Older names of parameters, and parameters that are only read to be refused by name, are left out.
    """
    whole = _whole_body(body)
    files = _file_names(body)
    if not files:
        return whole, None
    if files & set(whole["required"]):
        return None, whole
    plain = {name: one for name, one in whole["properties"].items() if name not in files}
    return _with_rules({**whole, "properties": plain}, body), whole


def query_parameters(structs: Iterable[type[Any]]) -> list[dict[str, Any]]:
    """Parameters of a query string."""
    return [
        {"name": name, "in": "query", "required": name in schema["required"], "schema": _not_null(one)}
        for schema in map(_whole_body, structs)
        for name, one in schema["properties"].items()
    ]


def nested_types(body: type[Any]) -> list[type[Any]]:
    """The structs that a body is made of, itself left out."""
    return [kind for kind in _structs_in(body) if kind is not body]


def _file_only(kind: type) -> dict[str, Any]:
    if kind is FilePart:
        return dict(FILE)
    raise NotImplementedError(f"no schema for {kind!r}")


def _whole_body(body: type[Any]) -> dict[str, Any]:
    schema = schemas_of([body])[name_of(body)]
    return _with_rules(schema, body)


def _with_rules(schema: dict[str, Any], body: type[Any]) -> dict[str, Any]:
    if not issubclass(body, Request):
        return schema
    said = [part for among in body.rules if (part := _rule(among, set(schema["properties"])))]
    bare = {key: value for key, value in schema.items() if key != "allOf"}
    return {**bare, "allOf": said} if said else bare


def _rule(among: Among, there: set[str]) -> dict[str, Any] | None:
    names = [name for name in among.names if name in there]
    if isinstance(among, AtLeastOne):
        return {"anyOf": [{"required": [name]} for name in names]}
    if isinstance(among, AtMostOne) and len(names) > 1:
        pairs = [[one, other] for place, one in enumerate(names) for other in names[place + 1 :]]
        return {"not": {"anyOf": [{"required": pair} for pair in pairs]}}
    if isinstance(among, Together):
        return {"dependentRequired": {name: [other for other in names if other != name] for name in names}}
    return None


def _file_names(body: type[Any]) -> set[str]:
    kind = inspect.type_info(body)
    assert isinstance(kind, inspect.StructType)
    return {field.encode_name for field in kind.fields if "FilePart" in repr(field.type)}


def _structs_in(body: type[Any]) -> list[type[Any]]:
    found: list[type[Any]] = []
    pending: list[Any] = [inspect.type_info(body)]
    while pending:
        kind = pending.pop()
        if isinstance(kind, inspect.StructType):
            if kind.cls in found:
                continue
            found.append(kind.cls)
            pending += [field.type for field in kind.fields]
        elif isinstance(kind, inspect.Metadata):
            pending.append(kind.type)
        elif isinstance(kind, inspect.UnionType):
            pending += kind.types
        elif isinstance(kind, inspect.ListType):
            pending.append(kind.item_type)
    return found


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter of a query string, in which nothing is null."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    default = {"default": schema["default"]} if schema.get("default") is not None else {}
    return {**kinds[0], **default}


def _clean(schema: dict[str, Any]) -> None:
    """Say what readers of the document can use, and leave out what is no parameter."""
    if "description" in schema:
        told = _REFERENCE_TO_NOTES.sub("", schema["description"]).replace("``", "`")
        schema["description"] = " ".join(told.split())
    properties = schema.get("properties", {})
    if properties.get("path") == {"type": "string", "default": ""}:
        del properties["path"]  # where the struct stood in the body (rule is_path)
    for name in [name for name, one in properties.items() if one == {"default": None}]:
        del properties[name]  # a parameter of a later release, read only to be refused by name
    for one in properties.values():
        if one.get("default", 0) is None:
            del one["default"]
