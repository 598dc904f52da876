"""Pictures as documents, and pictures of signatures."""

import io
import zlib
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from paraph.documents import Assembly, Box, Mark, Picture, Rejected
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, red_area
from tests.documents.samples import picture, text_pdf_bytes

SIDEWAYS = Image.Exif()
SIDEWAYS[0x0112] = 6
SIDEWAYS[0x010F] = "SecretCamera"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF"])
def test_a_picture_becomes_a_page(kind: str, desk: Desk, tmp_path: Path) -> None:
    taken = desk.intake(picture((800, 500), kind=kind), tmp_path / "out.pdf")
    assert taken.media_type == f"image/{kind.lower()}"
    assert [(page.width, page.height) for page in taken.pages] == [(792, 612)]
    area = red_area(by_pdfium(tmp_path / "out.pdf"))
    assert area is not None
    assert (area[2] - area[0]) / (area[3] - area[1]) == pytest.approx(8 / 5, abs=0.1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_png_can_be_read(mode: str, desk: Desk, tmp_path: Path) -> None:
    source = io.BytesIO()
    if mode == "I;16":
        Image.frombytes("I;16", (60, 90), b"\xff\x7f" * 60 * 90).save(source, "PNG")
    else:
        Image.new("RGB", (60, 90), (128, 128, 128)).convert(mode, palette=Image.Palette.ADAPTIVE).save(source, "PNG")
    desk.intake(source.getvalue(), tmp_path / "out.pdf")
    red, green, blue = by_pdfium(tmp_path / "out.pdf").getpixel((306, 396))
    assert red == green == blue
    assert mode == "1" or 120 <= red <= 136


def test_cmyk_jpeg_keeps_its_colours(desk: Desk, tmp_path: Path) -> None:
    desk.intake(picture((400, 300), mode="CMYK", kind="JPEG", quality=95), tmp_path / "out.pdf")
    assert red_area(by_pdfium(tmp_path / "out.pdf")) is not None


def test_what_is_transparent_becomes_white(desk: Desk, tmp_path: Path) -> None:
    source = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(source, "PNG")
    desk.intake(source.getvalue(), tmp_path / "out.pdf")
    assert by_pdfium(tmp_path / "out.pdf").getpixel((306, 396)) == (255, 255, 255)


def test_a_photo_is_embedded_as_it_is_but_for_its_secrets(desk: Desk, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    photo = picture((600, 400), kind="JPEG", exif=exif, comment=b"secret comment")
    assert b"SecretCamera" in photo
    desk.intake(photo, tmp_path / "out.pdf")
    stored = (tmp_path / "out.pdf").read_bytes()
    assert b"Secret" not in stored
    assert b"secret" not in stored
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        image = pdf.pages[0].obj["/Resources"]["/XObject"]["/Picture"]
        assert str(image["/Filter"]) == "/DCTDecode"
        assert Image.open(io.BytesIO(image.read_raw_bytes())).tobytes() == Image.open(io.BytesIO(photo)).tobytes()


def test_a_sideways_photo_is_turned_upright(desk: Desk, tmp_path: Path) -> None:
    taken = desk.intake(picture((600, 400), kind="JPEG", exif=SIDEWAYS), tmp_path / "out.pdf")
    assert (taken.pages[0].width, taken.pages[0].height) == (612, 792)
    area = red_area(by_pdfium(tmp_path / "out.pdf"))
    assert area is not None
    assert area[0] > 250  # the red corner, upper left as stored, is upper right as meant
    assert b"SecretCamera" not in (tmp_path / "out.pdf").read_bytes()


def test_each_frame_of_a_tiff_is_a_page(desk: Desk, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (50, 70), colour) for colour in ("red", "green", "blue")]
    source = io.BytesIO()
    frames[0].save(source, "TIFF", save_all=True, append_images=frames[1:])
    taken = desk.intake(source.getvalue(), tmp_path / "out.pdf")
    assert taken.page_count == 3
    assert by_pdfium(tmp_path / "out.pdf", 3).getpixel((306, 396)) == (0, 0, 255)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_signature_picture_is_written_anew(kind: str, desk: Desk, tmp_path: Path) -> None:
    source = picture((3000, 900), kind=kind, **({"exif": SIDEWAYS} if kind == "JPEG" else {}))
    taken = desk.take_picture(source, tmp_path / "mark.png")
    with Image.open(tmp_path / "mark.png") as clean:
        assert clean.format == "PNG"
        assert clean.size == (taken.width, taken.height)
        assert max(clean.size) == 1600
        assert not clean.getexif()
        assert (clean.height > clean.width) == (kind == "JPEG")


def test_png_text_and_trailing_bytes_do_not_survive(desk: Desk, tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    desk.take_picture(picture(pnginfo=notes) + b"<script>", tmp_path / "mark.png")
    assert b"script" not in (tmp_path / "mark.png").read_bytes()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (picture(kind="GIF"), "picture_unreadable"),
        (b"<svg onload='alert(1)'/>", "picture_unreadable"),
        (picture()[:200], "picture_unreadable"),
        (picture((9_000, 9_000), mode="1"), "picture_too_large"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (11 << 20), "picture_too_large"),
    ],
)
def test_what_is_no_signature_picture_is_refused(data: bytes, reason: str, desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        desk.take_picture(data, tmp_path / "mark.png")
    assert refused.value.reason == reason
    assert not (tmp_path / "mark.png").exists()


def test_a_transparent_signature_lets_the_page_show_through(desk: Desk, tmp_path: Path) -> None:
    signature = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    signature.paste((255, 0, 0, 255), (50, 25, 150, 75))
    signature.save(tmp_path / "mark.png")
    document = desk.document(text_pdf_bytes(), tmp_path / "in.pdf")
    mark = Mark(0, Box(1, 60, 60, 200, 100), Picture(tmp_path / "mark.png"))
    desk.assemble(Assembly((document,), (mark, mark)), tmp_path / "out.pdf")
    assert red_area(by_pdfium(tmp_path / "out.pdf")) == pytest.approx((110, 85, 210, 135), abs=1.01)
    text_beside = by_pdfium(tmp_path / "in.pdf").crop((60, 60, 108, 160))
    assert by_pdfium(tmp_path / "out.pdf").crop((60, 60, 108, 160)).tobytes() == text_beside.tobytes()
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        masks = [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and "/SMask" in item]
        assert len(masks) == 1  # drawn twice, stored once
        assert len(zlib.compress(masks[0].read_bytes())) > 0
