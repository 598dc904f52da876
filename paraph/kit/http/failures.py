"""Render failures: the vendor's envelope on /v3, a page for people elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from paraph.kit.errors import ParaphError, TooManyRequests
from paraph.kit.i18n import N_, ngettext
from paraph.kit.i18n import gettext as _
from paraph.kit.log import log, log_failure
from paraph.kit.outages import outage_kind, unavailable

if TYPE_CHECKING:
    from paraph.kit.limits import Allowance

UNEXPECTED = N_("Something failed on this server. The request was not carried out; try again, or tell the operator.")


def limit_headers(allowance: Allowance) -> dict[str, str]:
    """The vendor's rate-limit headers, with the vendor's odd case (behaviour sheet, D.5)."""
    return {
        "X-RateLimit-Limit": str(allowance.limit),
        "X-RateLimit-Remaining": str(allowance.remaining),
        "X-Ratelimit-Reset": str(allowance.resets_at),
    }


def add_limit_headers(response: Response, allowance: Allowance) -> None:
    """Add them to an answer of the API, and, unless it says otherwise, that nobody may store it."""
    headers = response.raw_headers
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))
    for name, value in limit_headers(allowance).items():
        headers.append((name.lower().encode(), value.encode()))


def too_many(allowance: Allowance, now: int) -> TooManyRequests:
    """The failure for a call beyond the limit."""
    wait = max(1, allowance.resets_at - now)
    words = ngettext(
        "Too many requests. Try again in one second.", "Too many requests. Try again in %(num)s seconds.", wait
    )
    return TooManyRequests(words, headers={"Retry-After": str(wait)})


def vendor_failure(error: ParaphError) -> Response:
    """Return ``{"error": {"error_msg", "error_name", "error_path"?}}`` with the error's status."""
    body = {"error_msg": error.message, "error_name": error.name}
    if error.path:
        body["error_path"] = error.path
    content = msgspec.json.encode({"error": body})
    return Response(content, error.status, headers=error.headers, media_type="application/json")


def unexpected(where: str) -> ParaphError:
    """Log the exception being handled and return what the caller is told: 503 for an outage, else 500."""
    error = sys.exception()
    kind = outage_kind(error)
    if kind is not None:
        log("outage", where=where, what=kind, error=type(error).__name__)
        return unavailable(kind)
    log_failure("unexpected_failure", where=where)
    return ParaphError(_(UNEXPECTED), name="unknown", status=500)
