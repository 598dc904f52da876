"""What a file is, by its first bytes; its name and declared type are never asked."""

import re
from typing import Final

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
GIF: Final = "image/gif"
TIFF: Final = "image/tiff"
ZIP: Final = "application/zip"
OLE: Final = "application/x-ole-storage"
RTF: Final = "application/rtf"
HTML: Final = "text/html"
TEXT: Final = "text/plain"
UNKNOWN: Final = "application/octet-stream"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODF: Final = "application/vnd.oasis.opendocument"

HEAD_BYTES: Final = 4096
"""How much of a file `sniff` wants to see."""

PDF_HEADER_WINDOW: Final = 1024
"""The renderer looks for the header no further than this, so neither do we."""

PICTURES: Final = frozenset({JPEG, PNG, GIF, TIFF})
OFFICE: Final = frozenset({DOCX, XLSX, PPTX, ODF, OLE, RTF})

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
    (b"mimetypeapplication/vnd.oasis.opendocument", ODF),
    (b"word/", DOCX),
    (b"xl/", XLSX),
    (b"ppt/", PPTX),
    (b"[Content_Types].xml", DOCX),
)
_HTML = re.compile(rb"^\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body|script)\b", re.I | re.S)


def sniff(head: bytes) -> str:
    """The media type that the first bytes show (HEAD_BYTES are enough), or UNKNOWN."""
    head = head[:HEAD_BYTES]
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(head)
    if b"%PDF-" in head[:PDF_HEADER_WINDOW]:
        return PDF
    if head.startswith(b"{\\rtf"):
        return RTF
    return _kind_of_text(head)


def _kind_of_zip(head: bytes) -> str:
    return next((media_type for part, media_type in _ZIP_PARTS if part in head), ZIP)


def _kind_of_text(head: bytes) -> str:
    if not head or b"\x00" in head:
        return UNKNOWN
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return HTML
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as broken:
        cut_in_a_character = broken.start >= len(head) - 3
        return TEXT if cut_in_a_character else UNKNOWN
    return TEXT
