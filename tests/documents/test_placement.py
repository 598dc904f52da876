"""A mark lands where the sender saw the place, and changes nothing else, whatever the page is like."""

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array
from PIL import Image

from paraph.documents import Assembly, Box, DocumentFailure, Mark, Picture, PlainText, Rejected, SourceDocument, Tick
from tests.documents import nasty
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, by_poppler, changed_area, red_area, text_by_pdfium
from tests.documents.samples import pdf_bytes, text_pdf, with_annotation

BOX = Box(1, 70, 40, 120, 60)
PIXELS_OFF = 1.01
"""A renderer may round an edge to either side."""


def page_like(**entries: object) -> Callable[[], bytes]:
    def make() -> bytes:
        pdf = text_pdf()
        for key, value in entries.items():
            pdf.pages[0].obj[f"/{key}"] = value
        return pdf_bytes(pdf)

    return make


def inherited_rotation() -> bytes:
    pdf = text_pdf()
    pdf.Root["/Pages"]["/Rotate"] = 270
    return pdf_bytes(pdf)


def covered_by_an_annotation() -> bytes:
    pdf = with_annotation(Subtype=pikepdf.Name.Stamp)
    form = pdf.make_stream(b"0.9 g 0 0 595 842 re f", BBox=Array([0, 0, 595, 842]))
    pdf.pages[0].obj["/Annots"][0]["/Rect"] = Array([0, 0, 595, 842])
    pdf.pages[0].obj["/Annots"][0]["/AP"] = pikepdf.Dictionary(N=pdf.make_indirect(form))
    return pdf_bytes(pdf)


CROP = Array([100, 150, 500, 700])
PAGES: dict[str, Callable[[], bytes]] = {
    "plain": page_like(),
    "rotated_90": page_like(Rotate=90),
    "rotated_180": page_like(Rotate=180),
    "rotated_270": page_like(Rotate=270),
    "rotated_minus_90": page_like(Rotate=-90),
    "rotation_inherited": inherited_rotation,
    "cropped": page_like(CropBox=CROP),
    "cropped_and_rotated_90": page_like(CropBox=CROP, Rotate=90),
    "cropped_and_rotated_180": page_like(CropBox=CROP, Rotate=180),
    "cropped_and_rotated_270": page_like(CropBox=CROP, Rotate=270),
    "negative_origin": page_like(MediaBox=Array([-300, -200, 295, 642])),
    "corners_swapped": page_like(MediaBox=Array([595, 842, 0, 0])),
    "user_unit": page_like(MediaBox=Array([0, 0, 300, 400]), UserUnit=2),
    "user_unit_rotated": page_like(MediaBox=Array([0, 0, 300, 400]), UserUnit=1.5, Rotate=90),
    "covered_by_an_annotation": covered_by_an_annotation,
    "graphics_state_left_scaled": nasty.graphics_state_left_scaled,
    "too_many_restores": nasty.too_many_restores,
    "string_left_open": nasty.string_left_open,
    "inline_image_left_open": nasty.inline_image_left_open,
    "dictionary_left_open": nasty.dictionary_left_open,
    "text_object_left_open": nasty.text_object_left_open,
}


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    path = tmp_path_factory.mktemp("red") / "red.png"
    Image.new("RGB", (120, 60), "red").save(path)
    return Picture(path)


@pytest.mark.parametrize("name", PAGES)
def test_a_mark_lands_where_it_was_placed(name: str, desk: Desk, red: Picture, tmp_path: Path) -> None:
    """Statements 11b and 12, and T21: nothing on the page hides, swallows or moves it."""
    taken = desk.intake(PAGES[name](), tmp_path / "in.pdf")
    plan = Assembly((SourceDocument(tmp_path / "in.pdf", taken.sha256),), (Mark(0, BOX, red),))
    desk.assemble(plan, tmp_path / "out.pdf")
    for look in (by_pdfium, by_poppler):
        after = look(tmp_path / "out.pdf")
        assert after.size == pytest.approx((taken.pages[0].width, taken.pages[0].height), abs=1.0)
        assert red_area(after) == pytest.approx((70, 40, 190, 100), abs=PIXELS_OFF), look.__name__
        changed = changed_area(look(tmp_path / "in.pdf"), after)
        assert changed is not None
        assert changed[0] >= 69, look.__name__
        assert changed[1] >= 39
        assert changed[2] <= 191
        assert changed[3] <= 101


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_reads_upright_on_a_rotated_page(rotation: int, desk: Desk, tmp_path: Path) -> None:
    document = desk.document(page_like(Rotate=rotation)(), tmp_path / "in.pdf")
    mark = Mark(0, Box(1, 300, 300, 200, 30), PlainText("Wide words", font_size=20))
    desk.assemble(Assembly((document,), (mark,)), tmp_path / "out.pdf")
    area = changed_area(by_pdfium(tmp_path / "in.pdf"), by_pdfium(tmp_path / "out.pdf"))
    assert area is not None
    assert area[2] - area[0] > 3 * (area[3] - area[1])


