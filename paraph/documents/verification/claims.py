"""What a file says about itself: properties, attachments, pages. To be believed only of an intact one."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pikepdf

from paraph.documents.intake.opening import set_parser_limits
from paraph.documents.shapes import Attachment

MAX_ATTACHMENTS: Final = 20
MAX_ATTACHMENT_BYTES: Final = 8 << 20
MAX_PROPERTIES: Final = 100
MAX_PROPERTY_CHARACTERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Claims:
    page_count: int = 0
    properties: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


def read_claims(path: Path) -> Claims:
    """As much as can be read, within bounds; nothing for a file that cannot be."""
    set_parser_limits()
    try:
        with pikepdf.open(path) as pdf:
            return Claims(len(pdf.pages), _properties(pdf), _attachments(pdf))
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError):
        return Claims()


def _properties(pdf: pikepdf.Pdf) -> dict[str, str]:
    information = list(pdf.docinfo.items())[:MAX_PROPERTIES]
    return {name.removeprefix("/"): str(value)[:MAX_PROPERTY_CHARACTERS] for name, value in information}


def _attachments(pdf: pikepdf.Pdf) -> tuple[Attachment, ...]:
    found = []
    for name in list(pdf.attachments)[:MAX_ATTACHMENTS]:
        specification = pdf.attachments[name]
        file = specification.get_file()
        data = file.read_bytes()
        if len(data) <= MAX_ATTACHMENT_BYTES:
            found.append(
                Attachment(name, data, file.mime_type or "application/octet-stream", specification.description)
            )
    return tuple(found)
