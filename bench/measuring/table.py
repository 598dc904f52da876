"""Tables in plain text: the first columns are words, the rest figures set to the right."""

from __future__ import annotations

from collections.abc import Sequence

GAP = "  "


class Table:
    """Lines up when all rows are known; a row may be shorter than the head."""

    def __init__(self, *head: str, words: int = 1) -> None:
        self._head = head
        self._words = words
        self._rows: list[Sequence[str]] = []

    def row(self, *cells: str) -> None:
        """Add a row."""
        if len(cells) > len(self._head):
            raise ValueError(f"{len(cells)} cells for {len(self._head)} columns: {cells}")
        self._rows.append([*cells, *[""] * (len(self._head) - len(cells))])

    def rule(self) -> None:
        """Add an empty line."""
        self._rows.append([])

    def lines(self) -> list[str]:
        """The table, without spaces at the ends of lines."""
        rows = [self._head, *self._rows]
        widths = [max(len(row[place]) for row in rows if row) for place in range(len(self._head))]
        return [GAP.join(self._cells(row, widths)).rstrip() for row in rows]

    def _cells(self, row: Sequence[str], widths: list[int]) -> list[str]:
        return [
            cell.ljust(width) if place < self._words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
