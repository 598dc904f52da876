"""What is put into fields: every type, inside its box (statement 12), read back (T16, T18), glyphs only (17)."""

import random
import subprocess
import unicodedata
from collections import Counter
from math import ceil, floor
from pathlib import Path
from typing import get_args

import pikepdf
import pytest
from pikepdf import Array
from PIL import ImageChops

from paraph.documents import (
    Assembly,
    Box,
    Certificate,
    CertificateSection,
    CompletionPlan,
    FontFamily,
    Hyperlink,
    Mark,
    MarkContent,
    Picture,
    PlainText,
    SealingIdentity,
    SourceDocument,
    Strokes,
    Tick,
    TypedText,
)
from paraph.documents.lettering import FAMILIES, readable, shape
from paraph.documents.lettering.families import face_of
from paraph.documents.lettering.setting import Setting, TextBox, placed_lines
from paraph.documents.proof import folded
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, by_poppler, changed_area, text_by_pdfium, text_by_poppler
from tests.documents.samples import A4, pdf_bytes, picture, text_pdf
from tests.documents.tagged import document, shown
from tests.documents.test_lettering import NAMES, RIGHT_TO_LEFT

TALL = {
    "stacked": "Ǻ Ḉ ǭ Ṩ Ệ Å̊̊̊̊ p̣̣̣",
    "thai": "ที่ กี้ ปู่ ญู",
    "naskh": "محمدﷺ لِلَّٰهِ",
    "devanagari": "क्त्वा र्क्षौं ॐ",
    "burmese": "က္ကျွန်ုပ်",
    "khmer": "ក្ខ្រី ស្ត្រី",
    "emoji": "😀🎉👍🏽",
    "wide letters": "WWWWWW mmm ffi @@@",
}
SCALE = 2.0
SIZES = ((200, 18), (200, 8), (60, 60), (400, 12), (30, 14))
FADED = 12
"""A renderer's soft edge may fall on the next pixel with less than this of 255."""


def page_of(desk: Desk, folder: Path, **entries: object) -> SourceDocument:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=A4)
        for key, value in entries.items():
            page.obj[f"/{key}"] = value
        return desk.document(pdf_bytes(pdf), folder / "in.pdf")


def stamped(desk: Desk, source: SourceDocument, folder: Path, *marks: Mark) -> Path:
    desk.assemble(Assembly((source,), marks), folder / "out.pdf")
    return folder / "out.pdf"


def assert_inside(boxes: list[Box], before: Path, after: Path) -> None:
    """Something is drawn in every box, and nothing anywhere else."""
    for look in (by_pdfium, by_poppler):
        old, new = (look(pdf, scale=SCALE).convert("L") for pdf in (before, after))
        changed = ImageChops.difference(old, new).point(lambda value: 255 if value > FADED else 0)
        rest = changed.copy()
        for box in boxes:
            left, top, right, bottom = (
                edge * SCALE for edge in (box.x, box.y, box.x + box.width, box.y + box.height)
            )
            area = (floor(left) - 1, floor(top) - 1, ceil(right) + 1, ceil(bottom) + 1)
            assert changed.crop(area).getbbox() is not None, look.__name__
            rest.paste(0, area)
        assert rest.getbbox() is None, look.__name__


# --- every type of field ---


def ten_types(folder: Path, desk: Desk) -> dict[str, MarkContent]:
    desk.take_picture(picture(), folder / "ink.png")
    return {
        "text": PlainText("Zoë Łódź 42", 12, family="georgia"),
        "text of several lines": PlainText("one two three four five\nsix seven", 11, multi_line=True),
        "checkbox": Tick(framed=True),
        "radio": Tick(round=True, framed=True),
        "dropdown": PlainText("Option B – standard", 12, family="arial"),
        "hyperlink": Hyperlink("Terms of service", "https://example.com/terms", 12),
        "typed signature": TypedText("Ann Łukasz Quigley", "great-vibes"),
        "drawn signature": Strokes((((0.0, 0.0), (0.5, 1.0), (1.0, 0.0)),)),
        "uploaded signature": Picture(folder / "ink.png"),
        "initials": TypedText("AŁQ", "caveat"),
        "date signed": PlainText("11 / 23 / 2026", 12, family="courier"),
        "text merge": PlainText("محمد عبد الله", 12, family="times"),
        "checkbox merge": Tick(),
    }


