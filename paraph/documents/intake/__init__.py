"""From an upload to a sanitised PDF, or a named rejection. Runs in a sandboxed child.

What a normalised file promises, and the rest of this room relies on: one revision, not encrypted; no
script, action but web links and jumps, attachment, form, or switchable layer; every page has its own
upright MediaBox and CropBox, a rotation of 0, 90, 180 or 270 and no user unit; every content stream
decodes, is closed and leaves the graphics state as it found it; and the sanitiser, the renderer and the
sealer all read it alike.
"""

from pathlib import Path

from paraph.documents.intake.facts import Facts
from paraph.documents.intake.pdf import normalise_pdf
from paraph.documents.intake.pictures import pdf_of_picture
from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected
from paraph.documents.shapes import NormalisedDocument
from paraph.documents.sniffing import OFFICE, PDF, PICTURES, sniff
from paraph.documents.storing import store


def take_in(limits: Limits, source: Path, target: Path) -> NormalisedDocument:
    """Write the normalised form of source to target. Raises Rejected with the reason."""
    data = _read(source, limits.max_bytes)
    media_type = sniff(data)
    clean, facts = _normalised(data, media_type, limits)
    stored = store(target, clean)
    return NormalisedDocument(
        sha256=stored.sha256,
        byte_count=stored.byte_count,
        page_count=len(facts.pages),
        pages=facts.pages,
        media_type=media_type,
        had_signatures=facts.had_signatures,
        warnings=tuple(dict.fromkeys(facts.warnings)),
    )


def _normalised(data: bytes, media_type: str, limits: Limits) -> tuple[bytes, Facts]:
    try:
        if media_type == PDF:
            return normalise_pdf(data, limits)
        if media_type in PICTURES:
            return pdf_of_picture(data, media_type, limits)
    except (Rejected, MemoryError):
        raise
    except Exception as damage:  # a hostile file can make a library raise anything
        raise Rejected("unreadable", f"{type(damage).__name__}: {damage}") from damage
    raise Rejected("office_not_supported" if media_type in OFFICE else "unsupported_type", media_type)


def _read(source: Path, most: int) -> bytes:
    with source.open("rb") as file:
        data = file.read(most + 1)
    if not data:
        raise Rejected("empty")
    if len(data) > most:
        raise Rejected("too_large")
    return data
