"""What goes out compressed: signers' pages, who may be on a weak line, and scripts and styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.middleware.gzip import GZipMiddleware

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

FEWEST_BYTES: Final = 1000
LEVEL: Final = 6
"""The library's own choice, 9, costs twice the time for a hundredth less."""
TEXT_FILES: Final = (".css", ".js", ".svg")


def may_be_compressed(path: str) -> bool:
    """True for the pages of signers. Nobody who does not hold the link can make them be fetched, so their lengths
    tell a stranger nothing; other pages hold a CSRF token beside what a stranger may send (BREACH). Addresses with a
    dot are pictures and files, compressed already."""
    return path.startswith("/sign/") and "." not in path


def compressed(app: ASGIApp) -> ASGIApp:
    """The application, its answers compressed for who takes that."""
    return GZipMiddleware(app, minimum_size=FEWEST_BYTES, compresslevel=LEVEL)


class Compressed:
    """Static files: text compressed, pictures and fonts as they are."""

    def __init__(self, files: ASGIApp) -> None:
        self._files = files
        self._text = compressed(files)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_text = scope["type"] == "http" and scope["path"].endswith(TEXT_FILES)
        await (self._text if is_text else self._files)(scope, receive, send)
