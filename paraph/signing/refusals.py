"""What a signer is told when a form cannot be taken as it is."""

from __future__ import annotations

from dataclasses import dataclass

from paraph.kit.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: ``field`` is the id of the element that mends it, ``message`` says how."""

    field: str
    message: str


class NotYet(BadRequest):
    """The form is incomplete; nothing was recorded."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, path=field)
        self.problem = Problem(field, message)
