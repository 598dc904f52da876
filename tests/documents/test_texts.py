"""Text tags are found wherever a program painted them, and can be taken out without a trace (statement 12)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pikepdf import Array
from PIL import Image, ImageChops, ImageDraw

from paraph.documents import (
    Assembly,
    Box,
    DocumentFailure,
    FoundText,
    HiddenTexts,
    Mark,
    PlainText,
    Rejected,
    SourceDocument,
)
from tests.documents import nasty, tagged
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, by_poppler, text_by_pdfium, text_by_poppler
from tests.documents.samples import pdf_bytes
from tests.documents.tagged import KINDS, TAGS, document, lines, shown

PLAIN_SHADE = 40
"""A letter's soft edge may differ by less than this where nothing has moved."""


def found_in(data: bytes, desk: Desk, folder: Path) -> tuple[FoundText, ...]:
    desk.intake(data, folder / "in.pdf")
    return desk.run(desk.workers.find_texts(folder / "in.pdf"))


def hidden(found: tuple[FoundText, ...], desk: Desk, folder: Path) -> HiddenTexts:
    return desk.run(desk.workers.hide_texts(folder / "in.pdf", found, folder / "out.pdf"))


def squeezed(text: str) -> str:
    return "".join(text.split())


def outside(found: tuple[FoundText, ...], picture: Image.Image, page: int = 1) -> Image.Image:
    """The picture with everything inside the boxes of a page blackened."""
    left = picture.copy()
    pen = ImageDraw.Draw(left)
    for box in (box for text in found if text.page == page for box in (text.box, *text.more)):
        pen.rectangle((box.x - 1, box.y - 1, box.x + box.width + 1, box.y + box.height + 1), fill=0)
    return left


def difference(folder: Path, look: Callable[..., Image.Image] = by_pdfium, page: int = 1) -> Image.Image:
    before, after = (look(folder / name, page).convert("L") for name in ("in.pdf", "out.pdf"))
    return ImageChops.difference(before, after).point(lambda value: 255 if value > PLAIN_SHADE else 0)


# --- finding ---


@pytest.mark.parametrize("kind", KINDS)
def test_every_tag_is_found_and_hidden(kind: str, desk: Desk, tmp_path: Path) -> None:
    found = found_in(KINDS[kind](), desk, tmp_path)
    if kind == "hundred_pages":
        assert len(found) == 200
        assert {text.page for text in found} == set(range(1, 101))
    else:
        assert [squeezed(text.text) for text in found] == [squeezed(tag) for tag in TAGS]
    done = hidden(found, desk, tmp_path)
    assert (done.removed, done.covered) == (len(found), 0)
    assert desk.run(desk.workers.find_texts(tmp_path / "out.pdf")) == ()
    changed = difference(tmp_path)
    assert outside(found, changed).getbbox() is None
    for text in found[:5]:
        box = text.box
        corners = (round(box.x), round(box.y), round(box.x + box.width), round(box.y + box.height))
        ink = changed.crop(corners).getbbox()
        if kind == "white_text":
            assert ink is None
        else:
            assert ink is not None
            assert (
                by_pdfium(tmp_path / "out.pdf").convert("L").crop(corners).getextrema()[0] > 200 or kind == "slanted"
            )
            long = (ink[2] - ink[0], ink[3] - ink[1])[box.height > box.width]
            assert long > 0.9 * max(box.width, box.height) - 4  # the box is where the letters were, and no larger


def test_the_rest_of_the_text_stays(desk: Desk, tmp_path: Path) -> None:
    found = found_in(KINDS["libreoffice"](), desk, tmp_path)
    hidden(found, desk, tmp_path)
    for read in (text_by_pdfium, text_by_poppler):
        before, after = squeezed(read(tmp_path / "in.pdf")), squeezed(read(tmp_path / "out.pdf"))
        for tag in TAGS:
            before = before.replace(squeezed(tag), "")
        assert after == before


def test_a_box_is_where_the_text_stands(desk: Desk, tmp_path: Path) -> None:
    first = found_in(pdf_bytes(tagged.plain()), desk, tmp_path)[0].box
    assert first.page == 1
    assert first.x == pytest.approx(240, abs=0.5)
    assert first.y < 842 - 760 - 7 < first.y + first.height  # the middle of the letters
    assert first.width == pytest.approx(77.6, abs=1)
    assert 10 < first.height < 14


PAGES: dict[str, dict[str, object]] = {
    "rotated_90": {"Rotate": 90},
    "rotated_180": {"Rotate": 180},
    "rotated_270": {"Rotate": 270},
    "rotated_minus_90": {"Rotate": -90},
    "cropped": {"CropBox": Array([40, 100, 560, 800])},
    "cropped_and_rotated": {"CropBox": Array([40, 100, 560, 800]), "Rotate": 270},
    "negative_origin": {"MediaBox": Array([-100, -50, 495, 792])},
    "user_unit": {"UserUnit": 1.5},
    "user_unit_rotated": {"UserUnit": 2, "Rotate": 90},
}


