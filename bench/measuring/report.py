"""What a bench says, on the terminal at once and in a file under ``bench/results`` at its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"


class Report:
    """Collects what it prints."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def say(self, line: str = "") -> None:
        print(line, flush=True)
        self._lines.append(line)

    def tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.say(line)

    def save(self, description: str) -> Path:
        """Write ``<date>-<description>.txt``; the last one of a day stays."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-{description}.txt"
        path.write_text("\n".join(self._lines) + "\n")
        return path
