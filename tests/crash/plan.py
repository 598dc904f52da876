"""Which process dies where: the table of rounds that reaches every fault point, and random ones."""

from __future__ import annotations

import random
from dataclasses import dataclass

from paraph.kit.faults import LABELS

WORKERS_JOBS = (
    "signature_requests.prepare",
    "signature_requests.refresh",
    "signature_requests.complete",
    "signature_requests.mailed",
    "mail.deliver",
    "events.deliver",
)
GRANT_TYPES = ("authorization_code", "refresh_token")
OF_THE_WEB = ("send.", "sign.", "token.")
OF_EITHER = ("commit.", "file.")


@dataclass(frozen=True)
class Round:
    """One death: of the process ``role`` at ``point``, or after so many seconds when there is none.

    ``victim`` is ``process``, or for a process that stops there ``database`` (kill -9) or ``shutdown`` (immediate).
    """

    role: str
    point: str = ""
    victim: str = "process"
    seconds: float = 0.0

    @property
    def setting(self) -> str:
        """What PARAPH_FAULT_POINTS is."""
        return self.point if self.victim == "process" or not self.point else f"{self.point}=stop"

    @property
    def label(self) -> str:
        return self.point.partition("[")[0].partition("#")[0]

    @property
    def name(self) -> str:
        where = self.point.partition("#")[0] or "at any moment"
        return f"{self.role}: {where}" + ("" if self.victim == "process" else f" ({self.victim} killed)")

    @property
    def waits_for_leases(self) -> bool:
        """Whether the process that comes back is one whose clock has moved past the leases of the dead."""
        return not self.label.startswith(OF_THE_WEB)


def roles_of(label: str) -> tuple[str, ...]:
    """Which processes pass this point."""
    if label.startswith(OF_THE_WEB):
        return ("web",)
    return ("web", "worker") if label.startswith(OF_EITHER) else ("worker",)


def points_of(label: str) -> tuple[str, ...]:
    """The label, once for each thing that takes the step."""
    if label.startswith("job."):
        return tuple(f"{label}[{name}]" for name in WORKERS_JOBS)
    if label.startswith("token."):
        return tuple(f"{label}[{name}]" for name in GRANT_TYPES)
    return (label,)


def every_round() -> list[Round]:
    """Each fault point once, in each process that passes it."""
    return [Round(role, point) for label in LABELS for point in points_of(label) for role in roles_of(label)]


def database_rounds() -> list[Round]:
    """PostgreSQL dies under a process that stands still at the worst of moments."""
    killed = [("web", "send.recorded"), ("web", "sign.recorded"), ("web", "token.recorded[refresh_token]")]
    killed += [("worker", "prepare.recorded"), ("worker", "complete.recorded"), ("worker", "deliver.posted")]
    shut = [("web", "commit.after"), ("worker", "complete.file_stored")]
    return [
        *(Round(role, point, "database") for role, point in killed),
        *(Round(role, point, "shutdown") for role, point in shut),
    ]


def random_rounds(chance: random.Random, count: int, *, databases: bool) -> list[Round]:
    """``count`` deaths anywhere, at any passing, of anything."""
    return [_random_round(chance, databases) for _ in range(count)]


def _random_round(chance: random.Random, databases: bool) -> Round:
    if chance.random() < 0.15:
        return Round(chance.choice(("web", "worker")), seconds=round(chance.uniform(0.05, 1.5), 3))
    one = chance.choice(every_round())
    most = 8 if one.label.startswith(OF_EITHER) else 2
    victims = ("process",) * 3 + (("database", "shutdown") if databases else ())
    return Round(one.role, f"{one.point}#{chance.randint(1, most)}", chance.choice(victims))
