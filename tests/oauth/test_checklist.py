"""The table in docs/oauth.md is the truth: every row has tests, every test it names exists."""

from __future__ import annotations

import pytest

from tests.oauth.checklist import (
    DOCUMENT,
    ELSEWHERE,
    ROOT,
    ROWS,
    SAME_AS,
    VULNERABILITIES,
    document_with_table,
    functions_of,
    rows_tested,
)


@pytest.mark.parametrize("row", [*ROWS, *VULNERABILITIES])
def test_every_row_has_a_test(row: str) -> None:
    assert rows_tested().get(row) or ELSEWHERE.get(row) or rows_tested().get(SAME_AS.get(row, ""))


def test_the_rows_are_complete() -> None:
    counts = {"A": 22, "B": 13, "T": 23, "R": 16, "S": 14, "M": 16}
    assert list(ROWS) == [f"{letter}{number}" for letter, last in counts.items() for number in range(1, last + 1)]
    assert rows_tested().keys() <= {*ROWS, *VULNERABILITIES}


def test_tests_of_other_rooms_exist() -> None:
    for test in (test for tests in ELSEWHERE.values() for test in tests):
        path, _, name = test.partition("::")
        assert name in functions_of(ROOT / path), test


def test_the_document_shows_the_table() -> None:
    document = DOCUMENT.read_text()
    assert document == document_with_table(document), "run: python -m tests.oauth.checklist"
