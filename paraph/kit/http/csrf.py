"""Cross-site request forgery: forms carry a token bound to the browser's cookie, and cross-site posts are refused.

The token is a MAC of the session cookie (or, before log-in, of an anonymous visit cookie): nothing is stored, and a
token from another session or another browser does not fit.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from paraph.kit.errors import Forbidden
from paraph.kit.i18n import gettext as _

if TYPE_CHECKING:
    from starlette.requests import Request

    from paraph.kit import Kit

FIELD = "csrf_token"
HEADER = "x-csrf-token"


def csrf_token(kit: Kit, cookie: str) -> str:
    """Return the token that forms shown to the holder of ``cookie`` carry."""
    return kit.keyring.derived_token("csrf", cookie)


def check_csrf(request: Request, sent: object, expected: str, kit: Kit) -> None:
    """Raise Forbidden unless the form came from a page of ours in this browser."""
    check_same_origin(request, kit)
    token = request.headers.get(HEADER) or sent
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), expected.encode()):
        raise Forbidden(
            "This form is no longer valid: your session changed since it was opened. Go back, reload and try again."
        )


def check_same_origin(request: Request, kit: Kit) -> None:
    """Raise Forbidden for a post that a browser says comes from another site."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(_("This form was sent from another site."))
    origin = request.headers.get("origin")
    if origin and origin != "null" and _host_of(origin) not in _own_hosts(request, kit):
        raise Forbidden(_("This form was sent from another site."))


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no origin that a browser sends
        return None


def _own_hosts(request: Request, kit: Kit) -> set[str]:
    return {urlsplit(kit.settings.public_url).netloc, request.headers.get("host", "")}