@pytest.mark.parametrize("page", PAGES)
def test_boxes_are_where_they_are_seen_on_any_page(page: str, desk: Desk, tmp_path: Path) -> None:
    found = found_in(pdf_bytes(document(lines(), **PAGES[page])), desk, tmp_path)
    assert [text.text for text in found] == list(TAGS)
    assert hidden(found, desk, tmp_path).covered == 0
    for look in (by_pdfium, by_poppler):
        changed = difference(tmp_path, look)
        assert outside(found, changed).getbbox() is None
        for text in found:
            box = text.box
            ink = changed.crop((int(box.x), int(box.y), int(box.x + box.width), int(box.y + box.height))).getbbox()
            assert ink is not None
            assert max(ink[2] - ink[0], ink[3] - ink[1]) > 0.85 * max(box.width, box.height)


def test_lines_painted_in_several_passes_are_put_together(desk: Desk, tmp_path: Path) -> None:
    found = found_in(pdf_bytes(tagged.in_passes()), desk, tmp_path)
    assert [squeezed(text.text) for text in found] == [squeezed(tag) for tag in TAGS]
    assert hidden(found, desk, tmp_path).removed == 5


def test_labels_of_any_direction_and_definitions_are_read(desk: Desk, tmp_path: Path) -> None:
    found = found_in((tagged.KEPT / "right-to-left.pdf").read_bytes(), desk, tmp_path)
    assert [text.text for text in found] == [
        "[sig|req|signer1|נא לחתום כאן]",
        "[sig|req|signer2|חתימה]",  # in a paragraph that runs to the left
        "[text|req|signer1|الاسم الكامل|name_ar]",
        "[$chk]",
        "[def:$chk|check|req1|signer1]",
        "[text|req|signer1|Official office|ffi_1]",  # set with ligatures
    ]
    assert hidden(found, desk, tmp_path).removed == 6
    assert outside(found, difference(tmp_path)).getbbox() is None


def test_letters_far_apart_are_one_word(desk: Desk, tmp_path: Path) -> None:
    content = shown("[sig|req|signer1]", 60, 700, "C", "9 Tc")
    (found,) = found_in(pdf_bytes(document(content)), desk, tmp_path)
    assert found.text == "[sig|req|signer1]"


def test_a_hyphen_at_the_end_of_a_line_stays_a_hyphen(desk: Desk, tmp_path: Path) -> None:
    content = shown("[text-", 500, 700) + shown("merge|req|sender|Full name|id]", 60, 686)
    (found,) = found_in(pdf_bytes(document(content)), desk, tmp_path)
    assert found.text == "[text-merge|req|sender|Full name|id]"
    assert len(found.more) == 1


def test_what_is_no_piece_is_not_found(desk: Desk, tmp_path: Path) -> None:
    content = shown("See [1], [a b] and ] [ | or [x", 60, 700) + shown("|y] z", 60, 600)
    assert [text.text for text in found_in(pdf_bytes(document(content)), desk, tmp_path)] == ["[x|y]"]


def test_the_same_tag_in_two_places_is_two(desk: Desk, tmp_path: Path) -> None:
    content = shown(TAGS[0], 60, 700) + shown(TAGS[0], 60, 600)
    found = found_in(pdf_bytes(document(content)), desk, tmp_path)
    assert [text.text for text in found] == [TAGS[0]] * 2
    assert hidden(found[:1], desk, tmp_path).removed == 1
    assert desk.run(desk.workers.find_texts(tmp_path / "out.pdf")) == (found[1],)


def test_too_many_texts_are_refused(desk: Desk, tmp_path: Path) -> None:
    content = "".join(shown("[a|b]" * 20, 10, 800 - 15 * row) for row in range(50))
    with pytest.raises(Rejected) as refused:
        found_in(pdf_bytes(document(*[content] * 6)), desk, tmp_path)
    assert refused.value.reason == "too_complex"


def test_five_hundred_tags_on_two_hundred_pages(desk: Desk, tmp_path: Path) -> None:
    """T30: found, taken out, and as many values stamped, each child within its bounds."""
    words = "the party of the first part shall indemnify each signatory"
    rows = "".join(shown(words, 50, 800 - 13 * row) for row in range(40))
    pages = (
        rows + "".join(shown(f"[text|req|signer1||f{page}_{at}]", 50 + 170 * at, 80) for at in range(2 + page % 2))
        for page in range(200)
    )
    found = found_in(pdf_bytes(document(*pages)), desk, tmp_path)
    assert len(found) == 500
    done = hidden(found, desk, tmp_path)
    assert (done.removed, done.covered) == (500, 0)
    marks = tuple(Mark(0, text.box, PlainText(f"value {at} 张伟", 12)) for at, text in enumerate(found))
    plan = Assembly((SourceDocument(tmp_path / "out.pdf", done.sha256),), marks, banner="TEST")
    assert desk.assemble(plan, tmp_path / "stamped.pdf").page_count == 200
    assert "value 499 张伟" in text_by_pdfium(tmp_path / "stamped.pdf", 200)


