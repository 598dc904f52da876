"""Ordinary files that tests begin with."""

import io

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

A4 = (595.0, 842.0)


def pdf_bytes(pdf: pikepdf.Pdf, **how: object) -> bytes:
    output = io.BytesIO()
    pdf.save(output, **how)
    return output.getvalue()


def text_pdf(pages: int = 1, size: tuple[float, float] = A4) -> pikepdf.Pdf:
    """Pages of Helvetica text, open."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=size)
        lines = "".join(f"(Clause {row} of page {number}.) Tj 0 -16 Td " for row in range(1, 30))
        page.obj["/Resources"] = Dictionary(Font=Dictionary(F=font))
        page.obj["/Contents"] = pdf.make_stream(f"BT /F 11 Tf 60 760 Td {lines} ET".encode())
    return pdf


def text_pdf_bytes(pages: int = 1, size: tuple[float, float] = A4, **how: object) -> bytes:
    return pdf_bytes(text_pdf(pages, size), **how)


def picture(size: tuple[int, int] = (320, 200), mode: str = "RGB", kind: str = "PNG", **how: object) -> bytes:
    drawn = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 0, size[0] // 2, size[1] // 2), fill="red")
    pen.line((0, size[1], size[0], 0), fill="blue", width=5)
    output = io.BytesIO()
    drawn.convert(mode).save(output, kind, **how)
    return output.getvalue()


def raw_pdf(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A file with exactly these objects; number 1 is the catalogue."""
    output, offsets = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        offsets[number] = len(output)
        output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, count = len(output), max(objects) + 1
    output += b"xref\n0 %d\n0000000000 65535 f \n" % count
    for number in range(1, count):
        known = number in offsets
        output += b"%010d 00000 n \n" % offsets[number] if known else b"0000000000 65535 f \n"
    ending = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
    return output + ending % (count, trailer, start)


def stream(dictionary: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(data), data)


def with_annotation(**entries: object) -> pikepdf.Pdf:
    pdf = text_pdf()
    entry = Dictionary(Type=Name.Annot, Rect=Array([50, 50, 200, 80]), **entries)
    pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(entry)])
    return pdf
