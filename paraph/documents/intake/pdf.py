"""The steps that a PDF goes through, in order."""

import io

import pikepdf
from pikepdf import ObjectStreamMode

from paraph.documents.intake.active import strip_active_content
from paraph.documents.intake.boxes import normalise_boxes
from paraph.documents.intake.contents import normalise_contents, remove_user_units
from paraph.documents.intake.facts import Facts
from paraph.documents.intake.flatten import flatten_annotations
from paraph.documents.intake.layers import freeze_layers
from paraph.documents.intake.objects import check_objects, strip_objects
from paraph.documents.intake.opening import open_untrusted
from paraph.documents.intake.page_tree import check_page_tree
from paraph.documents.intake.recheck import recheck
from paraph.documents.limits import Limits


def normalise_pdf(data: bytes, limits: Limits) -> tuple[bytes, Facts]:
    """The sanitised rewrite of a PDF, and what was found. Raises Rejected."""
    facts = Facts()
    with open_untrusted(data, limits, facts) as pdf:
        clean = _normalised(pdf, limits, facts)
    recheck(clean, len(facts.pages))
    facts.warnings += [f"removed_{kind}" for kind in sorted(facts.removed)]
    return clean, facts


def _normalised(pdf: pikepdf.Pdf, limits: Limits, facts: Facts) -> bytes:
    check_objects(pdf)
    check_page_tree(pdf, limits.max_pages)
    strip_objects(pdf, facts)
    strip_active_content(pdf, facts)
    normalise_boxes(pdf, facts)
    normalise_contents(pdf, facts)
    flatten_annotations(pdf, facts)
    remove_user_units(pdf, facts)
    freeze_layers(pdf, facts)
    output = io.BytesIO()
    pdf.save(
        output,
        object_stream_mode=ObjectStreamMode.generate,
        encryption=False,
        min_version="1.7",
        deterministic_id=True,
        fix_metadata_version=False,
    )
    return output.getvalue()
