"""The sizes of a PDF's pages, before anything else is done with it."""

from pathlib import Path

from paraph.documents.intake.boxes import normalise_boxes
from paraph.documents.intake.facts import Facts
from paraph.documents.intake.objects import check_objects
from paraph.documents.intake.opening import open_untrusted
from paraph.documents.intake.page_tree import check_page_tree
from paraph.documents.limits import Limits
from paraph.documents.shapes import PageGeometry


def measure(limits: Limits, source: Path) -> tuple[PageGeometry, ...]:
    """The pages as intake will leave them. Raises Rejected as intake would for the same fault."""
    facts = Facts()
    with open_untrusted(source.read_bytes(), limits, facts) as pdf:
        check_objects(pdf)
        check_page_tree(pdf, limits.max_pages)
        normalise_boxes(pdf, facts)
    return facts.pages
