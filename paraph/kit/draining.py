"""A process that is about to end says so, so that whoever shares out the work leaves it alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Draining:
    """``begun`` once the process was told to end: it still answers, but is not ready for more."""

    begun: bool = False
