"""The one table of operations against the vendor's published one (facts extracted from its OpenAPI file)."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
import yaml

from paraph.kit.http import Operation
from paraph.operations import ALIASES, OPERATIONS

FACTS = Path(__file__).parent / "vendor_operations.tsv"
TOKEN_OPERATIONS = {"oauthTokenGenerate", "oauthTokenRefresh"}


def published() -> dict[str, Operation]:
    with FACTS.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {row["id"]: _operation(row) for row in rows}


def test_every_published_operation_is_in_the_table_and_nothing_else_is():
    assert {**OPERATIONS} == published()


def test_no_two_operations_share_an_address():
    addresses = [(operation.method, operation.path) for operation in OPERATIONS.values()]
    addresses += [(method, path) for method, path, _ in ALIASES]
    assert len(addresses) == len(set(addresses))


@pytest.mark.skipif(not os.environ.get("VENDOR_OPENAPI_FILE"), reason="runs where the vendor's file is at hand")
def test_the_facts_are_what_the_vendors_file_says():
    document = yaml.safe_load(Path(os.environ["VENDOR_OPENAPI_FILE"]).read_text())
    found = {}
    for path, methods in document["paths"].items():
        for method, body in methods.items():
            if body["operationId"] in TOKEN_OPERATIONS:
                continue
            scopes = {scope for way in body["security"] for scope in way.get("oauth2", ())}
            status = next(int(code) for code in body["responses"] if code.startswith("2"))
            found[body["operationId"]] = Operation(
                body["operationId"], method.upper(), path, frozenset(scopes), status
            )
    assert found == published()


def _operation(row: dict[str, str]) -> Operation:
    scopes = frozenset(row["scopes"].split()) if row["scopes"] else frozenset()
    return Operation(row["id"], row["method"], row["path"], scopes, int(row["success_status"]))
