"""Annotations and form fields become what they look like.

Own work, because the parser's own flattening refuses some real files, and because whatever stays on top
of a page could hide a mark.
"""

from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name

from paraph.documents.geometry import Matrix, bounds_after
from paraph.documents.intake.actions import keep_action, text_of
from paraph.documents.intake.active import DROPPED_ANNOTATIONS
from paraph.documents.intake.boxes import inherited, number_of, rectangle_of
from paraph.documents.intake.facts import Facts
from paraph.documents.naming import free_name
from paraph.documents.rejected import Rejected

MAX_ANNOTATIONS_A_PAGE: Final = 5000
HIDDEN: Final = 2
NO_VIEW: Final = 32
SILENT_KINDS: Final = frozenset({"/Popup", "/Widget", "/Link"})


def flatten_annotations(pdf: pikepdf.Pdf, facts: Facts) -> None:
    """Draw every visible annotation into its page and drop it; links stay, forms go."""
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        _draw_missing_appearances(pdf, form, facts)
    for number, page in enumerate(pdf.pages, 1):
        _flatten_page(pdf, page, number, facts)
    if form is not None:
        del pdf.Root["/AcroForm"]
        facts.warn("form_flattened")
    if facts.had_signatures:
        facts.warn("signatures_flattened")


def _draw_missing_appearances(pdf: pikepdf.Pdf, form: pikepdf.Object, facts: Facts) -> None:
    try:
        if form.get("/NeedAppearances"):
            pdf.generate_appearance_streams()
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError):
        facts.warn("form_appearance_incomplete")


def _flatten_page(pdf: pikepdf.Pdf, page: pikepdf.Page, number: int, facts: Facts) -> None:
    annotations = page.obj.get("/Annots")
    if annotations is None:
        return
    links, looks = Array(), []
    listed = list(annotations) if isinstance(annotations, pikepdf.Array) else []
    for annotation in listed[:MAX_ANNOTATIONS_A_PAGE]:
        if not isinstance(annotation, pikepdf.Dictionary):
            continue
        kind = text_of(annotation.get("/Subtype"))
        if kind == "/Link":
            if _is_safe_link(annotation, facts):
                links.append(annotation)
        elif kind in DROPPED_ANNOTATIONS:
            facts.took_out("annotation")
        elif _is_visible(annotation):
            looks += _look(annotation, kind, number, facts)
    del page.obj["/Annots"]
    if len(links):
        page.obj["/Annots"] = links
    if looks:
        _draw(pdf, page, looks)


def _is_safe_link(annotation: pikepdf.Object, facts: Facts) -> bool:
    """A link that does nothing any more is dropped; one to a place in the document stays."""
    action = annotation.get("/A")
    if action is None:
        return "/Dest" in annotation
    return isinstance(action, pikepdf.Dictionary) and keep_action(action, facts)


def _is_visible(annotation: pikepdf.Object) -> bool:
    flags = annotation.get("/F", 0)
    return not (isinstance(flags, int) and flags & (HIDDEN | NO_VIEW))


def _look(annotation: pikepdf.Object, kind: str, number: int, facts: Facts) -> list[tuple[Matrix, pikepdf.Object]]:
    """The appearance and the matrix that brings it into the annotation's rectangle (ISO 32000-1, 12.5.5)."""
    stream = _appearance(annotation)
    if stream is None:
        if kind not in SILENT_KINDS:
            facts.warn("annotation_without_look_dropped", number)
        return []
    try:
        box = rectangle_of(stream.get("/BBox"))
        own = _matrix_of(stream.get("/Matrix"))
        place = rectangle_of(annotation.get("/Rect"))
    except Rejected:
        facts.warn("bad_annotation_dropped", number)
        return []
    left, bottom, right, top = bounds_after(own, box)
    if right <= left or top <= bottom:
        return []
    x, y = (place[2] - place[0]) / (right - left), (place[3] - place[1]) / (top - bottom)
    return [((x, 0.0, 0.0, y, place[0] - left * x, place[1] - bottom * y), stream)]


def _appearance(annotation: pikepdf.Object) -> pikepdf.Object | None:
    looks = annotation.get("/AP")
    normal = looks.get("/N") if isinstance(looks, pikepdf.Dictionary) else None
    state = annotation.get("/AS")
    if isinstance(normal, pikepdf.Dictionary) and isinstance(state, Name):
        normal = normal.get(str(state))
    return normal if isinstance(normal, pikepdf.Stream) else None


def _matrix_of(value: object) -> Matrix:
    if not isinstance(value, pikepdf.Array) or len(value) < 6:
        return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    a, b, c, d, e, f = (number_of(value[index]) for index in range(6))
    return (a, b, c, d, e, f)


def _draw(pdf: pikepdf.Pdf, page: pikepdf.Page, looks: list[tuple[Matrix, pikepdf.Object]]) -> None:
    """Behind the page's content, which is closed and balanced by now."""
    resources = inherited(page.obj, "/Resources")
    own = Dictionary(dict(resources.items())) if isinstance(resources, pikepdf.Dictionary) else Dictionary()
    known = own.get("/XObject")
    objects = Dictionary(dict(known.items())) if isinstance(known, pikepdf.Dictionary) else Dictionary()
    operators = []
    for index, (matrix, stream) in enumerate(looks):
        stream["/Type"], stream["/Subtype"] = Name.XObject, Name.Form
        name = free_name(objects, f"/Look{index}")
        objects[name] = stream
        operators.append(f"q {' '.join(f'{value:.5f}' for value in matrix)} cm {name} Do Q")
    own["/XObject"] = objects
    page.obj["/Resources"] = own
    page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
    page.contents_add(pdf.make_stream(("\nQ\n" + "\n".join(operators)).encode()))
