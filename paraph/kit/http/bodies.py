"""The body of a request, under this server's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import BadRequest
from paraph.kit.wire.body import Body, read_body
from paraph.kit.wire.limits import Limits

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request

    from paraph.kit import Kit

ROOM_FOR_THE_REST_BYTES = 1 << 20
LARGEST_FILES_PER_BODY = 5
"""A body may hold several documents, but not all at the largest size at once."""


def open_body(
    request: Request, kit: Kit, *, files: int = LARGEST_FILES_PER_BODY
) -> AbstractAsyncContextManager[Body]:
    """Read the body, of at most so many ``files`` of the largest size; its files live as long as the block."""
    limits = Limits(body_bytes=kit.settings.max_file_bytes * files + ROOM_FOR_THE_REST_BYTES)
    return read_body(
        request.stream(),
        content_type=request.headers.get("content-type"),
        content_length=_content_length(request),
        limits=limits,
        spool_dir=kit.files.spool,
    )


def _content_length(request: Request) -> int | None:
    text = request.headers.get("content-length")
    if text is None:
        return None
    if not text.isdecimal():
        raise BadRequest("The Content-Length header must be a number.")
    return int(text)
