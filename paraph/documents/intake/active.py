"""What the catalogue of a file may not hold: scripts, attachments, forms of another kind, automatic acts."""

from typing import Final

import pikepdf

from paraph.documents.intake.facts import Facts
from paraph.documents.rejected import Rejected

KEPT_IN_CATALOGUE: Final = frozenset(
    {
        "/Type",
        "/Pages",
        "/AcroForm",  # until it is flattened
        "/OCProperties",
        "/Names",
        "/Dests",
        "/Outlines",
        "/PageLabels",
        "/PageLayout",
        "/PageMode",
        "/ViewerPreferences",
        "/Lang",
        "/MarkInfo",
        "/StructTreeRoot",
        "/OutputIntents",
    }
)
SILENT: Final = frozenset({"/Metadata", "/Version", "/Extensions", "/PieceInfo", "/DSS", "/Perms"})
"""Dropped like all others, but nothing a sender would miss."""
KEPT_IN_TRAILER: Final = frozenset({"/Root", "/Size", "/ID", "/Prev", "/Encrypt"})
KNOWN: Final = frozenset(
    {"/OpenAction", "/AA", "/Collection", "/Legal", "/Requirements", "/AF", "/URI", "/Threads", "/NeedsRendering"}
)
"""What a warning names; everything else that goes is `other`."""
DROPPED_NAME_TREES: Final = (
    "/JavaScript",
    "/EmbeddedFiles",
    "/Renditions",
    "/AlternatePresentations",
    "/URLS",
    "/IDS",
    "/Pages",
    "/Templates",
)
DROPPED_ANNOTATIONS: Final = frozenset(
    {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/TrapNet", "/Projection"}
)


def strip_active_content(pdf: pikepdf.Pdf, facts: Facts) -> None:
    """Take out what acts by itself. Raises Rejected('pure_xfa_form') for a form that has no pages."""
    root = pdf.Root
    _check_form(root, facts)
    for key in [key for key in map(str, root.keys()) if key not in KEPT_IN_CATALOGUE]:
        del root[key]
        if key not in SILENT:
            facts.took_out(key[1:].lower() if key in KNOWN else "other")
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for key in DROPPED_NAME_TREES:
            if key in names:
                del names[key]
                facts.took_out(key[1:].lower())
    for key in [key for key in map(str, pdf.trailer.keys()) if key not in KEPT_IN_TRAILER]:
        del pdf.trailer[key]


def _check_form(root: pikepdf.Object, facts: Facts) -> None:
    form = root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary) or "/XFA" not in form:
        return
    fields = form.get("/Fields")
    if root.get("/NeedsRendering") or not isinstance(fields, pikepdf.Array) or not len(fields):
        raise Rejected("pure_xfa_form")
    del form["/XFA"]
    facts.took_out("xfa")
