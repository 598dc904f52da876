"""A page of a normalised file as a picture."""

import io
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium

from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected

MIN_WIDTH: Final = 16
MAX_WIDTH: Final = 4000
MAX_PIXELS: Final = 16_000_000
"""However tall the page, a render takes no more memory than this."""
JPEG_QUALITY: Final = 82


def render_page(_limits: Limits, pdf: Path, page: int, width_px: int) -> bytes:
    """JPEG of a page (from 1). width_px is kept within MIN_WIDTH..MAX_WIDTH, less for a very tall page."""
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as damage:
        raise Rejected("unreadable", str(damage)) from damage
    try:
        if not 1 <= page <= len(document):
            raise Rejected("no_such_page")
        return _jpeg(document[page - 1], min(max(width_px, MIN_WIDTH), MAX_WIDTH))
    finally:
        document.close()


def _jpeg(page: pdfium.PdfPage, width_px: int) -> bytes:
    width, height = page.get_size()
    scale = min(width_px / width, (MAX_PIXELS / (width * height)) ** 0.5)
    picture = page.render(scale=scale, rev_byteorder=True).to_pil()
    output = io.BytesIO()
    picture.convert("RGB").save(output, "JPEG", quality=JPEG_QUALITY)
    return output.getvalue()
