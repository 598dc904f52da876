"""A picture of a signature: decoded once, safely, and written anew."""

import io
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from paraph.documents.intake.pictures import FORMATS, UNREADABLE, open_picture
from paraph.documents.limits import MEBIBYTE, Limits
from paraph.documents.rejected import Rejected
from paraph.documents.shapes import TakenPicture
from paraph.documents.sniffing import JPEG, PNG, sniff
from paraph.documents.storing import store

MAX_BYTES: Final = 10 * MEBIBYTE
MAX_SIDE: Final = 1600
"""Pixels; a signature of two inches is printed sharp with a quarter of this."""


def take_picture(limits: Limits, source: Path, target: Path) -> TakenPicture:
    """Write the picture in source as PNG to target. Raises Rejected."""
    with source.open("rb") as file:
        data = file.read(min(limits.max_bytes, MAX_BYTES) + 1)
    if len(data) > min(limits.max_bytes, MAX_BYTES):
        raise Rejected("picture_too_large")
    picture = safe_picture(data)
    output = io.BytesIO()
    picture.save(output, "PNG", optimize=True)
    stored = store(target, output.getvalue())
    return TakenPicture(stored.sha256, stored.byte_count, picture.width, picture.height)


def safe_picture(data: bytes) -> Image.Image:
    """RGBA, upright, at most MAX_SIDE a side, without anything but its pixels. Raises Rejected."""
    if not data:
        raise Rejected("empty")
    media_type = sniff(data)
    if media_type not in {PNG, JPEG}:
        raise Rejected("picture_unreadable", media_type)
    try:
        picture = open_picture(io.BytesIO(data), (FORMATS[media_type],))
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Image.DecompressionBombError as bomb:
        raise Rejected("picture_too_large") from bomb
    except UNREADABLE as damage:
        raise Rejected("picture_unreadable", str(damage)) from damage
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    pixels = Image.new("RGBA", upright.size)
    pixels.paste(upright)
    return pixels
