"""Ordinary uploads: what is kept, what goes, and what the sender is told."""

import contextlib
import random
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from paraph.documents import DocumentWorkers, Limits, Rejected
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, changed_area, text_by_pdfium
from tests.documents.nasty import NASTY
from tests.documents.samples import pdf_bytes, picture, text_pdf, text_pdf_bytes, with_annotation

KINDS = ("PNG", "JPEG", "TIFF", "GIF")


def test_a_document_is_measured_as_shown(desk: Desk, tmp_path: Path) -> None:
    pdf = text_pdf(3)
    pdf.pages[1].obj["/Rotate"] = 90
    pdf.pages[2].obj["/CropBox"] = Array([100, 100, 400, 500])
    taken = desk.intake(pdf_bytes(pdf), tmp_path / "out.pdf")
    assert [(page.width, page.height, page.rotation) for page in taken.pages] == [
        (595, 842, 0),
        (842, 595, 90),
        (300, 400, 0),
    ]
    import hashlib

    data = (tmp_path / "out.pdf").read_bytes()
    assert (taken.sha256, taken.byte_count) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (taken.media_type, taken.had_signatures, taken.warnings) == ("application/pdf", 0, ())


def test_the_same_upload_gives_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    data = text_pdf_bytes(4)
    assert desk.intake(data, tmp_path / "a.pdf").sha256 == desk.intake(data, tmp_path / "b.pdf").sha256


def test_a_normalised_file_is_not_changed_in_looks_when_taken_again(desk: Desk, tmp_path: Path) -> None:
    desk.intake(NASTY["form_without_looks"][0](), tmp_path / "a.pdf")
    desk.intake((tmp_path / "a.pdf").read_bytes(), tmp_path / "b.pdf")
    assert changed_area(by_pdfium(tmp_path / "a.pdf"), by_pdfium(tmp_path / "b.pdf")) is None