PAGES: dict[str, dict[str, object]] = {
    "upright": {},
    "rotated_90": {"Rotate": 90},
    "rotated_180": {"Rotate": 180},
    "rotated_minus_90": {"Rotate": -90},
    "cropped_and_rotated": {"CropBox": Array([100, 150, 500, 700]), "Rotate": 270},
    "negative_origin_and_user_unit": {"MediaBox": Array([-300, -200, 295, 642]), "UserUnit": 1.5},
}


@pytest.mark.parametrize("page", PAGES)
def test_no_type_of_field_changes_a_pixel_outside_its_box(page: str, desk: Desk, tmp_path: Path) -> None:
    source = page_of(desk, tmp_path, **PAGES[page])
    marks = [
        Mark(0, Box(1, 20 + 190 * (place % 2), 30 + 48 * (place // 2), 140, 34), content, name)
        for place, (name, content) in enumerate(ten_types(tmp_path, desk).items())
    ]
    assert_inside([mark.box for mark in marks], source.path, stamped(desk, source, tmp_path, *marks))


@pytest.mark.parametrize("kind", TALL)
def test_no_letter_is_too_tall_for_its_box(kind: str, desk: Desk, tmp_path: Path) -> None:
    source = page_of(desk, tmp_path)
    marks = [
        Mark(
            0,
            Box(1, 80, 60 + 80 * number, width, height),
            PlainText(TALL[kind], (12, 49, 30)[number % 3], multi_line=number % 2 == 1),
        )
        for number, (width, height) in enumerate(SIZES)
    ]
    assert_inside([mark.box for mark in marks], source.path, stamped(desk, source, tmp_path, *marks))


def test_every_value_is_found_in_the_final_file(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    source = desk.document(pdf_bytes(text_pdf(2)), tmp_path / "in.pdf")
    contents = ten_types(tmp_path, desk)
    marks = tuple(
        Mark(0, Box(2, 60 + 250 * (place % 2), 40 + 60 * (place // 2), 200, 40), content, name)
        for place, (name, content) in enumerate(contents.items())
    )
    desk.complete(CompletionPlan(Assembly((source,), marks), identity), tmp_path / "out.pdf")
    before, after = (folded(text_by_poppler(tmp_path / name)) for name in ("in.pdf", "out.pdf"))
    values = [folded(content.text) for content in contents.values() if hasattr(content, "text")]
    for value in values:
        assert value in after or unicodedata.bidirectional(value[0]) == "AL"  # readers order Arabic as they like
    # the text of the final file is the original and the declared values, and nothing more (T16)
    assert sorted(after) == sorted(before + "".join(values))
    assert desk.verify(tmp_path / "out.pdf", identity).intact


def test_names_of_every_script_are_whole_in_field_signature_and_certificate(
    desk: Desk, identity: SealingIdentity, tmp_path: Path
) -> None:
    """T22: each name is there three times, with no letter named instead of drawn."""
    source = page_of(desk, tmp_path)
    names = (*NAMES.values(), *RIGHT_TO_LEFT.values())
    marks = [
        Mark(0, Box(1, left, 20 + 40 * row, 240, 30), content)
        for row, name in enumerate(names)
        for left, content in ((40, PlainText(name, 12)), (300, TypedText(name, "caveat")))
    ]
    section = CertificateSection("Signers", tuple(("Name", name) for name in names))
    certificate = Certificate("Certificate", (section,))
    plan = CompletionPlan(Assembly((source,), tuple(marks)), identity, certificate)
    done = desk.complete(plan, tmp_path / "out.pdf")
    text = folded(text_by_poppler(tmp_path / "out.pdf"))
    assert "U+" not in text
    drawn = Counter(text)
    for letter, count in Counter(folded("".join(names))).items():
        assert drawn[letter] >= 3 * count, letter
    for page in range(1, done.page_count + 1):
        assert changed_area(by_pdfium(source.path), by_pdfium(tmp_path / "out.pdf", page)) is not None


# --- font families and sizes ---


@pytest.mark.parametrize("family", get_args(FontFamily))
def test_each_family_has_a_face_of_its_own_or_says_whose(family: FontFamily, desk: Desk, tmp_path: Path) -> None:
    source = page_of(desk, tmp_path)
    word = {"notoHebrew-Regular": "שלום", "notoSanThaiMerged": "สวัสดี", "notoCJK-JP-Regular": "東京"}.get(
        family, "Hamburg"
    )
    after = stamped(desk, source, tmp_path, Mark(0, Box(1, 60, 60, 300, 30), PlainText(word, 14, family=family)))
    fonts = subprocess.run(["pdffonts", str(after)], capture_output=True, text=True, check=True).stdout
    assert FAMILIES[family].replace("-", "") in fonts
    assert folded(text_by_poppler(after)) in (folded(word), folded(word)[::-1])


@pytest.mark.parametrize("family", get_args(FontFamily))
def test_what_a_family_lacks_is_drawn_by_another(family: FontFamily) -> None:
    for name in (*NAMES.values(), *RIGHT_TO_LEFT.values()):
        line = shape(readable(name), face_of(family))
        assert all(glyph.number for run in line.runs for glyph in run.glyphs)


STANDARD_WIDTHS = {"helvetica": (0.556, 0.833), "times": (0.5, 0.778), "courier": (0.6, 0.6)}


@pytest.mark.parametrize("family", STANDARD_WIDTHS)
def test_the_standard_families_have_the_standard_widths(family: FontFamily) -> None:
    """Of "0" and "m" in the fonts that every reader has: a line is as long as the sender expects."""
    for character, width in zip("0m", STANDARD_WIDTHS[family], strict=True):
        assert shape(character, face_of(family)).width == pytest.approx(width, abs=0.001)


@pytest.mark.parametrize("size", [7, 12, 24, 49])
def test_the_size_is_kept_when_the_text_fits(size: int) -> None:
    setting = Setting(float(size), inside=True)
    assert placed_lines("Agreed", TextBox(0, 0, 400, 70), setting)[0] == size


def test_text_shrinks_to_fit_and_never_grows() -> None:
    box = TextBox(0, 0, 60, 12)
    small = placed_lines("A long sentence that does not fit", box, Setting(12, inside=True))[0]
    assert small < 5
    assert placed_lines("A", box, Setting(12, inside=True))[0] == 12
    assert placed_lines("A", TextBox(0, 0, 500, 500), Setting(12, inside=True))[0] == 12
    assert placed_lines("Ag", TextBox(0, 0, 60, 6), Setting(12, inside=True))[0] < 7


def test_lines_are_kept_wrapped_and_shrunk() -> None:
    box = TextBox(0, 0, 120, 60)
    size, lines = placed_lines(
        "one\ntwo words and more of them\n\nlast", box, Setting(12, multi_line=True, inside=True)
    )
    assert size < 12
    assert lines[0].line.runs[0].text == "one"
    assert [line.baseline for line in lines] == sorted((line.baseline for line in lines), reverse=True)
    endless = "word " * 1000
    size, lines = placed_lines(endless, TextBox(0, 0, 50, 20), Setting(12, multi_line=True, inside=True))
    assert size > 0
    assert lines[-1].baseline >= 0


@pytest.mark.parametrize("value", ["x" * 5000, "محمد 1 " * 700, "a\n" * 2500])
def test_the_longest_values_cost_little(value: str, desk: Desk, tmp_path: Path) -> None:
    """Each took 40 s of its child once: now eight of them are stamped within its CPU limit."""
    source = page_of(desk, tmp_path)
    marks = [
        Mark(0, Box(1, 20 + 280 * (row % 2), 20 + 40 * row, 260, 30), PlainText(value, 12, multi_line=True))
        for row in range(8)
    ]
    stamped(desk, source, tmp_path, *marks)


@pytest.mark.parametrize("seed", range(6))
def test_text_of_any_kind_stays_inside_any_box(seed: int) -> None:
    """The numbers, for many more texts than can be drawn."""
    chance = random.Random(seed)
    letters = [*"".join((*NAMES.values(), *RIGHT_TO_LEFT.values(), *TALL.values())), "\n", " ", "W"]
    for _ in range(40):
        text = readable("".join(chance.choices(letters, k=chance.randint(1, 40))), multi_line=True)
        box = TextBox(chance.uniform(0, 300), chance.uniform(0, 300), chance.uniform(4, 300), chance.uniform(4, 90))
        multi = chance.random() < 0.5
        setting = Setting(chance.uniform(7, 49), multi_line=multi, inside=True, fixed_top=chance.random() < 0.5)
        size, lines = placed_lines(text if multi else text.replace("\n", " "), box, setting)
        for one in lines:
            left, bottom, right, top = one.line.ink
            if top > bottom:
                assert one.x + left * size >= box.x - 0.01
                assert one.x + right * size <= box.x + box.width + 0.01
                assert one.baseline + bottom * size >= box.y - 0.01
                assert one.baseline + top * size <= box.y + box.height + 0.01


# --- links ---


@pytest.mark.parametrize("page", PAGES)
def test_a_link_can_be_clicked_where_its_words_are(page: str, desk: Desk, tmp_path: Path) -> None:
    source = page_of(desk, tmp_path, **PAGES[page])
    box = Box(1, 80, 120, 140, 34)
    after = stamped(desk, source, tmp_path, Mark(0, box, Hyperlink("Terms", "https://example.com/a?b=c#d")))
    assert "Terms" in text_by_pdfium(after)
    (found,) = links_of(after)
    assert found[0] == "https://example.com/a?b=c#d"
    assert found[1] == pytest.approx((80, 120, 220, 154), abs=0.1)


def links_of(pdf: Path) -> list[tuple[str, tuple[float, ...]]]:
    """Each link of page 1 and its rectangle as shown, by the renderer's own reckoning."""
    import ctypes

    import pypdfium2 as pdfium
    import pypdfium2.raw as raw

    opened = pdfium.PdfDocument(pdf)
    page = opened[0]
    width, height = page.get_size()
    start, link, found = ctypes.c_int(), raw.FPDF_LINK(), []
    while raw.FPDFLink_Enumerate(page, start, link):
        action = raw.FPDFLink_GetAction(link)
        size = raw.FPDFAction_GetURIPath(opened, action, None, 0)
        text = ctypes.create_string_buffer(size)
        raw.FPDFAction_GetURIPath(opened, action, text, size)
        rectangle = raw.FS_RECTF()
        raw.FPDFLink_GetAnnotRect(link, rectangle)
        corners = []
        for x, y in ((rectangle.left, rectangle.top), (rectangle.right, rectangle.bottom)):
            across, down = ctypes.c_int(), ctypes.c_int()
            raw.FPDF_PageToDevice(page, 0, 0, int(width * 100), int(height * 100), 0, x, y, across, down)
            corners.append((across.value / 100, down.value / 100))
        (one, two), (three, four) = corners
        edges = (min(one, three), min(two, four), max(one, three), max(two, four))
        found.append((text.value.decode(), edges))
    return found


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("mailto:ann@example.com", "mailto:ann@example.com"),
        ("HTTPS://example.com/%20x", "https://example.com/%20x"),
        ("https://bücher.example/straße?q=ä b", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%A4%20b"),
    ],
)
def test_addresses_are_written_in_ascii(url: str, written: str, desk: Desk, tmp_path: Path) -> None:
    source = page_of(desk, tmp_path)
    after = stamped(desk, source, tmp_path, Mark(0, Box(1, 60, 60, 100, 20), Hyperlink("x", url)))
    with pikepdf.open(after) as pdf:
        assert str(pdf.pages[0].obj["/Annots"][0]["/A"]["/URI"]) == written


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "ftp://a", "example.com", "", "data:,x"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="a link leads to"):
        Hyperlink("x", url)


def test_links_that_were_there_stay(desk: Desk, tmp_path: Path) -> None:
    pdf = document(shown("before", 60, 700))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=Array([10, 10, 50, 30]),
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://old.example/")),
    )
    pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(link)])
    source = desk.document(pdf_bytes(pdf), tmp_path / "in.pdf")
    after = stamped(desk, source, tmp_path, Mark(0, Box(1, 60, 60, 100, 20), Hyperlink("x", "https://new.example/")))
    assert [url for url, _ in links_of(after)] == ["https://old.example/", "https://new.example/"]


# --- glyphs only ---


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b> <script>alert(1)</script>",
        ") Tj ET Q 0 0 600 800 re f BT (",
        "\\) ( \\000 \\( <</JS (x)>> endstream endobj",
        "{{ 7*7 }} ${7*7} #{7*7} %s %(name)s",
        "\x00\x1b[31m\x07 bell",
    ],
)
def test_user_text_never_reaches_a_markup_engine(text: str, desk: Desk, tmp_path: Path) -> None:
    source = page_of(desk, tmp_path)
    box = Box(1, 60, 60, 400, 40)
    after = stamped(desk, source, tmp_path, Mark(0, box, PlainText(text, 12)))
    assert folded(unicodedata.normalize("NFC", text)) in folded(text_by_pdfium(after))
    assert_inside([box], source.path, after)
