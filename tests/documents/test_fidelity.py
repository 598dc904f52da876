"""What intake writes looks like what was uploaded."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops

from tests.documents import nasty
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, by_poppler, text_by_pdfium
from tests.documents.samples import pdf_bytes, text_pdf, with_annotation
from tests.documents.test_placement import PAGES

NOTICEABLE = 24
"""Of 255: less is the renderer's rounding."""
SHARE = 0.0005

USER_UNITS = {"user_unit", "user_unit_rotated"}
"""One of the renderers ignores the unit, which is why intake removes it."""


def stamped() -> bytes:
    pdf = with_annotation(Subtype=Name.Stamp)
    form = pdf.make_stream(b"0 0.5 0 rg 10 10 80 20 re f", BBox=Array([0, 0, 100, 40]))
    pdf.pages[0].obj["/Annots"][0]["/AP"] = Dictionary(N=pdf.make_indirect(form))
    return pdf_bytes(pdf)


def highlighted() -> bytes:
    """Drawn with Multiply, so that the text shines through."""
    pdf = with_annotation(Subtype=Name.Stamp)
    blend = Dictionary(ExtGState=Dictionary(G=Dictionary(BM=Name.Multiply)))
    form = pdf.make_stream(b"/G gs 1 1 0 rg 0 0 400 60 re f", BBox=Array([0, 0, 400, 60]), Resources=blend)
    note = pdf.pages[0].obj["/Annots"][0]
    note["/Rect"] = Array([60, 700, 460, 760])
    note["/AP"] = Dictionary(N=pdf.make_indirect(form))
    return pdf_bytes(pdf)


def resources_inherited() -> bytes:
    pdf = with_annotation(Subtype=Name.Stamp)
    form = pdf.make_stream(b"0 0.5 0 rg 10 10 80 20 re f", BBox=Array([0, 0, 100, 40]))
    pdf.pages[0].obj["/Annots"][0]["/AP"] = Dictionary(N=pdf.make_indirect(form))
    pdf.Root["/Pages"]["/Resources"] = pdf.pages[0].obj["/Resources"]
    del pdf.pages[0].obj["/Resources"]
    return pdf_bytes(pdf)


def content_in_pieces() -> bytes:
    """One operator may lie in two streams of the array."""
    pdf = text_pdf()
    whole = pdf.pages[0].obj["/Contents"].read_bytes()
    middle = whole.index(b"Tj") + 3
    pieces = [pdf.make_stream(whole[:middle]), pdf.make_stream(whole[middle:] + b" q")]
    pdf.pages[0].obj["/Contents"] = Array([pdf.make_indirect(piece) for piece in pieces])
    return pdf_bytes(pdf)


UPLOADS: dict[str, Callable[[], bytes]] = {
    **{name: make for name, make in PAGES.items() if name not in USER_UNITS},
    "stamped": stamped,
    "highlighted": highlighted,
    "resources_inherited": resources_inherited,
    "content_in_pieces": content_in_pieces,
    "hidden_layer": nasty.hidden_layer,
    "broken_xref_offsets": nasty.broken_xref_offsets,
    "owner_password_only": nasty.owner_password_only,
}


def difference(before: Image.Image, after: Image.Image) -> float:
    assert before.size == after.size
    grey = ImageChops.difference(before, after).convert("L")
    histogram = grey.histogram()
    return sum(histogram[NOTICEABLE:]) / sum(histogram)


@pytest.mark.parametrize("name", UPLOADS)
def test_a_page_looks_as_uploaded(name: str, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "original.pdf").write_bytes(UPLOADS[name]())
    desk.intake(UPLOADS[name](), tmp_path / "taken.pdf")
    for look in (by_pdfium, by_poppler):
        before, after = look(tmp_path / "original.pdf"), look(tmp_path / "taken.pdf")
        assert before.convert("L").getextrema() != (255, 255), "an empty page proves nothing"
        assert difference(before, after) <= SHARE, look.__name__


@pytest.mark.parametrize("name", UPLOADS)
def test_a_page_says_what_was_uploaded(name: str, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "original.pdf").write_bytes(UPLOADS[name]())
    desk.intake(UPLOADS[name](), tmp_path / "taken.pdf")
    assert text_by_pdfium(tmp_path / "taken.pdf") == text_by_pdfium(tmp_path / "original.pdf")


@pytest.mark.parametrize("name", sorted(USER_UNITS))
def test_a_page_with_a_user_unit_is_shown_larger(name: str, desk: Desk, tmp_path: Path) -> None:
    plain = io.BytesIO()
    with pikepdf.open(io.BytesIO(PAGES[name]())) as pdf:
        unit = float(pdf.pages[0].obj["/UserUnit"])
        del pdf.pages[0].obj["/UserUnit"]
        pdf.save(plain)
    (tmp_path / "plain.pdf").write_bytes(plain.getvalue())
    desk.intake(PAGES[name](), tmp_path / "taken.pdf")
    before = by_pdfium(tmp_path / "plain.pdf", scale=unit)
    assert difference(before, by_pdfium(tmp_path / "taken.pdf")) < 0.02
    assert text_by_pdfium(tmp_path / "taken.pdf") == text_by_pdfium(tmp_path / "plain.pdf")


def test_every_page_of_a_long_document_stays(desk: Desk, tmp_path: Path) -> None:
    desk.intake(nasty.ten_pages(), tmp_path / "taken.pdf")
    document = pdfium.PdfDocument(tmp_path / "taken.pdf")
    for number in range(10):
        assert f"Clause 29 of page {number + 1}." in document[number].get_textpage().get_text_range()
    document.close()
