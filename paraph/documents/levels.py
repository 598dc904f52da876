"""The PAdES baseline levels (ETSI EN 319 142-1, clause 6), lowest first."""

from typing import Final, Literal

Level = Literal["PAdES-B-B", "PAdES-B-T", "PAdES-B-LT", "PAdES-B-LTA"]

B_B: Final = "PAdES-B-B"
B_T: Final = "PAdES-B-T"
B_LT: Final = "PAdES-B-LT"
B_LTA: Final = "PAdES-B-LTA"
LEVELS: Final[tuple[Level, ...]] = (B_B, B_T, B_LT, B_LTA)


def reaches(level: str, wanted: str) -> bool:
    """Whether a seal of this level holds all that the wanted one does."""
    return rank(level) >= rank(wanted)


def rank(level: str) -> int:
    """Its place among the levels; -1 for a text that is none."""
    return next((place for place, known in enumerate(LEVELS) if known == level), -1)
