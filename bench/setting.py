"""What all cases of one run share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .database import Postgres
from .measuring import Report, Rounds


@dataclass(frozen=True, slots=True)
class Setting:
    """One run: how long, where to say it, where to work, and the database server everybody uses."""

    rounds: Rounds
    report: Report
    folder: Path
    postgres: Postgres


Case = Callable[[Setting], None]
