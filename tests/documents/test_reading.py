"""The text of a page in reading order, for those who listen to it."""

from pathlib import Path

import pytest

from paraph.documents import PageText, Rejected
from tests.documents import tagged
from tests.documents.conftest import Desk
from tests.documents.samples import pdf_bytes
from tests.documents.tagged import KINDS, document


def read(data: bytes, desk: Desk, folder: Path, page: int = 1) -> PageText:
    desk.intake(data, folder / "in.pdf")
    return desk.run(desk.workers.page_text(folder / "in.pdf", page))


def told(text: PageText) -> list[str]:
    """Each paragraph in one line."""
    return [" ".join(line.text for line in paragraph) for paragraph in text.paragraphs]


def prose(words: str, x: float, top: float, rows: int, size: float = 10) -> str:
    return "".join(
        f"BT /T {size} Tf 1 0 0 1 {x} {top - 12 * row} Tm ({words} {row} of this column goes on) Tj ET\n"
        for row in range(rows)
    )


def test_words_and_paragraphs_of_a_word_processor(desk: Desk, tmp_path: Path) -> None:
    paragraphs = told(read(KINDS["libreoffice"](), desk, tmp_path))
    assert paragraphs[0] == (
        "Clause 0. Please complete: [sig|req|signer1] and the rest of the sentence "
        "which justifies over several lines so that the words are spread."
    )
    assert len(paragraphs) == 7
    assert paragraphs[5:] == ["Signature", "here"]


def test_ligatures_and_generated_spaces_are_letters_again(desk: Desk, tmp_path: Path) -> None:
    paragraphs = told(read(KINDS["chromium"](), desk, tmp_path))
    assert paragraphs[0] == "Clause 0. Please complete: [sig|req|signer1] here and fi fl ffi"


@pytest.mark.parametrize("kind", ["letter_by_letter", "painted_backwards", "letter_spacing", "slanted", "rotated"])
def test_the_order_of_painting_does_not_matter(kind: str, desk: Desk, tmp_path: Path) -> None:
    said = " ".join(told(read(KINDS[kind](), desk, tmp_path)))
    places = [said.find(tag) for tag in tagged.TAGS]
    assert -1 not in places
    assert places == sorted(places)


def test_columns_are_read_one_after_the_other(desk: Desk, tmp_path: Path) -> None:
    heading = "BT /H 18 Tf 1 0 0 1 60 780 Tm (A heading over both of the columns of this page) Tj ET\n"
    # painted line by line across both columns, as some programs do
    left, right = prose("Left line", 60, 740, 9).splitlines(True), prose("Right line", 320, 740, 9).splitlines(True)
    content = heading + "".join(a + b for a, b in zip(left, right, strict=True))
    paragraphs = told(read(pdf_bytes(document(content)), desk, tmp_path))
    assert paragraphs[0].startswith("A heading")
    assert len(paragraphs) == 3
    assert paragraphs[1].count("Left line") == 9
    assert paragraphs[2].count("Right line") == 9


def test_rows_of_a_form_are_read_one_after_the_other(desk: Desk, tmp_path: Path) -> None:
    rows = "".join(
        tagged.shown(f"Label {row}", 60, 700 - 40 * row) + tagged.shown(f"value {row}", 300, 700 - 40 * row)
        for row in range(6)
    )
    said = told(read(pdf_bytes(document(rows)), desk, tmp_path))
    assert said == [word for row in range(6) for word in (f"Label {row}", f"value {row}")]


def test_right_to_left_text_is_in_the_order_of_writing(desk: Desk, tmp_path: Path) -> None:
    said = told(read((tagged.KEPT / "right-to-left.pdf").read_bytes(), desk, tmp_path))
    assert said[0] == "Sign: [sig|req|signer1|נא לחתום כאן]"
    assert "חתימה" in said[1]
    assert "الاسم الكامل" in said[2]


def test_boxes_are_where_the_lines_are(desk: Desk, tmp_path: Path) -> None:
    ((line,), *_) = read(pdf_bytes(document(tagged.shown("Alone", 100, 700), Rotate=90)), desk, tmp_path).paragraphs
    assert line.text == "Alone"
    assert line.box.y == pytest.approx(100, abs=1)
    assert line.box.x == pytest.approx(700, abs=5)
    assert line.box.height > line.box.width  # it runs down the page as shown


def test_a_page_without_text_says_nothing(desk: Desk, tmp_path: Path) -> None:
    assert read(pdf_bytes(document("")), desk, tmp_path) == PageText(())


def test_a_page_is_told_up_to_a_bound(desk: Desk, tmp_path: Path) -> None:
    content = "".join(prose("word " * 12, 10, 830 - 2 * row, 1, 2) for row in range(400))
    text = read(pdf_bytes(document(content)), desk, tmp_path)
    assert text.is_cut
    assert sum(len(line.text) for paragraph in text.paragraphs for line in paragraph) <= 20_000 * 1.3


def test_a_page_that_is_not_there_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        read(pdf_bytes(document("")), desk, tmp_path, page=2)
    assert refused.value.reason == "no_such_page"


def test_letters_strewn_about_a_page_are_told_all_the_same(desk: Desk, tmp_path: Path) -> None:
    content = "".join(
        f"BT /H 2 Tf 1 0 0 1 {10 + (place * 37) % 570} {10 + (place * 97) % 820}.{place % 10} Tm (x) Tj ET\n"
        for place in range(8000)
    )
    text = read(pdf_bytes(document(content)), desk, tmp_path)
    assert sum(line.text.count("x") for paragraph in text.paragraphs for line in paragraph) > 4000
