"""The rewritten file must be read alike by the parser, the sealer and the renderer."""

import io
from typing import Final

import pikepdf
import pypdfium2 as pdfium
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from paraph.documents.rejected import Rejected

PROBE_PIXELS: Final = 600.0


def recheck(data: bytes, page_count: int) -> None:
    """Raises Rejected('unreadable') when one of the three does not read what was written."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            _agree(len(pdf.pages), page_count)
        _read_every_object(data)
        _render_first_page(data, page_count)
    except (pikepdf.PdfError, PdfError, pdfium.PdfiumError, RuntimeError, ValueError, TypeError) as trouble:
        raise Rejected("unreadable", f"recheck: {trouble}") from trouble


def _read_every_object(data: bytes) -> None:
    """By the sealer's parser and as strictly as it verifies, so that no file fails only after signing."""
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    for reference in reader.xrefs.explicit_refs_in_revision(0):
        reader.get_object(Reference(reference.idnum, reference.generation, reader))  # type: ignore[no-untyped-call]


def _agree(found: int, page_count: int) -> None:
    if found != page_count:
        raise Rejected("unreadable", "readers disagree on the page count")


def _render_first_page(data: bytes, page_count: int) -> None:
    document = pdfium.PdfDocument(data)
    try:
        _agree(len(document), page_count)
        page = document[0]
        page.render(scale=min(1.0, PROBE_PIXELS / max(page.get_size())))
    finally:
        document.close()
