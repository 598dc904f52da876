"""A field lands where its sender saw it, on pages of every kind, in both systems of coordinates (T21)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array
from PIL import Image, ImageChops

from tests.documents.samples import pdf_bytes, text_pdf
from tests.harness import Server
from tests.helpers.accounts import Person
from tests.helpers.filling import field, final_pdf, sign_form
from tests.helpers.requests import send

SCALE = 2.0
OFF = 2
"""Pixels that the edge of a frame may be off: half its line and what renderers round."""
CROP = Array([100, 150, 500, 700])
Shown = tuple[float, float, float, float]


def page_like(**entries: Any) -> bytes:
    """Two pages, the second of this kind."""
    pdf = text_pdf(2)
    for key, value in entries.items():
        pdf.pages[1].obj[f"/{key}"] = value
    return pdf_bytes(pdf)


PAGES: dict[str, Callable[[], bytes]] = {
    "plain": page_like,
    "rotated": lambda: page_like(Rotate=90),
    "upside_down": lambda: page_like(Rotate=180),
    "cropped_and_rotated": lambda: page_like(CropBox=CROP, Rotate=270),
    "negative_origin": lambda: page_like(MediaBox=Array([-300, -200, 295, 642])),
    "user_unit": lambda: page_like(MediaBox=Array([0, 0, 300, 400]), UserUnit=2, Rotate=90),
}


def picture(data: bytes, page: int) -> Image.Image:
    document = pdfium.PdfDocument(io.BytesIO(data))
    shown: Image.Image = document[page - 1].render(scale=SCALE).to_pil().convert("RGB")
    document.close()
    return shown


def changed(server: Server, person: Person, data: bytes, **place: Any) -> Shown | None:
    """Points of page 2 that differ once a box was ticked there: left, top, right, bottom."""
    client = server.api(person.api_key)
    form = [field("checkbox", "tick", **place), field("signature", "sig", page=1, y=40)]
    sent = send(server, client, files=[("a.pdf", data)], form_fields_per_document=form, test_mode=False)
    before = picture(final_pdf(client, sent), 2)
    sign_form(server, sent, {"tick": True})
    area = ImageChops.difference(before, picture(final_pdf(client, sent), 2)).getbbox()
    return None if area is None else (area[0] / SCALE, area[1] / SCALE, area[2] / SCALE, area[3] / SCALE)


@pytest.mark.parametrize("name", PAGES)
def test_a_field_lands_where_it_was_seen(name: str, shared_lite: Server, anna: Person) -> None:
    found = changed(shared_lite, anna, PAGES[name](), page=2, x=70, y=90, width=40, height=40)
    # points with a page, but sides of 40 / 80 inch (help page "Form_Fields_Per_Document")
    assert found == pytest.approx((70, 90, 70 + 36, 90 + 36), abs=OFF)


def test_without_a_page_the_old_system_counts(shared_lite: Server, anna: Person) -> None:
    """80 to an inch, x from 100 on upright pages, y on over all pages."""
    pdf = text_pdf(2, (612, 792))
    found = changed(shared_lite, anna, pdf_bytes(pdf), page=None, x=100 + 50, y=880 + 100, width=40, height=40)
    assert found == pytest.approx((45, 90, 45 + 36, 90 + 36), abs=OFF)


def test_the_old_system_begins_at_the_edge_of_pages_on_their_side(shared_lite: Server, anna: Person) -> None:
    pdf = text_pdf(2, (792, 612))
    found = changed(shared_lite, anna, pdf_bytes(pdf), page=None, x=50, y=680 + 100, width=40, height=40)
    assert found == pytest.approx((45, 90, 45 + 36, 90 + 36), abs=OFF)


def test_what_sticks_out_is_moved_in(shared_lite: Server, anna: Person) -> None:
    pdf = text_pdf(2, (612, 792))
    found = changed(shared_lite, anna, pdf_bytes(pdf), page=2, x=600, y=780, width=40, height=40)
    assert found == pytest.approx((612 - 36, 792 - 36, 612, 792), abs=OFF)


def test_a_hyperlink_can_be_clicked_where_it_stands(shared_lite: Server, anna: Person) -> None:
    client = shared_lite.api(anna.api_key)
    link = field("hyperlink", page=2, x=70, y=90, width=100, height=20)
    form = [link, field("signature", "sig", y=40)]
    sent = send(shared_lite, client, files=[("a.pdf", page_like(Rotate=90))], form_fields_per_document=form)
    sign_form(shared_lite, sent)
    with pikepdf.open(io.BytesIO(final_pdf(client, sent))) as pdf:
        [annotation] = list(pdf.pages[1].obj["/Annots"])
        assert str(annotation["/A"]["/URI"]) == "https://example.com/terms"