def test_good_links_stay_and_bad_ones_go(desk: Desk, tmp_path: Path) -> None:
    pdf = text_pdf(2)

    def link(**entries: object) -> Dictionary:
        return Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), **entries)

    def to(uri: str) -> Dictionary:
        return Dictionary(S=Name.URI, URI=String(uri))

    pdf.pages[0].obj["/Annots"] = Array(
        [
            link(A=to("https://example.com/")),
            link(A=to("mailto:ann@example.com")),
            link(A=to("JavaScript:alert(1)")),
            link(A=to("data:text/html,x")),
            link(Dest=Array([pdf.pages[1].obj, Name.Fit])),
            link(),
        ]
    )
    taken = desk.intake(pdf_bytes(pdf), tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as clean:
        kept = [str(item["/A"]["/URI"]) if "/A" in item else "jump" for item in clean.pages[0].obj["/Annots"]]
    assert kept == ["https://example.com/", "mailto:ann@example.com", "jump"]
    assert "removed_action" in taken.warnings


def test_filled_form_fields_become_text(desk: Desk, tmp_path: Path) -> None:
    taken = desk.intake(NASTY["form_without_looks"][0](), tmp_path / "out.pdf")
    assert "Ann" in text_by_pdfium(tmp_path / "out.pdf")
    assert "form_flattened" in taken.warnings


def test_annotations_are_drawn_where_they_were(desk: Desk, tmp_path: Path) -> None:
    pdf = with_annotation(Subtype=Name.Stamp)
    note = pdf.pages[0].obj["/Annots"][0]
    note["/Rect"] = Array([100, 700, 200, 750])
    form = pdf.make_stream(b"1 0 0 rg 0 0 50 50 re f", BBox=Array([0, 0, 50, 50]), Matrix=Array([0, 1, -1, 0, 0, 0]))
    note["/AP"] = Dictionary(N=pdf.make_indirect(form))
    desk.intake(pdf_bytes(pdf), tmp_path / "out.pdf")
    assert by_pdfium(tmp_path / "out.pdf").getpixel((150, 842 - 725)) == (255, 0, 0)
    with pikepdf.open(tmp_path / "out.pdf") as clean:
        assert "/Annots" not in clean.pages[0].obj


def test_hidden_annotations_stay_hidden(desk: Desk, tmp_path: Path) -> None:
    pdf = with_annotation(Subtype=Name.Stamp, F=2)
    form = pdf.make_stream(b"1 0 0 rg 0 0 500 500 re f", BBox=Array([0, 0, 500, 500]))
    pdf.pages[0].obj["/Annots"][0]["/AP"] = Dictionary(N=pdf.make_indirect(form))
    desk.intake(pdf_bytes(pdf), tmp_path / "out.pdf")
    desk.intake(text_pdf_bytes(), tmp_path / "plain.pdf")
    assert changed_area(by_pdfium(tmp_path / "out.pdf"), by_pdfium(tmp_path / "plain.pdf")) is None


def test_what_the_file_hides_does_not_survive(desk: Desk, tmp_path: Path) -> None:
    """Statement 8. A shadow attack plants an object that a later revision would bring to light."""
    pdf = text_pdf()
    pdf.make_indirect(pdf.make_stream(b"(SHADOW CONTENT) Tj"))
    with_shadow = pdf_bytes(pdf, preserve_pdfa=False)
    desk.intake(with_shadow + b"\n99 0 obj\n(SHADOW CONTENT)\nendobj\n", tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as clean:
        clean.save(
            tmp_path / "plain.pdf", compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
    assert b"SHADOW" not in (tmp_path / "plain.pdf").read_bytes()


def test_layers_cannot_be_switched(desk: Desk, tmp_path: Path) -> None:
    """Statement 8."""
    desk.intake(NASTY["hidden_layer"][0](), tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as clean:
        default = clean.Root["/OCProperties"]["/D"]
        assert len(default["/Order"]) == 0
        assert len(default["/Locked"]) == 1
    desk.intake(text_pdf_bytes(), tmp_path / "plain.pdf")
    assert changed_area(by_pdfium(tmp_path / "out.pdf"), by_pdfium(tmp_path / "plain.pdf")) is None


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("owner_password_only", "owner_password_removed"),
        ("embedded_program", "removed_embeddedfiles"),
        ("form_with_xfa_beside", "removed_xfa"),
        ("hidden_layer", "layers_frozen"),
        ("rotated_by_45", "page_1_odd_rotation_ignored"),
        ("signed_field", "signatures_flattened"),
    ],
)
def test_the_sender_can_be_told(name: str, warning: str, desk: Desk, tmp_path: Path) -> None:
    """Statements 2 and 9."""
    assert warning in desk.intake(NASTY[name][0](), tmp_path / "out.pdf").warnings


def test_signatures_are_counted(desk: Desk, tmp_path: Path) -> None:
    """Statement 9; how the sender hears of it: tests/signature_requests/test_file_kinds.py."""
    assert desk.intake(NASTY["signed_field"][0](), tmp_path / "out.pdf").had_signatures == 1
    assert desk.intake(NASTY["form_without_looks"][0](), tmp_path / "out.pdf").had_signatures == 0


def test_size_is_limited(desk: Desk, tmp_path: Path) -> None:
    """The sentence names the limit in force."""
    data = text_pdf_bytes() + b"%" * (40 << 20)
    with pytest.raises(Rejected) as refused:
        desk.intake(data, tmp_path / "out.pdf")
    assert refused.value.reason == "too_large"
    assert "40 MB" in refused.value.sentence


def test_other_limits_can_be_set(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "in").write_bytes(text_pdf_bytes(3))
    (tmp_path / "large").write_bytes(text_pdf_bytes(2))

    async def reason(limits: Limits, source: Path) -> str:
        async with DocumentWorkers(limits) as workers:
            with pytest.raises(Rejected) as refused:
                await workers.intake(source, tmp_path / "out.pdf")
            return refused.value.reason

    assert desk.run(reason(Limits(max_pages=2), tmp_path / "in")) == "too_many_pages"
    assert desk.run(reason(Limits(max_bytes=100), tmp_path / "large")) == "too_large"


@pytest.mark.parametrize("wrong", [{"max_pages": 0}, {"wall_seconds": 0}, {"memory_bytes": 1000}])
def test_limits_that_nothing_could_meet_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"limits|child"):
        Limits(**wrong)


def test_a_name_is_never_asked(desk: Desk, tmp_path: Path) -> None:
    """Statement 1."""
    (tmp_path / "harmless.pdf").write_bytes(picture())
    taken = desk.run(desk.workers.intake(tmp_path / "harmless.pdf", tmp_path / "out.pdf"))
    assert taken.media_type == "image/png"


# --- rendering ---


def test_a_page_is_rendered_as_wide_as_asked(desk: Desk, tmp_path: Path) -> None:
    import io

    from PIL import Image

    desk.intake(text_pdf_bytes(2), tmp_path / "in.pdf")
    drawn = Image.open(io.BytesIO(desk.render(tmp_path / "in.pdf", 2, 900)))
    assert drawn.format == "JPEG"
    assert drawn.width == pytest.approx(900, abs=1)
    assert drawn.height == pytest.approx(900 * 842 / 595, abs=2)


@pytest.mark.parametrize("page", [0, -1, 3])
def test_a_page_that_is_not_there(page: int, desk: Desk, tmp_path: Path) -> None:
    desk.intake(text_pdf_bytes(2), tmp_path / "in.pdf")
    with pytest.raises(Rejected) as refused:
        desk.render(tmp_path / "in.pdf", page)
    assert refused.value.reason == "no_such_page"


def test_a_render_never_takes_more_than_its_pixels(desk: Desk, tmp_path: Path) -> None:
    """Statement 6."""
    import io

    from PIL import Image

    desk.intake(NASTY["page_of_200_inches"][0](), tmp_path / "in.pdf")
    for width in (-5, 1_000_000):
        drawn = Image.open(io.BytesIO(desk.render(tmp_path / "in.pdf", 1, width)))
        assert drawn.width * drawn.height <= 16_100_000


def test_what_the_catalogue_and_trailer_hold_besides_is_dropped(desk: Desk, tmp_path: Path) -> None:
    pdf = text_pdf()
    pdf.Root["/Surprise"] = pdf.make_stream(b"SURPRISE")
    pdf.Root["/Lang"] = String("de")
    pdf.trailer["/Surprise"] = String("SURPRISE")
    pdf.docinfo["/Author"] = String("SURPRISE")
    taken = desk.intake(pdf_bytes(pdf), tmp_path / "out.pdf")
    assert "removed_other" in taken.warnings
    with pikepdf.open(tmp_path / "out.pdf") as clean:
        assert str(clean.Root["/Lang"]) == "de"
        clean.save(
            tmp_path / "plain.pdf", compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
    assert b"SURPRISE" not in (tmp_path / "plain.pdf").read_bytes()


def test_any_damage_gets_a_named_answer(desk: Desk, tmp_path: Path) -> None:
    """Ordinary files with a few bytes changed, cut out or put in, the same ones every time."""
    dice = random.Random(11)
    wholes = [
        text_pdf_bytes(2),
        NASTY["form_without_looks"][0](),
        picture(),
        picture(kind="JPEG"),
        picture(kind="TIFF"),
    ]
    for _ in range(60):
        damaged = bytearray(dice.choice(wholes))
        for _ in range(dice.randrange(1, 6)):
            place = dice.randrange(len(damaged))
            damaged[place : place + dice.randrange(12)] = dice.randbytes(dice.randrange(12))
        with contextlib.suppress(Rejected):
            desk.intake(bytes(damaged), tmp_path / "out.pdf")
