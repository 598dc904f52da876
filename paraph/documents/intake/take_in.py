"""What each kind of upload goes through. Runs in a sandboxed child."""

from pathlib import Path
from typing import Final

from paraph.documents.intake.facts import Facts
from paraph.documents.intake.pdf import normalise_pdf
from paraph.documents.intake.pictures import pdf_of_picture
from paraph.documents.intake.plain_text import pdf_of_text
from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected
from paraph.documents.shapes import NormalisedDocument
from paraph.documents.sniffing import HEAD_BYTES, PDF, PICTURES, TEXT, sniff
from paraph.documents.storing import read_upload, store

PDF_MARK: Final = b"%PDF-"
"""Further in than readers look for it, this shows what the file was meant to be."""


def take_in(limits: Limits, source: Path, target: Path) -> NormalisedDocument:
    """Write the normalised form of source to target. Raises Rejected with the reason."""
    data = read_upload(source, limits.max_bytes)
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
        if media_type == TEXT:
            return _pdf_of_text(data, limits)
    except (Rejected, MemoryError):
        raise
    except Exception as damage:  # a hostile file can make a library raise anything
        raise Rejected("unreadable", f"{type(damage).__name__}: {damage}") from damage
    raise Rejected("not_a_pdf" if PDF_MARK in data[:HEAD_BYTES] else "unsupported_type", media_type)


def _pdf_of_text(data: bytes, limits: Limits) -> tuple[bytes, Facts]:
    found = Facts()
    clean, facts = normalise_pdf(pdf_of_text(data, limits, found), limits)
    facts.warnings += found.warnings
    return clean, facts
