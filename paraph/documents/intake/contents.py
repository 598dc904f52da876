"""Content streams that decode, are closed, and leave the graphics state as they found it."""

import zlib
from collections.abc import Iterable
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name

from paraph.documents.intake.boxes import inherited
from paraph.documents.intake.facts import Facts
from paraph.documents.intake.objects import FLATE
from paraph.documents.intake.opening import MAX_STREAM_BYTES
from paraph.documents.limits import MEBIBYTE
from paraph.documents.rejected import Rejected

MAX_CONTENT_BYTES: Final = 256 * MEBIBYTE
"""What all content streams of a file may decode to together."""
CANARY: Final = "/ParaphCanary"
SALVAGE_STEP: Final = 256
BOXES: Final = ("/MediaBox", "/CropBox")


def normalise_contents(pdf: pikepdf.Pdf, facts: Facts) -> None:
    """Repair what can be, wrap what would leak into a mark drawn later. Raises Rejected."""
    total = 0
    for number, page in enumerate(pdf.pages, 1):
        content = _decoded(page, number, facts)
        total += len(content)
        if total > MAX_CONTENT_BYTES:
            raise Rejected("content_too_large")
        if not _leaves_no_trace(pdf, content):
            _wrap(pdf, page, content)


def remove_user_units(pdf: pikepdf.Pdf, facts: Facts) -> None:
    """Scale pages that count in another unit, since viewers disagree about it."""
    for number, page in enumerate(pdf.pages, 1):
        if "/UserUnit" not in page.obj:
            continue
        unit = float(page.obj["/UserUnit"])
        del page.obj["/UserUnit"]
        if unit == 1:
            continue
        _wrap(pdf, page, _decoded(page, number, facts), f"{unit:.5f} 0 0 {unit:.5f} 0 0 cm")
        for key in BOXES:
            page.obj[key] = _scaled(page.obj[key], unit)
        for link in page.obj.get("/Annots", Array()):
            for key in ("/Rect", "/QuadPoints"):
                if isinstance(link.get(key), pikepdf.Array):
                    link[key] = _scaled(link[key], unit)


def _wrap(pdf: pikepdf.Pdf, page: pikepdf.Page, content: bytes, matrix: str = "") -> None:
    """Make the page's content one form XObject: a world of its own that ends with it.

    By hand, because the parser's own way reads the content only when the file is saved, and by then the
    page shows the form."""
    resources = inherited(page.obj, "/Resources")
    form = pdf.make_stream(
        zlib.compress(content),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array(list(page.obj["/MediaBox"])),
        Resources=resources if isinstance(resources, pikepdf.Dictionary) else Dictionary(),
        Filter=Name.FlateDecode,
    )
    page.obj["/Resources"] = Dictionary(XObject=Dictionary({"/Page": form}))
    page.obj["/Contents"] = pdf.make_stream(f"q {matrix} /Page Do Q".encode())


def _scaled(numbers: pikepdf.Object, unit: float) -> pikepdf.Array:
    return Array([float(number) * unit for number in list(numbers)])


def _decoded(page: pikepdf.Page, number: int, facts: Facts) -> bytes:
    contents = page.obj.get("/Contents")
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    parts = [_read(stream, number, facts) for stream in streams if isinstance(stream, pikepdf.Stream)]
    return b"\n".join(parts)


def _read(stream: pikepdf.Stream, number: int, facts: Facts) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.PdfError as damage:
        words = str(damage).lower()
        if "limit" in words or "memory" in words:
            raise Rejected("content_too_large") from damage
        salvaged = _salvaged(stream)
        if salvaged is None:
            raise Rejected("content_damaged", words) from damage
        stream.write(salvaged)
        facts.warn("content_damaged", number)
        return salvaged


def _salvaged(stream: pikepdf.Stream) -> bytes | None:
    """What can be decoded of a damaged Flate stream."""
    filters = stream.get("/Filter")
    if isinstance(filters, pikepdf.Array) and len(filters) == 1:
        filters = filters[0]
    if str(filters) not in FLATE or "/DecodeParms" in stream:
        return None
    raw, inflater, salvaged = stream.read_raw_bytes(), zlib.decompressobj(), bytearray()
    try:
        for start in range(0, len(raw), SALVAGE_STEP):
            salvaged += inflater.decompress(raw[start : start + SALVAGE_STEP], MAX_STREAM_BYTES)
            if len(salvaged) > MAX_STREAM_BYTES:
                raise Rejected("content_too_large")
    except zlib.error:
        pass
    return bytes(salvaged)


def _leaves_no_trace(pdf: pikepdf.Pdf, content: bytes) -> bool:
    """Whether q and Q are balanced and never below zero, and an operator appended to the content is read
    back as one: an open string, dictionary or inline image would swallow it."""
    try:
        probe = pdf.make_stream(content + f"\n{CANARY} MP\n".encode())
        instructions = list(pikepdf.parse_content_stream(probe, "q Q MP"))
    except (pikepdf.PdfError, RuntimeError, ValueError):
        return False
    depth = 0
    for instruction in instructions:
        operator = str(instruction.operator)
        depth += (operator == "q") - (operator == "Q")
        if depth < 0:
            return False
    return depth == 0 and bool(instructions) and _is_canary(instructions[-1].operands)


def _is_canary(operands: object) -> bool:
    """Stray operands that the content left before it are harmless."""
    return isinstance(operands, Iterable) and [str(operand) for operand in operands][-1:] == [CANARY]
