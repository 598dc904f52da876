"""Names of any script: drawn whole, readable again, and never a crash."""

import random
import subprocess
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from fontTools.ttLib import TTFont

import paraph.documents
from paraph.documents import (
    Assembly,
    Box,
    DocumentFailure,
    Face,
    Mark,
    MarkContent,
    PlainText,
    SourceDocument,
    Strokes,
    Tick,
    TypedText,
)
from paraph.documents.lettering import HANDWRITING, readable, shape, wrapped
from paraph.documents.lettering.bidi import visual_runs
from paraph.documents.lettering.faces import FALLBACKS
from paraph.documents.proof import folded, prove_texts
from paraph.documents.reading_back import texts_drawn
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, changed_area, text_by_pdfium, text_by_poppler
from tests.documents.samples import A4, pdf_bytes, text_pdf_bytes

NAMES = {
    "latin": "Zoë Łódź-Ångström ffi",
    "vietnamese": "Nguyễn Thị Ánh Tuyết",
    "greek": "Ελένη Παπαδοπούλου",
    "cyrillic": "Наталья Щёкина",
    "chinese": "欧阳张伟",
    "japanese": "山田 たろう カタカナ",
    "korean": "김한글 뷁",
    "devanagari": "श्रीमती प्रिया शर्मा",
    "thai": "สมชาย กำลังน้ำ",
    "bengali": "শ্রী রবীন্দ্রনাথ",
    "tamil": "திரு வள்ளுவர்",
    "georgian": "ნინო ბერიძე",
    "armenian": "Արամ Խաչատրյան",
    "amharic": "አበበ ቢቂላ",
    "emoji": "Ann 😀 done 🎉",
}
RIGHT_TO_LEFT = {
    "arabic": "محمد عبد الله الفلاني",
    "hebrew": "שלום עולם",
    "mixed": "Contract of محمد علي (2026), ₪ 1,000.00",
    "mixed with emoji": "עברית नमस्ते ไทย 한글 😀",
}


@pytest.fixture(scope="module")
def blank(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> SourceDocument:
    import pikepdf

    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=A4)
        return desk.document(pdf_bytes(pdf), tmp_path_factory.mktemp("blank") / "blank.pdf")


