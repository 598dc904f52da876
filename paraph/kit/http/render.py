"""Turn what an edge returned into a response."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from paraph.kit.errors import NotFound
from paraph.kit.i18n import gettext as _

from .endpoints import ApiAnswer, FileReply, Raw, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paraph.kit import Kit

    from .operation import Operation


_encode = msgspec.json.Encoder().encode
_JSON = (b"content-type", b"application/json")


def json_response(content: bytes, status: int, headers: Mapping[str, str]) -> Response:
    """The response of encoded JSON, its headers made as they are sent: half the work of the library's own."""
    response = Response.__new__(Response)
    response.status_code, response.background, response.body = status, None, content
    response.raw_headers = [(b"content-length", str(len(content)).encode()), _JSON]
    response.raw_headers += [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
    return response


async def render_api_answer(answer: ApiAnswer, operation: Operation, kit: Kit) -> Response:
    """Return the response of an API operation; an answer without data has the operation's empty status."""
    if isinstance(answer, Reply) and answer.data is None:
        status = answer.status if answer.status != 200 else operation.empty_status
        return Response(status_code=status, headers=dict(answer.headers))
    return await render_plain(answer, kit)


async def render_plain(answer: ApiAnswer, kit: Kit) -> Response:
    """Return the response for JSON, bytes or a file."""
    if isinstance(answer, Reply):
        content = b"" if answer.data is None else _encode(answer.data)
        return json_response(content, answer.status, answer.headers)
    if isinstance(answer, Raw):
        return Response(answer.content, answer.status, dict(answer.headers), answer.media_type)
    return await _file(answer, kit)


async def _file(answer: FileReply, kit: Kit) -> Response:
    headers = {
        "Content-Disposition": disposition(answer.filename, inline=answer.inline),
        "X-Content-Type-Options": "nosniff",
    } | dict(answer.headers)
    if answer.path is not None:
        cleanup = BackgroundTask(Path.unlink, answer.path, missing_ok=True)
        return FileResponse(answer.path, headers=headers, media_type=answer.media_type, background=cleanup)
    stack = AsyncExitStack()
    try:
        path = await stack.enter_async_context(kit.files.local(answer.key or ""))
    except FileNotFoundError as error:
        raise NotFound(_("The file is no longer kept on this server.")) from error
    release = BackgroundTask(stack.aclose)
    return FileResponse(path, headers=headers, media_type=answer.media_type, background=release)


def disposition(filename: str, *, inline: bool) -> str:
    """RFC 6266: a plain fallback and the true name in UTF-8."""
    plain = "".join(ch if ch.isascii() and ch.isprintable() and ch not in '"\\;' else "_" for ch in filename)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename)}"
