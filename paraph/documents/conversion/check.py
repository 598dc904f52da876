"""The check before LibreOffice sees a file; runs in a sandboxed child. What is handed on is written anew where
the format allows: archives part by part, web pages from what is known to be harmless."""

import re
from pathlib import Path
from typing import Final

from paraph.documents.conversion.archive import open_archive
from paraph.documents.conversion.compound import kind_of_compound
from paraph.documents.conversion.kinds import Checked
from paraph.documents.conversion.open_document import copy_open_document, is_open_document
from paraph.documents.conversion.open_xml import copy_open_xml, is_open_xml
from paraph.documents.conversion.web_page import harmless_page
from paraph.documents.encodings import ENCODING_GUESSED, decoded
from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected
from paraph.documents.sniffing import CONVERTED, HEAD_BYTES, HTML, OLE, RTF, sniff
from paraph.documents.storing import read_upload

CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.I)


def check_office(limits: Limits, source: Path, target: Path) -> Checked:
    """Write what may be converted to target. Raises Rejected with the reason."""
    data = read_upload(source, limits.max_bytes)
    media_type = sniff(data)
    if media_type not in CONVERTED:
        raise Rejected("unsupported_type", media_type)
    if media_type == HTML:
        return _copy_page(data, target)
    if media_type in (OLE, RTF):
        kind = RTF if media_type == RTF else kind_of_compound(data)
        target.write_bytes(data)
        return Checked(kind)
    return Checked(_copy_archive(source, target))


def _copy_page(data: bytes, target: Path) -> Checked:
    declared = CHARSET.search(data[:HEAD_BYTES])
    text = decoded(data, declared[1].decode() if declared else None)
    page = harmless_page(text.characters)
    # what no encoding can write (half of a pair, by a numeric reference) is shown as a question mark
    target.write_text(page.markup, "utf-8", errors="replace")
    return Checked(HTML, (*page.warnings, *((ENCODING_GUESSED,) if text.guessed else ())))


def _copy_archive(source: Path, target: Path) -> str:
    with open_archive(source) as archive:
        if is_open_xml(archive):
            return copy_open_xml(archive, target)
        if is_open_document(archive):
            return copy_open_document(archive, target)
    raise Rejected("unsupported_type", "an archive, but no Office document")