# --- hiding ---


def test_a_form_that_two_pages_share_is_changed_on_one(desk: Desk, tmp_path: Path) -> None:
    pdf = tagged.in_a_shared_form()
    pdf.pages[1].obj["/Resources"] = pdf.pages[0].obj["/Resources"]
    pdf.pages[1].obj["/Contents"] = pdf.pages[0].obj["/Contents"]
    found = found_in(pdf_bytes(pdf), desk, tmp_path)
    assert [text.page for text in found] == [1] * 5 + [2] * 5
    done = hidden(found[5:], desk, tmp_path)
    assert (done.removed, done.covered) == (5, 0)
    assert desk.run(desk.workers.find_texts(tmp_path / "out.pdf")) == found[:5]
    assert difference(tmp_path, page=1).getbbox() is None
    assert outside(found, difference(tmp_path, page=2), 2).getbbox() is None


def test_letters_that_cannot_be_placed_are_covered(desk: Desk, tmp_path: Path) -> None:
    found = found_in(pdf_bytes(tagged.of_unknown_widths()), desk, tmp_path)
    assert len(found) == 5
    done = hidden(found, desk, tmp_path)
    assert (done.removed, done.covered) == (0, 5)
    # the renderer draws a font that it does not have a little differently each time: poppler does not
    assert outside(found, difference(tmp_path, by_poppler)).getbbox() is None
    after = by_poppler(tmp_path / "out.pdf").convert("L")
    for text in found:
        box = text.box
        area = (int(box.x) + 1, int(box.y) + 1, int(box.x + box.width) - 1, int(box.y + box.height) - 1)
        assert after.crop(area).getextrema() == (255, 255)


def test_a_text_that_is_not_there_is_an_error(desk: Desk, tmp_path: Path) -> None:
    found = found_in(pdf_bytes(tagged.plain()), desk, tmp_path)
    for wrong in (FoundText("[sig|req|signer9]", found[0].box), FoundText(TAGS[0], Box(7, 1, 1, 1, 1))):
        with pytest.raises(DocumentFailure) as failure:
            hidden((wrong,), desk, tmp_path)
        assert failure.value.reason == "text_not_found"
        assert not (tmp_path / "out.pdf").exists()


def test_hiding_nothing_changes_nothing_that_is_seen(desk: Desk, tmp_path: Path) -> None:
    found_in(pdf_bytes(tagged.plain()), desk, tmp_path)
    assert hidden((), desk, tmp_path).removed == 0
    assert difference(tmp_path).getbbox() is None


@pytest.mark.parametrize("name", ["graphics_state_left_scaled", "string_left_open", "hidden_layer"])
def test_odd_pages_can_be_read(name: str, desk: Desk, tmp_path: Path) -> None:
    data = nasty.NASTY[name][0]()
    found = found_in(data, desk, tmp_path)
    assert hidden(found, desk, tmp_path).covered == 0


ODD_CONTENT = {
    "a_letter_as_large_as_a_town": "BT /H 99999999 Tf 1 0 0 1 60 700 Tm ([a|b]) Tj ET",
    "operands_missing": "BT /H 11 Tf 1 0 0 1 60 700 Tm ([sig|req|signer1]) Tj Tf Tm 1 Td (x) TJ Do ET",
    "operands_of_other_kinds": "BT /H 11 Tf 1 0 0 1 60 700 Tm ([sig|req|signer1]) Tj /X Tc [1] Tm (s) Tz /No Do ET",
    "a_matrix_of_nothing": "BT /H 11 Tf 0 0 0 0 60 700 Tm ([sig|req|signer1]) Tj ET",
    "pieces_of_no_letters": "BT /H 0 Tf 1 0 0 1 60 700 Tm ([sig|req) Tj (|signer1]] [|) Tj ET",
}


@pytest.mark.parametrize("kind", ODD_CONTENT)
def test_content_that_breaks_its_own_rules_is_covered(kind: str, desk: Desk, tmp_path: Path) -> None:
    found = found_in(pdf_bytes(document(ODD_CONTENT[kind] + " " + lines())), desk, tmp_path)
    done = hidden(found, desk, tmp_path)
    assert done.removed + done.covered == len(found)
