"""Every task once, on a page of our own, before the first child is forked.

The libraries set up much at first use (schemas, fonts, policies): done here it costs 0.4 s once, left to
the children it would cost 0.15 s a task.
"""

import tempfile
from pathlib import Path
from typing import Final

from paraph.documents.assembly import assemble
from paraph.documents.identity import SealingIdentity
from paraph.documents.intake.take_in import take_in
from paraph.documents.lettering import warm_up
from paraph.documents.levels import B_B
from paraph.documents.limits import Limits
from paraph.documents.plans import Assembly, SealOrder, SourceDocument
from paraph.documents.rendering import render_page
from paraph.documents.seal_policy import SealPolicy
from paraph.documents.sealing import seal
from paraph.documents.shapes import (
    Attachment,
    Certificate,
    CertificateSection,
    LogEntry,
    Mark,
    PlainText,
    SignaturePagePlan,
    SignatureRow,
    Strokes,
    TypedText,
)
from paraph.documents.signature_page import build_signature_page
from paraph.documents.text import find_texts, hide_texts, read_page

WORDS: Final = "Ann محمد שלום 张伟 한글 नमस्ते 😀"


def rehearse() -> None:
    """Load every face and do every task."""
    warm_up()
    with tempfile.TemporaryDirectory(prefix="paraph-rehearsal-") as folder:
        _perform(Limits(), Path(folder))


def _perform(limits: Limits, folder: Path) -> None:
    page, taken, sealed = folder / "page", folder / "taken", folder / "sealed"
    plan = SignaturePagePlan(WORDS, (SignatureRow(WORDS, "ann@example.com"),))
    placed = build_signature_page(limits, plan, page)
    document = take_in(limits, page, taken)
    render_page(limits, taken, 1, 100)
    hide_texts(limits, taken, find_texts(limits, taken), folder / "hidden")
    read_page(limits, taken, 1)
    box = placed.boxes[0]
    marks = (
        Mark(0, box, TypedText("Ann", "caveat")),
        Mark(0, box, Strokes((((0.1, 0.1), (0.9, 0.9)),))),
        Mark(0, placed.date_boxes[0], PlainText(WORDS)),
    )
    assembly = Assembly((SourceDocument(taken, document.sha256),), marks, banner="Rehearsal", title="Rehearsal")
    sections = (CertificateSection("Section", (("Label", WORDS),)),)
    certificate = Certificate("Certificate", sections, "Log", (LogEntry(1, "now", WORDS, "0"),))
    assembled = assemble(limits, assembly, certificate, (Attachment("a.json", b"{}"),), sealed)
    identity = SealingIdentity.load_or_create(folder / "keys", "Rehearsal")
    seal(limits, sealed, assembled, SealOrder(identity, "Rehearsal", B_B, SealPolicy()))
