"""What a sandboxed child can be asked to do. Importing this loads every heavy library: children only."""

from collections.abc import Callable
from typing import Any, Final

from paraph.documents.assembly import assemble
from paraph.documents.conversion.check import check_office
from paraph.documents.forms import read_form
from paraph.documents.intake.mark_picture import take_picture
from paraph.documents.intake.measure import measure
from paraph.documents.intake.take_in import take_in
from paraph.documents.rendering import render_page
from paraph.documents.sealing import seal, try_authority, try_key
from paraph.documents.signature_page import build_signature_page
from paraph.documents.text import find_texts, hide_texts, read_page
from paraph.documents.verification import seal_parts, verify

TASKS: Final[dict[str, Callable[..., Any]]] = {
    "measure": measure,
    "intake": take_in,
    "check_office": check_office,
    "take_picture": take_picture,
    "render_page": render_page,
    "find_texts": find_texts,
    "hide_texts": hide_texts,
    "read_page": read_page,
    "read_form": read_form,
    "build_signature_page": build_signature_page,
    "assemble": assemble,
    "seal": seal,
    "try_key": try_key,
    "try_authority": try_authority,
    "verify": verify,
    "seal_parts": seal_parts,
}
"""By name; each takes the limits first and returns a plain dataclass or bytes."""
