"""What a file is, by its first bytes; its name and declared type are never asked."""

import re
from typing import Final

from paraph.documents.encodings import text_of_head

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
GIF: Final = "image/gif"
TIFF: Final = "image/tiff"
ZIP: Final = "application/zip"
OLE: Final = "application/x-ole-storage"
DOC: Final = "application/msword"
XLS: Final = "application/vnd.ms-excel"
PPT: Final = "application/vnd.ms-powerpoint"
RTF: Final = "application/rtf"
HTML: Final = "text/html"
TEXT: Final = "text/plain"
UNKNOWN: Final = "application/octet-stream"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PPSX: Final = "application/vnd.openxmlformats-officedocument.presentationml.slideshow"
ODT: Final = "application/vnd.oasis.opendocument.text"
ODS: Final = "application/vnd.oasis.opendocument.spreadsheet"
ODP: Final = "application/vnd.oasis.opendocument.presentation"

HEAD_BYTES: Final = 4096
"""How much of a file `sniff` wants to see."""

PDF_HEADER_WINDOW: Final = 1024
"""The renderer looks for the header no further than this, so neither do we."""

PICTURES: Final = frozenset({JPEG, PNG, GIF, TIFF})
READ_HERE: Final = PICTURES | {PDF, TEXT}
"""What intake reads by itself."""
CONVERTED: Final = frozenset({DOCX, XLSX, PPTX, ODT, ODS, ODP, OLE, RTF, HTML, ZIP})
"""What LibreOffice converts, if the whole file is what its first bytes show: an archive may be an Office file."""

_MAGIC: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
)
_ZIP_PARTS: Final = (
    (b"mimetype" + ODT.encode(), ODT),
    (b"mimetype" + ODS.encode(), ODS),
    (b"mimetype" + ODP.encode(), ODP),
    (b"word/", DOCX),
    (b"xl/", XLSX),
    (b"ppt/", PPTX),
)
_BEFORE_HTML: Final = r"\s*+(?:<\?xml[^>]*+>\s*+)?+(?:(?><!--.*?-->)\s*+)*+"
"""Possessive throughout: a hostile head must not make the search go back and forth."""
_HTML_TAGS: Final = "!doctype\\s+html|html|head|body|script|style|title|meta|table|div|h[1-6]|p|article|section|main"
_HTML = re.compile(rf"{_BEFORE_HTML}<(?:{_HTML_TAGS})\b", re.I | re.S)


def sniff(head: bytes) -> str:
    """The media type that the first bytes show (HEAD_BYTES are enough), or UNKNOWN."""
    head = head[:HEAD_BYTES]
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"PK\x03\x04"):
        return next((media_type for part, media_type in _ZIP_PARTS if part in head), ZIP)
    if is_pdf(head):
        return PDF
    if head.startswith(b"{\\rtf"):
        return RTF
    text = text_of_head(head)
    if text is None:
        return UNKNOWN
    return HTML if _HTML.match(text) else TEXT


def is_pdf(head: bytes) -> bool:
    """Whether a PDF begins where every reader looks for it."""
    return b"%PDF-" in head[:PDF_HEADER_WINDOW]