def test_the_original_text_stays(desk: Desk, tmp_path: Path) -> None:
    document = desk.document(pdf_bytes(text_pdf(2)), tmp_path / "in.pdf")
    desk.assemble(Assembly((document,), (Mark(0, BOX, PlainText("added")),)), tmp_path / "out.pdf")
    before, after = text_by_pdfium(tmp_path / "in.pdf"), text_by_pdfium(tmp_path / "out.pdf")
    assert after.split() == [*before.split(), "added"]
    assert text_by_pdfium(tmp_path / "out.pdf", 2) == text_by_pdfium(tmp_path / "in.pdf", 2)


def test_links_of_a_page_with_a_user_unit_move_along(desk: Desk, tmp_path: Path) -> None:
    pdf = with_annotation(
        Subtype=pikepdf.Name.Link,
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.com/")),
    )
    pdf.pages[0].obj["/UserUnit"] = 2
    desk.intake(pdf_bytes(pdf), tmp_path / "in.pdf")
    with pikepdf.open(tmp_path / "in.pdf") as taken:
        link = taken.pages[0].obj["/Annots"][0]
        assert [float(edge) for edge in link["/Rect"]] == [100, 100, 400, 160]
        assert str(link["/A"]["/URI"]) == "https://example.com/"


def test_several_documents_keep_their_own_pages(desk: Desk, red: Picture, tmp_path: Path) -> None:
    documents = tuple(desk.document(pdf_bytes(text_pdf(count)), tmp_path / f"{count}.pdf") for count in (2, 3, 1))
    mark = Mark(1, Box(3, 70, 40, 120, 60), red)
    done = desk.assemble(Assembly(documents, (mark,)), tmp_path / "out.pdf")
    assert done.first_pages == (1, 3, 6)
    assert done.page_count == 6
    marked = [page for page in range(1, 7) if red_area(by_pdfium(tmp_path / "out.pdf", page))]
    assert marked == [5]


def test_hidden_layers_stay_hidden_when_documents_are_merged(desk: Desk, tmp_path: Path) -> None:
    first = desk.document(pdf_bytes(text_pdf()), tmp_path / "first.pdf")
    second = desk.document(nasty.hidden_layer(), tmp_path / "second.pdf")
    desk.assemble(Assembly((first, second)), tmp_path / "out.pdf")
    for look in (by_pdfium, by_poppler):
        assert changed_area(look(tmp_path / "out.pdf", 2), look(tmp_path / "second.pdf", 1)) is None


@pytest.mark.parametrize("box", [Box(2, 10, 10, 10, 10), Box(1, 700, 10, 10, 10), Box(1, 10, -20, 10, 10)])
def test_a_mark_outside_of_the_document_is_an_error(box: Box, desk: Desk, tmp_path: Path) -> None:
    document = desk.document(pdf_bytes(text_pdf()), tmp_path / "in.pdf")
    with pytest.raises(DocumentFailure) as failure:
        desk.assemble(Assembly((document,), (Mark(0, box, Tick(), "field-7"),)), tmp_path / "out.pdf")
    assert failure.value.reason == "mark_outside_document"
    assert failure.value.detail == "field-7"
    assert not (tmp_path / "out.pdf").exists()


def test_a_document_that_changed_since_intake_is_refused(desk: Desk, tmp_path: Path) -> None:
    """Statement 11, and T19 before the seal."""
    document = desk.document(pdf_bytes(text_pdf()), tmp_path / "in.pdf")
    with (tmp_path / "in.pdf").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(Rejected) as refused:
        desk.assemble(Assembly((document,)), tmp_path / "out.pdf")
    assert refused.value.reason == "changed_since_intake"


def test_a_banner_is_on_every_page(desk: Desk, tmp_path: Path) -> None:
    documents = (
        desk.document(pdf_bytes(text_pdf(3)), tmp_path / "a.pdf"),
        desk.document(page_like(Rotate=90, CropBox=CROP)(), tmp_path / "b.pdf"),
        desk.document(page_like(MediaBox=Array([0, 0, 30, 20]))(), tmp_path / "c.pdf"),
    )
    desk.assemble(Assembly(documents, banner="TEST MODE · not legally binding"), tmp_path / "out.pdf")
    for page in range(1, 6):
        assert "TEST MODE · not legally binding" in text_by_pdfium(tmp_path / "out.pdf", page)
    strip = by_pdfium(tmp_path / "out.pdf", 4).crop((0, 0, 400, 12))
    assert strip.getpixel((2, 2)) == (255, 237, 237)
