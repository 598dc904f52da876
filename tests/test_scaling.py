"""What docs/scaling.md says of the tables, held against the schema."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import UniqueConstraint

import paraph.migrations.tables  # noqa: F401 - all rooms' tables
from paraph.kit.db import metadata

PAGE = (Path(__file__).parents[1] / "docs/scaling.md").read_text()


def test_every_growing_table_carries_the_account() -> None:
    rows = re.search(r"\| Table \| Why \|\n.*?\n((?:\|.*\n)+)", PAGE)
    assert rows is not None
    named = {name for row in rows[1].splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    without = {table.name for table in metadata.tables.values() if "account_pk" not in table.columns}
    assert without == named


def test_the_unique_indexes_without_it_are_counted() -> None:
    distributed = [table for table in metadata.tables.values() if "account_pk" in table.columns]
    unique = [
        each
        for table in distributed
        for each in (*table.indexes, *table.constraints)
        if isinstance(each, UniqueConstraint) or getattr(each, "unique", False)
    ]
    without = [each for each in unique if "account_pk" not in each.columns]
    assert f"{len(without)} of {len(unique)} unique indexes" in PAGE
