"""What a file is, by its first bytes alone."""

import pytest

from paraph.documents import HEAD_BYTES, sniff
from tests.documents.samples import picture, text_pdf_bytes


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (text_pdf_bytes(), "application/pdf"),
        (b"\n" * 1000 + b"%PDF-1.4", "application/pdf"),
        (picture(), "image/png"),
        (picture(kind="JPEG"), "image/jpeg"),
        (picture(kind="GIF"), "image/gif"),
        (picture(kind="TIFF"), "image/tiff"),
        (b"GIF89a %PDF-1.4", "image/gif"),
        (b"{\\rtf1 hello}", "application/rtf"),
        (b"  <!-- x --> <HTML><body>%", "text/html"),
        ("schlicht, größer".encode(), "text/plain"),
        (("ä" * HEAD_BYTES).encode()[: HEAD_BYTES + 1], "text/plain"),
        (b"PK\x03\x04....[Content_Types].xml...xl/workbook.xml", "spreadsheetml"),
        (b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.text", "oasis.opendocument"),
        (b"PK\x03\x04....something.txt", "application/zip"),
        (b"", "application/octet-stream"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"\xff\xfe\x00\xff", "application/octet-stream"),
    ],
)
def test_the_first_bytes_tell(head: bytes, media_type: str) -> None:
    assert media_type in sniff(head)
