"""The one table of operations against the vendor's published one (facts of its OpenAPI file) and its SDK."""

from __future__ import annotations

import csv
import inspect
import re
from dataclasses import replace
from pathlib import Path

from dropbox_sign import api

from paraph.kit.http import Operation
from paraph.operations import ALIASES, COSTLY, NEWER_OPERATIONS, OPERATIONS, OWN_OPERATIONS

FACTS = Path(__file__).parent / "vendor_operations.tsv"
DOCS = Path(__file__).parents[2] / "docs"
TOKEN_OPERATIONS = {"oauthTokenGenerate", "oauthTokenRefresh"}


def published() -> dict[str, Operation]:
    with FACTS.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {row["id"]: _operation(row) for row in rows}


def test_every_published_operation_is_in_the_table_and_nothing_else_is():
    assert published() == {name: replace(operation, costly=False) for name, operation in OPERATIONS.items()}


def test_what_makes_documents_is_costly_and_nothing_else_is():
    every = (OPERATIONS | NEWER_OPERATIONS | OWN_OPERATIONS).values()
    assert {operation.id for operation in every if operation.costly} == COSTLY


def test_no_two_operations_share_an_address():
    addresses = [(operation.method, operation.path) for operation in OPERATIONS.values()]
    addresses += [(method, path) for method, path, _ in ALIASES]
    assert len(addresses) == len(set(addresses))


def test_additions_of_ours_are_documented_and_in_nobodys_way():
    theirs = {(operation.method, operation.path) for operation in (OPERATIONS | NEWER_OPERATIONS).values()}
    pages = "".join(page.read_text() for page in DOCS.glob("*.md"))
    for operation in OWN_OPERATIONS.values():
        assert (operation.method, operation.path) not in theirs
        assert f"{operation.method} /v3{operation.path}" in pages
    assert "POST /v3/verify" in pages


def test_the_official_sdk_calls_the_same_addresses_with_the_same_kinds_of_credential():
    called = sdk_calls()
    newer_than_the_file = called.keys() - OPERATIONS.keys() - TOKEN_OPERATIONS
    assert newer_than_the_file == NEWER_OPERATIONS.keys()
    for operation in (OPERATIONS | NEWER_OPERATIONS).values():
        kinds = {"api_key", "oauth2"} if operation.scopes else {"api_key"}
        assert called[operation.id] == (operation.method, operation.path, kinds)


def sdk_calls() -> dict[str, tuple[str, str, set[str]]]:
    """Read from the generated code of dropbox-sign: operation id → (method, path, kinds of credential)."""
    found = {}
    for room in (value for name, value in vars(api).items() if name.endswith("Api")):
        for name, function in vars(room).items():
            if not name.endswith("_serialize"):
                continue
            source = inspect.getsource(function)
            method = re.search(r'method="(\w+)"', source)[1]
            path = re.search(r'resource_path="([^"]+)"', source)[1]
            kinds = re.search(r"_auth_settings: List\[str\] = \[([^\]]*)\]", source)[1]
            words = name.strip("_").removesuffix("_serialize").split("_")
            identifier = words[0] + "".join(word.capitalize() for word in words[1:])
            identifier = identifier.replace("oAuth", "oauth")
            found[identifier] = (method, path, set(re.findall(r'"(\w+)"', kinds)))
    return found


def _operation(row: dict[str, str]) -> Operation:
    scopes = frozenset(row["scopes"].split()) if row["scopes"] else frozenset()
    return Operation(row["id"], row["method"], row["path"], scopes, int(row["success_status"]))
