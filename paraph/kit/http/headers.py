"""Security headers of every page (oauth.md A19, A20; documents.md 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def secure(response: Response, form_targets: tuple[str, ...] = ()) -> Response:
    """Add the headers. Browsers apply ``form-action`` to redirects after a post too, hence ``form_targets``."""
    defaults = {
        "Content-Security-Policy": " ".join((CSP, *form_targets)),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    for name, value in defaults.items():
        response.headers.setdefault(name, value)
    return response