def drawn(desk: Desk, blank: SourceDocument, content: MarkContent, target: Path) -> Path:
    desk.assemble(Assembly((blank,), (Mark(0, Box(1, 60, 60, 400, 60), content, "m"),)), target)
    return target


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_read_back_as_written(name: str, desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    pdf = drawn(desk, blank, PlainText(name, font_size=14), tmp_path / "out.pdf")
    assert text_by_pdfium(pdf) == unicodedata.normalize("NFC", name)
    assert folded(text_by_poppler(pdf)) == folded(name)


@pytest.mark.parametrize("name", RIGHT_TO_LEFT.values(), ids=RIGHT_TO_LEFT)
def test_a_right_to_left_name_is_read_back(name: str, desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    pdf = drawn(desk, blank, PlainText(name, font_size=14), tmp_path / "out.pdf")
    assert Counter(folded(text_by_poppler(pdf))) == Counter(folded(name))


def test_right_to_left_runs_are_in_visual_order() -> None:
    assert visual_runs("abc שלום def") == [("abc ", False), ("שלום", True), (" def", False)]
    assert visual_runs("שלום abc עולם") == [(" עולם", True), ("abc", False), ("שלום ", True)]
    assert visual_runs("محمد 123") == [("123", False), ("محمد ", True)]


def test_arabic_letters_are_joined() -> None:
    (run,) = shape("محمد").runs
    (alone,) = shape("م").runs
    assert run.right_to_left
    assert alone.glyphs[0].number not in {glyph.number for glyph in run.glyphs}


def test_devanagari_conjuncts_are_formed() -> None:
    assert len(shape("श्री").runs[0].glyphs) < len("श्री")


@pytest.mark.parametrize("name", [*NAMES.values(), *RIGHT_TO_LEFT.values()])
@pytest.mark.parametrize("face", [*HANDWRITING, "NotoSans-Regular"])
def test_no_glyph_is_missing(name: str, face: str) -> None:
    assert all(glyph.number for run in shape(readable(name), face).runs for glyph in run.glyphs)


@pytest.mark.parametrize("face", get_args(Face))
def test_each_handwriting_face_draws_its_own_hand(
    face: Face, desk: Desk, blank: SourceDocument, tmp_path: Path
) -> None:
    pdf = drawn(desk, blank, TypedText("Ann Example", face), tmp_path / "out.pdf")
    assert "Ann Example" in text_by_pdfium(pdf)
    fonts = subprocess.run(["pdffonts", str(pdf)], capture_output=True, text=True, check=True).stdout
    line = next(line for line in fonts.splitlines() if face.replace("-", "") in line)
    assert line.split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, subset, with a Unicode map
    area = changed_area(by_pdfium(blank.path), by_pdfium(pdf))
    assert area is not None
    assert area[0] >= 59
    assert area[2] <= 461
    assert area[1] >= 50
    assert area[3] <= 130


@pytest.mark.parametrize("face", get_args(Face))
def test_browser_and_document_have_the_same_face(face: Face) -> None:
    package = Path(paraph.documents.__file__).parent
    ours = TTFont(package / "fonts" / f"{face}.ttf")
    web = TTFont(package.parent / "signing/static/faces" / f"{face}.woff2")
    assert ours.getBestCmap() == web.getBestCmap()
    assert [ours["hmtx"][glyph] for glyph in ours.getGlyphOrder()] == [
        web["hmtx"][glyph] for glyph in web.getGlyphOrder()
    ]


def test_every_font_has_its_licence_and_all_are_small() -> None:
    folder = Path(paraph.documents.__file__).parent / "fonts"
    for font in folder.glob("*.ttf"):
        name = "Noto" if font.stem.startswith("Noto") and "Emoji" not in font.stem else font.stem.split("-Reg")[0]
        assert (folder / f"LICENSE.{name}.txt").stat().st_size > 1000
    assert sum(font.stat().st_size for font in folder.glob("*.ttf")) < 10_500_000


def test_every_letter_that_a_face_claims_is_drawn() -> None:
    """A font may map a rare syllable to an empty glyph; then it must not be asked for it."""
    shown = {"Lu", "Ll", "Lo", "Nd", "No", "Po", "Sc", "Sm"}
    for name in (*HANDWRITING, *FALLBACKS):
        with TTFont(Path(paraph.documents.__file__).parent / "fonts" / f"{name}.ttf") as font:
            for code, glyph in font.getBestCmap().items():
                if font["glyf"][glyph].numberOfContours == 0 and unicodedata.category(chr(code)) in shown:
                    assert readable(chr(code)) in {" ", ""}, f"{name} U+{code:04X}"


def test_what_cannot_be_drawn_is_named() -> None:
    assert readable("a\U00012000b") == "a[U+12000]b"
    assert readable("lone \ud800 half") == "lone [U+D800] half"
    assert readable("tab\tbell\x07null\x00end") == "tab bellnullend"
    assert readable("line\r\nbreak") == "line break"
    assert readable("line\r\nbreak", multi_line=True) == "line\nbreak"
    assert readable("e\u0301") == "é"
    assert readable("\u202egnp.exe") == "\u202egnp.exe"


def test_no_text_crashes(desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    dice = random.Random(7)
    for round_number in range(6):
        text = "".join(chr(dice.randrange(dice.choice((0x250, 0x3000, 0x110000)))) for _ in range(60))
        content = PlainText(text, multi_line=round_number % 2 == 0)
        drawn(desk, blank, content, tmp_path / f"{round_number}.pdf")


@pytest.mark.parametrize("content", [PlainText(""), PlainText(" \n "), TypedText("", "allura")])
def test_nothing_to_write_draws_nothing(
    content: MarkContent, desk: Desk, blank: SourceDocument, tmp_path: Path
) -> None:
    pdf = drawn(desk, blank, content, tmp_path / "out.pdf")
    assert changed_area(by_pdfium(blank.path), by_pdfium(pdf)) is None


def test_long_text_wraps_and_stays_inside_its_box(desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    text = "A rather long remark that goes on. " * 12 + "\nDonaudampfschifffahrtsgesellschaft" * 3 + "漢字" * 60
    pdf = drawn(desk, blank, PlainText(text, font_size=11, multi_line=True), tmp_path / "out.pdf")
    area = changed_area(by_pdfium(blank.path), by_pdfium(pdf))
    assert area is not None
    assert area[0] >= 59
    assert area[1] >= 59
    assert area[2] <= 461
    assert area[3] <= 122


def test_a_single_line_is_made_smaller_to_fit(desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    pdf = drawn(desk, blank, PlainText("wide " * 60, font_size=20), tmp_path / "out.pdf")
    area = changed_area(by_pdfium(blank.path), by_pdfium(pdf))
    assert area is not None
    assert area[2] <= 461


def test_wrapping_breaks_what_has_no_spaces() -> None:
    lines = wrapped("x" * 300, 100, 10)
    assert "".join(lines) == "x" * 300
    assert all(shape(line).width * 10 <= 100 for line in lines)
    assert wrapped("one two", 1000, 10) == ["one two"]
    assert wrapped("", 100, 10) == [""]


def test_drawn_lines_stay_in_the_box_and_keep_their_shape(desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    frame = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0))
    content = Strokes(tuple(pairwise(frame)), aspect=2.0)
    pdf = drawn(desk, blank, content, tmp_path / "out.pdf")
    area = changed_area(by_pdfium(blank.path), by_pdfium(pdf))
    assert area == pytest.approx((200, 60, 320, 120), abs=2)


@pytest.mark.parametrize(
    "lines",
    [(), ((),), (((0.5, 1.2),),), (((float("nan"), 0.5),),), (((0.1, 0.1),) * 20_001,), (((0.1, 0.1),),) * 401],
)
def test_a_drawing_that_is_none_is_refused(lines: tuple[tuple[tuple[float, float], ...], ...]) -> None:
    with pytest.raises(ValueError, match="drawing"):
        Strokes(lines)


@pytest.mark.parametrize("tick", [Tick(), Tick(framed=True), Tick(round=True), Tick(round=True, framed=True)])
def test_a_tick_is_seen(tick: Tick, desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    assert changed_area(by_pdfium(blank.path), by_pdfium(drawn(desk, blank, tick, tmp_path / "out.pdf")))


def test_an_empty_box_is_not_ticked(desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    pdf = drawn(desk, blank, Tick(ticked=False), tmp_path / "out.pdf")
    assert changed_area(by_pdfium(blank.path), by_pdfium(pdf)) is None


@pytest.mark.parametrize("text", ["قال “نعم” ثم (لا)…", "⁌‚“′⁕⁓⁍”", "“שלום”, ‘x’ ‹y›", "🏾👏🔥 汉 🕐❗"])
def test_signs_that_readers_turn_around_are_no_failure(
    text: str, desk: Desk, blank: SourceDocument, tmp_path: Path
) -> None:
    pdf = drawn(desk, blank, PlainText(text, font_size=14), tmp_path / "out.pdf")
    assert changed_area(by_pdfium(blank.path), by_pdfium(pdf)) is not None


def test_a_drawn_value_is_read_back_exactly(desk: Desk, blank: SourceDocument, tmp_path: Path) -> None:
    drawn(desk, blank, PlainText("أحمد “Ann” 张伟"), tmp_path / "out.pdf")
    (text,) = [text for text in texts_drawn((tmp_path / "out.pdf").read_bytes(), 0) if text]
    assert Counter(text) == Counter("أحمد “Ann” 张伟")


def test_a_value_that_is_not_in_the_document_is_an_error(tmp_path: Path) -> None:
    data = text_pdf_bytes()
    prove_texts(data, {0: ["Clause 1 of page 1."]})
    for missing in ("Clause 99 of page 1", "محمد", "1,000.00"):
        with pytest.raises(DocumentFailure) as failure:
            prove_texts(data, {0: [missing]})
        assert failure.value.reason == "value_not_in_document"
