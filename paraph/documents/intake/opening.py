"""Opening bytes that anybody may have made."""

import io
from typing import Final

import pikepdf
import pypdfium2 as pdfium

from paraph.documents.intake.facts import Facts
from paraph.documents.limits import MEBIBYTE, Limits
from paraph.documents.rejected import Rejected

MAX_STREAM_BYTES: Final = 192 * MEBIBYTE
"""What any one stream may decode to."""
MAX_FILTERS: Final = 4
MAX_NESTING: Final = 100
MAX_PARSER_WARNINGS: Final = 5000

DAMAGED: Final = (pikepdf.PdfError, RuntimeError, UnicodeDecodeError, ValueError)


def set_parser_limits() -> None:
    """Bound what the parser itself may do; once a process."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_STREAM_BYTES,
        run_length_max_memory=MAX_STREAM_BYTES,
        png_max_memory=MAX_STREAM_BYTES,
        tiff_max_memory=MAX_STREAM_BYTES,
        dct_max_memory=MAX_STREAM_BYTES,
        max_stream_filters=MAX_FILTERS,
        parser_max_nesting=MAX_NESTING,
        doc_max_warnings=MAX_PARSER_WARNINGS,
    )


def open_untrusted(data: bytes, limits: Limits, facts: Facts) -> pikepdf.Pdf:
    """The parsed file; a damaged one is first re-saved by the renderer's more lenient parser.

    Raises Rejected: password_needed, unreadable, no_pages."""
    set_parser_limits()
    try:
        pdf = _open(data)
    except DAMAGED as damage:
        facts.warn("repaired")
        try:
            pdf = _open(_resaved(data, limits))
        except DAMAGED as hopeless:
            reason = "no_pages" if "no pages" in str(damage) else "unreadable"
            raise Rejected(reason, str(damage)) from hopeless
    if "/Size" not in pdf.trailer:
        pdf.trailer["/Size"] = 1  # the writer corrects the number, but would not add a missing one
    if pdf.is_encrypted:
        facts.warn("owner_password_removed")
    return pdf


def _open(data: bytes) -> pikepdf.Pdf:
    try:
        return pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError as locked:
        raise Rejected("password_needed") from locked


def _resaved(data: bytes, limits: Limits) -> bytes:
    document = pdfium.PdfDocument(data)
    try:
        if len(document) == 0:
            raise Rejected("no_pages")
        if len(document) > limits.max_pages:
            raise Rejected("too_many_pages")
        output = io.BytesIO()
        document.save(output)
        return output.getvalue()
    finally:
        document.close()
