"""An app's logo: taken by its content, stored before the transaction that mentions it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from paraph.documents import HEAD_BYTES, sniff
from paraph.kit.errors import BadRequest

from .changes import Logo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from paraph.kit import Kit
    from paraph.kit.wire import FilePart

MOST_BYTES = 512 * 1024
MOST_PIXELS = 4000
LOGO_PATH = "custom_logo_file"
KINDS = ("image/png", "image/jpeg")

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@asynccontextmanager
async def stored_logo(part: FilePart, kit: Kit) -> AsyncIterator[Logo]:
    """Store an uploaded logo for the length of a write: it is removed again when the block fails.

    Raises BadRequest for anything but a PNG or JPEG picture of sensible size.
    """
    if part.size > MOST_BYTES:
        raise BadRequest(f"The logo must be at most {MOST_BYTES // 1024} KB.", path=LOGO_PATH)
    with part.open() as stream:
        content = stream.read()
    media_type = check_picture(content)
    stored = await kit.files.put(content)
    try:
        yield Logo(stored.key, media_type)
    except BaseException:
        await kit.files.delete(stored.key)
        raise


def check_picture(content: bytes) -> str:
    """Return the media type of a PNG or JPEG picture; raises BadRequest for any other content."""
    media_type = sniff(content[:HEAD_BYTES])
    size = {"image/png": _png_size, "image/jpeg": _jpeg_size}.get(media_type, _no_size)(content)
    if size is None:
        raise BadRequest("The logo must be a PNG or JPEG picture.", path=LOGO_PATH)
    if not all(1 <= side <= MOST_PIXELS for side in size):
        raise BadRequest(f"The logo must be at most {MOST_PIXELS} pixels wide and high.", path=LOGO_PATH)
    return media_type


def _no_size(_content: bytes) -> None:
    return None


def _png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height from the header chunk, which must come first; None when it or the end is missing."""
    if content[12:16] != b"IHDR" or b"IEND" not in content[-16:]:
        return None
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height from the frame header, found by walking the segments; None when there is none."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _JPEG_FRAMES:
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return None
