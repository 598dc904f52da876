"""Small real pictures."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def png(width: int, height: int) -> bytes:
    """A PNG of one colour."""
    return _saved(width, height, "PNG")


def _saved(width: int, height: int, kind: str) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (width, height), "#21408f").save(stream, kind)
    return stream.getvalue()


PNG = _saved(96, 96, "PNG")
JPEG = _saved(96, 64, "JPEG")
