"""Plain text: whatever it is encoded in, every character of it arrives, in its own direction, on enough pages."""

import io
import random
import time
import unicodedata
from pathlib import Path

import pikepdf
import pytest

from paraph.documents import Limits, Rejected, sniff
from paraph.documents.encodings import decoded, text_of_head
from paraph.documents.intake.facts import Facts
from paraph.documents.intake.plain_text import LINE_EM, pdf_of_text, wrapped_paragraph
from paraph.documents.lettering import shape
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, text_by_pdfium, text_by_poppler

GERMAN = "Mietvertrag über die Wohnung in der Königstraße – 1.200 €"
RUSSIAN = "Договор поставки яблок между сторонами заключен в городе Москве и вступает в силу с момента подписания."
GREEK = "Η σύμβαση αυτή συνάπτεται μεταξύ των δύο μερών και ισχύει από την ημέρα της υπογραφής της."
HEBREW = "חוזה זה נערך בין שני הצדדים ונכנס לתוקף ביום החתימה עליו על ידי שניהם."
ARABIC = "أبرم هذا العقد بين الطرفين ويسري مفعوله من يوم التوقيع عليه من قبل الطرفين."
JAPANESE = "この契約は、甲と乙の間で締結され、両者が署名した日から効力を生じるものとする。"
CHINESE = "本合同由甲方和乙方签订,双方同意遵守以下的条款,任何一方不得违反,自签字之日起生效。"
TAIWANESE = "本合約由甲方和乙方簽訂,雙方同意遵守以下的條款,任何一方不得違反,自簽字之日起生效。"
KOREAN = "이 계약은 두 당사자 사이에 체결되며 서명한 날로부터 효력이 발생하는 것으로 한다."
THAI = "สัญญานี้ทำขึ้นระหว่างคู่สัญญาทั้งสองฝ่ายและมีผลบังคับใช้นับแต่วันที่ลงนาม"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_in_every_form(encoding: str) -> None:
    data = f"{GERMAN}\n{CHINESE[:4]}".encode(encoding)
    assert sniff(data) == "text/plain"
    text = decoded(data)
    assert (text.characters, text.guessed) == (f"{GERMAN}\n{CHINESE[:4]}", False)


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (GERMAN, "cp1252"),
        ("Le contrat est signé à Nîmes, où l’été dure", "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (GREEK, "cp1253"),
        (HEBREW, "cp1255"),
        (ARABIC, "cp1256"),
        (THAI, "cp874"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (KOREAN, "euc-kr"),
    ],
)
def test_old_encodings_are_told_apart(words: str, encoding: str) -> None:
    data = words.encode(encoding)
    assert sniff(data) == "text/plain"
    text = decoded(data)
    assert (text.characters, text.guessed) == (words, True)


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"a\x07b", b"\xff\xfe\x00\xff", b"\xff\xfe\x00\xd8\x00\xd8", bytes(range(256))]
)
def test_what_is_no_text(data: bytes) -> None:
    assert text_of_head(data) is None


def test_noise_is_never_text() -> None:
    dice = random.Random(5)
    assert all(sniff(dice.randbytes(4096)) == "application/octet-stream" for _ in range(50))


def test_every_character_arrives(desk: Desk, tmp_path: Path) -> None:
    words = [GERMAN, RUSSIAN, GREEK, CHINESE, JAPANESE, KOREAN]
    taken = desk.intake("\r\n\r\n".join(words).encode(), tmp_path / "out.pdf")
    assert (taken.media_type, taken.page_count, taken.warnings) == ("text/plain", 1, ())
    for shown in (text_by_pdfium(tmp_path / "out.pdf"), text_by_poppler(tmp_path / "out.pdf")):
        bare = "".join(unicodedata.normalize("NFC", shown).split())
        for line in words:
            assert "".join(line.split()) in bare


def test_the_sender_is_told_of_a_guess(desk: Desk, tmp_path: Path) -> None:
    assert desk.intake(GERMAN.encode("cp1252"), tmp_path / "out.pdf").warnings == ("text_encoding_guessed",)


