"""One thing that ``paraph doctor`` found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined; ``fix`` says what to do about a problem."""

    subject: str
    verdict: Verdict
    says: str
    fix: str = ""

    @property
    def is_problem(self) -> bool:
        return self.verdict == "problem"

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)

    def as_line(self) -> str:
        """For people."""
        mark = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}[self.verdict]
        return f"{mark} {self.subject}: {self.says}" + (f"\n        fix: {self.fix}" if self.fix else "")
