"""Pictures become PDF pages: a JPEG as it is, everything else decoded and packed again."""

import io
import warnings
import zlib
from collections.abc import Iterator
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from paraph.documents.intake.facts import Facts
from paraph.documents.intake.jpeg import without_private_segments
from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected
from paraph.documents.shapes import PageGeometry
from paraph.documents.sniffing import GIF, JPEG, PNG, TIFF

MAX_PIXELS: Final = 60_000_000
SHORT_SIDE: Final = 612.0
LONG_SIDE: Final = 792.0
"""A Letter page, upright or on its side, whichever suits the picture."""
NATURAL_DPI: Final = 96.0
"""A picture is shown no larger than at this resolution."""
UPRIGHT: Final = 1
ORIENTATION: Final = 0x0112
FORMATS: Final = {JPEG: "JPEG", PNG: "PNG", GIF: "GIF", TIFF: "TIFF"}
AS_THEY_ARE: Final = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB}

UNREADABLE: Final = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError)


def pdf_of_picture(data: bytes, media_type: str, limits: Limits) -> tuple[bytes, Facts]:
    """A PDF with one page a frame (TIFF only; of a GIF the first). Raises Rejected."""
    facts, pages = Facts(), []
    with pikepdf.new() as pdf:
        try:
            for picture in _frames(data, media_type, limits):
                pages.append(_add_page(pdf, picture, data if media_type == JPEG else None))
        except Image.DecompressionBombError as bomb:
            raise Rejected("picture_too_large") from bomb
        except UNREADABLE as damage:
            raise Rejected("picture_unreadable", str(damage)) from damage
        facts.pages = tuple(pages)
        output = io.BytesIO()
        pdf.save(output, deterministic_id=True, min_version="1.7")
    return output.getvalue(), facts


def open_picture(source: io.BytesIO, formats: tuple[str, ...]) -> Image.Image:
    """A picture of one of these formats, sized but not decoded. Raises one of UNREADABLE, or Rejected."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = Image.open(source, formats=formats)
    if picture.width * picture.height > MAX_PIXELS:
        raise Rejected("picture_too_large")
    return picture


def _frames(data: bytes, media_type: str, limits: Limits) -> Iterator[Image.Image]:
    picture = open_picture(io.BytesIO(data), (FORMATS[media_type],))
    frames = ImageSequence.Iterator(picture) if media_type == TIFF else iter([picture])
    for count, frame in enumerate(frames, 1):
        if count > limits.max_pages:
            raise Rejected("too_many_pages")
        if frame.width * frame.height > MAX_PIXELS:
            raise Rejected("picture_too_large")
        frame.load()
        yield frame


def _add_page(pdf: pikepdf.Pdf, picture: Image.Image, jpeg: bytes | None) -> PageGeometry:
    upright_already = picture.getexif().get(ORIENTATION, UPRIGHT) == UPRIGHT
    if jpeg is not None and upright_already and picture.mode in AS_THEY_ARE:
        image, size = _jpeg_object(pdf, picture, jpeg), picture.size
    else:
        flat = flattened(ImageOps.exif_transpose(picture))
        image, size = packed(pdf, flat), flat.size
    width, height = (SHORT_SIDE, LONG_SIDE) if size[0] <= size[1] else (LONG_SIDE, SHORT_SIDE)
    scale = min(width / size[0], height / size[1], 72.0 / NATURAL_DPI)
    across, up = size[0] * scale, size[1] * scale
    page = pdf.add_blank_page(page_size=(width, height))
    page.obj["/Resources"] = Dictionary(XObject=Dictionary({"/Picture": image}))
    place = f"{across:.3f} 0 0 {up:.3f} {(width - across) / 2:.3f} {(height - up) / 2:.3f}"
    page.obj["/Contents"] = pdf.make_stream(f"q {place} cm /Picture Do Q".encode())
    page.obj["/CropBox"], page.obj["/Rotate"] = Array([0, 0, width, height]), 0
    return PageGeometry(width, height, 0)


def flattened(picture: Image.Image) -> Image.Image:
    """Grey or RGB with 8 bits, transparent parts white."""
    if picture.mode in {"1", "L"}:
        return picture.convert("L")
    if picture.mode.startswith("I") or picture.mode == "F":
        return _deep_grey(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        coloured = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(coloured, mask=coloured.getchannel("A"))
        return paper
    return picture.convert("RGB")


def _deep_grey(picture: Image.Image) -> Image.Image:
    """16-bit greys keep their upper eight bits; a plain conversion would clip them to white."""
    deep = picture.convert("I")
    _, high = deep.getextrema()
    scale = 255.0 / 65535.0 if isinstance(high, int | float) and high > 255 else 1.0
    return deep.point(lambda value: value * scale).convert("L")


def _jpeg_object(pdf: pikepdf.Pdf, picture: Image.Image, jpeg: bytes) -> pikepdf.Stream:
    return pdf.make_stream(
        without_private_segments(jpeg),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=AS_THEY_ARE[picture.mode],
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )


def packed(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Stream:
    """A grey or RGB picture as a Flate image."""
    return pdf.make_stream(
        zlib.compress(picture.tobytes(), 6),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=AS_THEY_ARE[picture.mode],
        BitsPerComponent=8,
        Filter=Name.FlateDecode,
    )