def test_right_to_left_text_stands_on_the_right(desk: Desk, tmp_path: Path) -> None:
    long = f"{ARABIC} Acme Inc. 2026 " * 3
    desk.intake(f"{long}\n\nshort\n\n{HEBREW}".encode(), tmp_path / "out.pdf")
    page = by_pdfium(tmp_path / "out.pdf").convert("L").point(lambda value: 255 if value < 128 else 0)
    left_part, right_part = page.crop((60, 60, 300, 700)), page.crop((300, 60, 550, 700))
    ink = [part.histogram()[255] for part in (left_part, right_part)]
    assert ink[1] > ink[0]
    box = page.getbbox()
    assert box is not None
    assert box[0] >= 62 and box[2] <= 550, "nothing beyond the margins"


def test_lines_keep_the_direction_of_their_paragraph() -> None:
    """A line of a Hebrew paragraph that begins with Latin words still runs from right to left."""
    lines = list(wrapped_paragraph(f"{HEBREW} " * 4 + "Acme Incorporated " * 8 + HEBREW))
    assert len(lines) > 3
    assert all(line.startswith("\u200f") for line in lines)
    assert all(line.startswith("\u200e") for line in wrapped_paragraph(f"{GERMAN} {HEBREW} " * 5))


@pytest.mark.parametrize(
    "words", [GERMAN * 9, CHINESE * 9, ARABIC * 9, "x" * 999, "नमस्ते" * 200, "e\u0301" * 500, "W" * 500]
)
def test_lines_fit_and_nothing_is_lost(words: str) -> None:
    lines = [line.lstrip("\u200e\u200f") for line in wrapped_paragraph(words)]
    assert all(shape(line).width <= LINE_EM + 0.001 for line in lines)
    assert "".join("".join(lines).split()) == "".join(unicodedata.normalize("NFC", words).split())
    assert not any(unicodedata.category(line[0]).startswith("M") for line in lines)


def test_blanks_tabs_and_new_pages_are_kept(desk: Desk, tmp_path: Path) -> None:
    taken = desk.intake(b"    four in\n\ttab\n\n\nlater\x0csecond page\n\x1a", tmp_path / "out.pdf")
    assert taken.page_count == 2
    assert "second page" in text_by_pdfium(tmp_path / "out.pdf", 2)
    page = by_pdfium(tmp_path / "out.pdf").convert("L").point(lambda value: 255 if value < 128 else 0)
    rows = [page.crop((0, top, 612, top + 13)).getbbox() for top in (64, 77, 116)]
    lefts = [row[0] for row in rows if row is not None]
    assert len(lefts) == 3
    assert lefts[2] < lefts[0] < lefts[1]


def test_characters_without_a_face_are_named(desk: Desk, tmp_path: Path) -> None:
    desk.intake("\U00012000".encode(), tmp_path / "out.pdf")
    assert "[U+12000]" in text_by_pdfium(tmp_path / "out.pdf")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" \n\t\n", "empty"),
        (b"\xff\xfea\x00b", "text_unreadable"),
        (b"x" * 30_000_000, "too_many_pages"),
        (b"\x0c" * 501 + b"x", "too_many_pages"),
        (b"a\n" * 40_000, "too_many_pages"),
    ],
)
def test_texts_that_make_no_document(data: bytes, reason: str, desk: Desk, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(Rejected) as refused:
        desk.intake(data, tmp_path / "out.pdf")
    assert refused.value.reason == reason
    assert time.monotonic() - started < 20


def test_text_is_drawn_never_interpreted() -> None:
    """Statement 17: whatever it says, it is glyphs."""
    pdf = pdf_of_text(b"(x) Tj ET /JS (app.alert(1)) <script>%PDF", Limits(), Facts())
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (form,) = opened.pages[0].obj["/Resources"]["/XObject"].values()
        operators = {str(one.operator) for one in pikepdf.parse_content_stream(form)}
    assert operators <= {"q", "Q", "BT", "ET", "Tf", "Tm", "TJ", "Tj", "g", "BDC", "EMC"}
