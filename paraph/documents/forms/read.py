"""The fields of a PDF form (AcroForm) with their places as shown; nothing of the file is changed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pikepdf

from paraph.documents.findings import FoundForm, FoundFormField
from paraph.documents.forms.field import Widget
from paraph.documents.geometry import Sheet, intersection
from paraph.documents.intake.boxes import normalise_boxes, number_of, rectangle_of
from paraph.documents.intake.facts import Facts
from paraph.documents.intake.objects import check_objects
from paraph.documents.intake.opening import DAMAGED, open_untrusted
from paraph.documents.intake.page_tree import check_page_tree
from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected
from paraph.documents.shapes import Box
from paraph.documents.sniffing import PDF, sniff

MAX_FIELDS: Final = 2000
MAX_ANNOTATIONS_A_PAGE: Final = 5000
SMALLEST_SIDE: Final = 1.0
"""A field that shows less than this, in points, was not meant to be seen."""


def read_form(limits: Limits, source: Path) -> FoundForm:
    """The fields that a reader sees in an uploaded PDF, page by page, in the order of the file.

    Raises Rejected as intake does, 'not_a_pdf' for anything else, and 'too_complex' for more than MAX_FIELDS."""
    data = source.read_bytes()
    if len(data) > limits.max_bytes:
        raise Rejected("too_large", limits=limits)
    if sniff(data) != PDF:
        raise Rejected("not_a_pdf")
    facts = Facts()
    try:
        with open_untrusted(data, limits, facts) as pdf:
            check_objects(pdf)
            check_page_tree(pdf, limits.max_pages)
            normalise_boxes(pdf, facts)
            fields = tuple(_fields(pdf))
    except (Rejected, MemoryError):
        raise
    except (*DAMAGED, ArithmeticError, AttributeError, LookupError, TypeError) as damage:
        raise Rejected("unreadable", f"{type(damage).__name__}: {damage}") from damage
    if len(fields) > MAX_FIELDS:
        raise Rejected("too_complex", f"more than {MAX_FIELDS} fields")
    return FoundForm(hashlib.sha256(data).hexdigest(), len(facts.pages), fields)


def _fields(pdf: pikepdf.Pdf) -> Iterator[FoundFormField]:
    found = 0
    for number, page in enumerate(pdf.pages, 1):
        annotations = page.obj.get("/Annots")
        listed = list(annotations) if isinstance(annotations, pikepdf.Array) else []
        for annotation in listed[:MAX_ANNOTATIONS_A_PAGE]:
            field = _field(annotation, page.obj, number)
            if field is not None:
                found += 1
                yield field
            if found > MAX_FIELDS:
                return


def _field(annotation: object, page: pikepdf.Object, number: int) -> FoundFormField | None:
    """None for what is no field, cannot be seen, or nobody can fill in."""
    if not isinstance(annotation, pikepdf.Dictionary):
        return None
    widget = Widget(annotation)
    if widget.kind is None or not widget.is_visible:
        return None
    try:
        box = _box(annotation, page, number)
    except Rejected:
        return None
    if box is None:
        return None
    return FoundFormField(
        kind=widget.kind,
        name=widget.name,
        box=box,
        label=widget.label,
        value=widget.value,
        options=widget.options,
        is_required=widget.is_required,
        is_read_only=widget.is_read_only,
        is_checked=widget.is_checked,
        is_multi_line=widget.is_multi_line,
    )


def _box(annotation: pikepdf.Object, page: pikepdf.Object, number: int) -> Box | None:
    """The part of its rectangle that is on the page, as shown; None when there is none."""
    crop = rectangle_of(page["/CropBox"])
    sheet = Sheet(crop, int(page["/Rotate"]))
    unit = number_of(page.get("/UserUnit", 1))
    inside = intersection(rectangle_of(annotation.get("/Rect")), crop)
    left, top, right, bottom = (edge * unit for edge in sheet.as_seen(inside))
    if inside[2] <= inside[0] or inside[3] <= inside[1] or min(right - left, bottom - top) < SMALLEST_SIDE:
        return None
    return Box(number, left, top, right - left, bottom - top)
