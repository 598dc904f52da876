"""Whatever is uploaded: a normalised file or a named reason, within the limits, and nothing left behind."""

import subprocess
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from paraph.documents import NormalisedDocument, Rejected
from paraph.documents.rejected import SENTENCES
from tests.documents.conftest import Desk
from tests.documents.nasty import NASTY

FORBIDDEN = (
    b"/JavaScript",
    b"/JS",
    b"/Launch",
    b"/EmbeddedFile",
    b"/GoToR",
    b"/SubmitForm",
    b"/OpenAction",
    b"/AA",
    b"/XFA",
    b"/AcroForm",
    b"/RichMedia",
    b"/FileAttachment",
    b"javascript:",
    b"file:///",
    b"evil",
    b"alert(",
)


def test_there_are_enough_of_them() -> None:
    assert len(NASTY) >= 70


@pytest.mark.parametrize("name", sorted(NASTY))
def test_a_nasty_file_gets_a_named_answer(name: str, desk: Desk, tmp_path: Path) -> None:
    """Statements 1, 2, 4 to 8 and 10 of the design, and T24: through the real children, each file on its own."""
    make, answers = NASTY[name]
    target = tmp_path / "out.pdf"
    answer = answer_to(make(), target, desk)
    if isinstance(answer, Rejected):
        assert answer.reason in answers, answer.detail
        assert answer.sentence == SENTENCES[answer.reason].format(size="40 MB", pages=500)
        assert not target.exists()
    else:
        assert "ok" in answers
        assert answer.page_count == len(answer.pages) > 0
        assert_clean(target, answer.page_count, tmp_path)
    leftovers = {path.name for path in tmp_path.iterdir()} - {"out.pdf", "out.upload", "plain.pdf"}
    assert not leftovers


def answer_to(data: bytes, target: Path, desk: Desk) -> NormalisedDocument | Rejected:
    try:
        return desk.intake(data, target)
    except Rejected as rejected:
        return rejected


def assert_clean(target: Path, pages: int, folder: Path) -> None:
    """All four readers agree (statement 10), and nothing active is left in any object (statement 7)."""
    with pikepdf.open(target) as pdf:
        assert len(pdf.pages) == pages
        plain = folder / "plain.pdf"
        pdf.save(
            plain,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
        )
    found = [word for word in FORBIDDEN if word in plain.read_bytes()]
    assert not found
    assert target.read_bytes().count(b"startxref") == 1
    with target.open("rb") as file:
        assert PdfFileReader(file, strict=True).root["/Pages"]["/Count"] == pages
    document = pdfium.PdfDocument(target)
    assert len(document) == pages
    document.close()
    check = subprocess.run(["qpdf", "--check", str(target)], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
