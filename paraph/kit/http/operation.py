"""An operation of the vendor's API: where it is called and who may call it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the operation table.

    ``scopes``: a bearer token needs any one of them; empty: API key only. ``path`` is below ``/v3`` with
    ``{placeholders}``. ``costly``: it makes documents, so it has a limit of its own and is the first to be shed.
    """

    id: str
    method: str
    path: str
    scopes: frozenset[str]
    empty_status: int = 200
    costly: bool = False
