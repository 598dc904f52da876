"""The steps from normalised documents to the bytes that will be sealed."""

from contextlib import ExitStack
from pathlib import Path

import pikepdf
from pikepdf import AttachedFileSpec, Name

from paraph.documents.assembly.merge import merge
from paraph.documents.assembly.overlay import Overlays
from paraph.documents.certificate import draw_certificate
from paraph.documents.drawing import Press
from paraph.documents.limits import Limits
from paraph.documents.plans import Assembled, Assembly, SourceDocument
from paraph.documents.proof import prove_texts
from paraph.documents.rejected import DocumentFailure, Rejected
from paraph.documents.shapes import Attachment, Certificate
from paraph.documents.storing import fingerprint, sync

PRODUCER = "Paraph"


def assemble(
    _limits: Limits,
    plan: Assembly,
    certificate: Certificate | None,
    attachments: tuple[Attachment, ...],
    target: Path,
) -> Assembled:
    """Write the merged and stamped file to target.

    Raises Rejected('changed_since_intake'), DocumentFailure('mark_outside_document') or
    DocumentFailure('value_not_in_document')."""
    for document in plan.documents:
        _check_unchanged(document)
    with ExitStack() as opened:
        pdf, first_pages = merge([document.path for document in plan.documents], opened)
        press = Press(pdf)
        overlays = Overlays(press, first_pages)
        for mark in plan.marks:
            overlays.draw(mark)
        canvases = [] if certificate is None else draw_certificate(press, certificate)
        certificate_start = len(pdf.pages)
        for canvas in canvases:
            canvas.as_page()
        if plan.banner:
            overlays.draw_banner(plan.banner)
        overlays.lay()
        press.finish()
        _describe(pdf, plan, attachments)
        _save(pdf, target)
        page_count = len(pdf.pages)
    prove_texts(target, {certificate_start + index: canvas.texts for index, canvas in enumerate(canvases)})
    overlays.prove(target)
    stored = fingerprint(target)
    return Assembled(stored.sha256, stored.byte_count, page_count, first_pages)


def _check_unchanged(document: SourceDocument) -> None:
    found = fingerprint(document.path)
    if found.sha256 != document.sha256:
        raise Rejected("changed_since_intake", f"{document.path.name} has {found.sha256}")


def _describe(pdf: pikepdf.Pdf, plan: Assembly, attachments: tuple[Attachment, ...]) -> None:
    """Document information and embedded files."""
    information = {"Title": plan.title, "Producer": PRODUCER, **plan.properties}
    for name, value in information.items():
        if value:
            pdf.docinfo[Name(f"/{name}")] = pikepdf.String(value)
    for attachment in attachments:
        if attachment.name in pdf.attachments:
            raise DocumentFailure("attachment_twice", attachment.name)
        pdf.attachments[attachment.name] = AttachedFileSpec(
            pdf,
            attachment.data,
            filename=attachment.name,
            mime_type=attachment.media_type,
            description=attachment.description,
        )


def _save(pdf: pikepdf.Pdf, target: Path) -> None:
    """On to the disk as it is written: a large file is never whole in memory."""
    with target.open("wb") as file:
        pdf.save(
            file,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            min_version="1.7",
            deterministic_id=False,
            fix_metadata_version=False,
        )
        sync(file)
