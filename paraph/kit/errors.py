"""Business failures: named exceptions that carry their status; each edge renders them once.

The names are the vendor's ``error_name`` values (behaviour sheet, D.2), the statuses theirs too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ParaphError(Exception):
    """A failure the caller can act on.

    ``message`` is what the client reads; ``detail`` goes to the log only. ``path`` names the offending
    parameter as the vendor writes it (``signers[0].email_address``). ``keeps_writes`` tells the transaction to
    commit what was recorded although the request fails (a replayed code revokes its tokens *and* answers
    ``invalid_grant``). ``headers`` are added to the answer.
    """

    default_name = "bad_request"
    default_status = 400

    def __init__(
        self,
        message: str,
        *,
        name: str | None = None,
        status: int | None = None,
        path: str | None = None,
        detail: str | None = None,
        keeps_writes: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.name = name or self.default_name
        self.status = status or self.default_status
        self.path = path
        self.detail = detail
        self.keeps_writes = keeps_writes
        self.headers = dict(headers or {})


class BadRequest(ParaphError):
    """400 ``bad_request``: malformed or failed validation."""


class Unauthorized(ParaphError):
    """401 ``unauthorized``: no, wrong or dead credentials."""

    default_name = "unauthorized"
    default_status = 401


class Forbidden(ParaphError):
    """403 ``forbidden``: known caller, not allowed."""

    default_name = "forbidden"
    default_status = 403


class NotFound(ParaphError):
    """404 ``not_found``: unknown, or not visible to this caller; the two are never told apart."""

    default_name = "not_found"
    default_status = 404

    def __init__(self, message: str = "Not found", **more: str | None) -> None:
        super().__init__(message, path=more.get("path"), detail=more.get("detail"))


class Conflict(ParaphError):
    """409 ``conflict``: still being prepared, or a clash of state."""

    default_name = "conflict"
    default_status = 409


class Deleted(ParaphError):
    """410 ``deleted``: cancelled or deleted."""

    default_name = "deleted"
    default_status = 410

    def __init__(self, message: str = "This resource has been deleted") -> None:
        super().__init__(message)


class TooManyRequests(ParaphError):
    """429 ``exceeded_rate``."""

    default_name = "exceeded_rate"
    default_status = 429
