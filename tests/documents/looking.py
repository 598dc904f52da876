"""What pages look like and say, as two independent renderers have it."""

import io
import subprocess
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageChops

RED = (255, 0, 0)


def by_pdfium(pdf: Path, page: int = 1, scale: float = 1.0) -> Image.Image:
    document = pdfium.PdfDocument(pdf)
    picture = document[page - 1].render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    document.close()
    return picture


def by_poppler(pdf: Path, page: int = 1, scale: float = 1.0) -> Image.Image:
    command = ["pdftoppm", "-r", str(72 * scale), "-cropbox", "-f", str(page), "-l", str(page), "-png", str(pdf)]
    drawn = subprocess.run(command, capture_output=True, check=True)
    return Image.open(io.BytesIO(drawn.stdout)).convert("RGB")


def red_area(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """The bounding box of what is pure red: left, top, right, bottom in pixels."""
    red, green, blue = picture.split()
    strong = red.point(lambda value: 255 if value > 200 else 0)
    others = ImageChops.lighter(green, blue).point(lambda value: 255 if value < 60 else 0)
    return ImageChops.multiply(strong, others).getbbox()


def changed_area(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(before, after).getbbox()


def text_by_poppler(pdf: Path) -> str:
    shown = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, check=True)
    return shown.stdout.decode()


def text_by_pdfium(pdf: Path, page: int = 1) -> str:
    document = pdfium.PdfDocument(pdf)
    text = document[page - 1].get_textpage().get_text_range()
    document.close()
    return text
