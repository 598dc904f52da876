"""Every page gets its own upright boxes and an honest rotation."""

import math
from typing import Final

import pikepdf
from pikepdf import Array

from paraph.documents.geometry import Rectangle, Sheet, intersection, upright
from paraph.documents.intake.facts import Facts
from paraph.documents.rejected import Rejected
from paraph.documents.shapes import PageGeometry

MIN_POINTS: Final = 3.0
MAX_POINTS: Final = 14_400.0
"""200 inches, the limit of PDF viewers."""
MAX_COORDINATE: Final = 1e7
LETTER: Final = (0.0, 0.0, 612.0, 792.0)
QUARTER: Final = 90
MAX_ANCESTORS: Final = 60


def normalise_boxes(pdf: pikepdf.Pdf, facts: Facts) -> None:
    """Writes MediaBox, CropBox and Rotate into each page and fills facts.pages. Raises Rejected."""
    facts.pages = tuple(_normalise(page.obj, number, facts) for number, page in enumerate(pdf.pages, 1))


def inherited(page: pikepdf.Object, key: str) -> pikepdf.Object | None:
    """A page attribute, looked for in the page and then its ancestors."""
    node: object = page
    for _ in range(MAX_ANCESTORS):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def rectangle_of(value: object) -> Rectangle:
    """Four finite numbers, corners in order. Raises Rejected('bad_page_box')."""
    if not isinstance(value, pikepdf.Array) or len(value) < 4:
        raise Rejected("bad_page_box")
    left, bottom, right, top = (number_of(value[index]) for index in range(4))
    return upright((left, bottom, right, top))


def number_of(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # what it is, is what we find out
    except (TypeError, ValueError) as odd:
        raise Rejected("bad_page_box") from odd
    if not math.isfinite(number) or abs(number) > MAX_COORDINATE:
        raise Rejected("bad_page_box")
    return number


def _normalise(page: pikepdf.Object, number: int, facts: Facts) -> PageGeometry:
    media = _media_box(page, number, facts)
    crop_value = inherited(page, "/CropBox")
    crop = media if crop_value is None else intersection(rectangle_of(crop_value), media)
    if crop[2] - crop[0] < MIN_POINTS or crop[3] - crop[1] < MIN_POINTS:
        crop = media
    rotation = _rotation(page, number, facts)
    unit = number_of(page.get("/UserUnit", 1))
    sheet = Sheet(crop, rotation)
    width, height = sheet.width * unit, sheet.height * unit
    if not (MIN_POINTS <= width <= MAX_POINTS and MIN_POINTS <= height <= MAX_POINTS):
        raise Rejected("page_size_out_of_range")
    page["/MediaBox"], page["/CropBox"], page["/Rotate"] = Array(media), Array(crop), rotation
    for key in ("/BleedBox", "/TrimBox", "/ArtBox"):
        if key in page:
            del page[key]
    return PageGeometry(round(width, 3), round(height, 3), rotation)


def _media_box(page: pikepdf.Object, number: int, facts: Facts) -> Rectangle:
    value = inherited(page, "/MediaBox")
    if value is not None:
        return rectangle_of(value)
    facts.warn("no_media_box", number)
    return LETTER


def _rotation(page: pikepdf.Object, number: int, facts: Facts) -> int:
    value = inherited(page, "/Rotate")
    try:
        rotation = 0 if value is None else int(value)
    except (TypeError, ValueError):
        rotation = 1
    if rotation % QUARTER:
        facts.warn("odd_rotation_ignored", number)
        return 0
    return rotation % 360
