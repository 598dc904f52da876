"""Office files and web pages: every format arrives, and no attack does, neither past the check nor in the sandbox."""

import io
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from paraph.documents import DocumentWorkers, Limits, OfficeConverter, Rejected
from paraph.documents.sniffing import DOC, DOCX, HTML, ODP, ODS, ODT, PPSX, PPT, PPTX, RTF, XLS, XLSX
from tests.documents import office
from tests.documents.conftest import Desk
from tests.documents.looking import text_by_pdfium
from tests.documents.office import WORDS, Typist

pytestmark = office.needs_sandbox
FORMATS = [
    ("doc", DOC),
    ("docx", DOCX),
    ("odt", ODT),
    ("rtf", RTF),
    ("html", HTML),
    ("xls", XLS),
    ("xlsx", XLSX),
    ("ods", ODS),
    ("ppt", PPT),
    ("pptx", PPTX),
    ("ppsx", PPSX),
    ("odp", ODP),
]


def reason_of(desk: Desk, data: bytes, target: Path) -> str:
    with pytest.raises(Rejected) as refused:
        desk.intake(data, target)
    assert not target.exists()
    return refused.value.reason


# --- what arrives ---


@pytest.mark.parametrize(("suffix", "media_type"), FORMATS)
def test_a_format_arrives(suffix: str, media_type: str, typist: Typist, desk: Desk, tmp_path: Path) -> None:
    """By its content alone: the upload has no name that tells."""
    taken = desk.intake(typist.make(suffix), tmp_path / "out.pdf")
    assert (taken.media_type, taken.page_count, taken.warnings) == (media_type, 1, ())
    assert WORDS in text_by_pdfium(tmp_path / "out.pdf")
    assert {path.name for path in tmp_path.iterdir()} == {"out.pdf", "out.upload"}


def test_scripts_that_the_machine_has_no_font_for(desk: Desk, tmp_path: Path) -> None:
    """T22: the fonts that we ship are in the sandbox too."""
    words = "合同 عقد חוזה अनुबंध สัญญา 계약"
    desk.intake(office.docx(text=words), tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        fonts = {str(font["/BaseFont"]) for font in pdf.pages[0].obj["/Resources"]["/Font"].values()}
    for name in ("DroidSansFallback", "NotoSansDevanagari", "NotoSansThai", "ParaphHangul"):
        assert any(name in font for font in fonts), fonts


def test_pages_and_bytes_of_the_result_are_limited_too(desk: Desk, tmp_path: Path) -> None:
    data = office.docx_of_pages(3)
    (tmp_path / "in").write_bytes(data)

    async def refusal(limits: Limits) -> Rejected:
        async with DocumentWorkers(limits, office=OfficeConverter.found()) as workers:
            with pytest.raises(Rejected) as refused:
                await workers.intake(tmp_path / "in", tmp_path / "out.pdf")
            return refused.value

    long = desk.run(refusal(Limits(max_pages=2)))
    assert (long.reason, "more than 2 pages" in long.sentence) == ("too_many_pages", True)
    large = desk.run(refusal(Limits(max_bytes=len(data))))
    assert large.reason == "too_large"


# --- statement 13: what the check refuses, before LibreOffice sees it ---


def unpacked_too_large() -> bytes:
    """Below the ratio, above the sum."""
    members = office.docx_members()
    return office.zipped(members | {f"word/media/{number}.bin": b"\0" * (10 << 20) for number in range(20)})


def two_of_one_name() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        output = io.BytesIO(office.docx())
        with zipfile.ZipFile(output, "a") as archive:
            archive.writestr("word/document.xml", b"<other/>")
        return output.getvalue()


SIXTEEN = b'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE r [<!ENTITY x "y">]>'

OUTSIDE = "http://127.0.0.1:9/x.png"
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "linked picture": (lambda: office.linked_picture(OUTSIDE), "office_external_content"),
    "linked picture, said to be a hyperlink": (
        lambda: office.linked_picture(OUTSIDE, "hyperlink"),
        "office_external_content",
    ),
    "picture of this machine": (lambda: office.linked_picture("file:///etc/x.png"), "office_external_content"),
    "template from elsewhere": (
        lambda: office.docx("", office.relationship("rId9", "attachedTemplate", "http://x/evil.dotm", outside=True)),
        "office_external_content",
    ),
    "outside by an entity": (
        lambda: office.zipped(
            office.docx_members(office.vml_picture("rId7"))
            | {
                "word/_rels/document.xml.rels": office.relationships(
                    office.relationship("rId7", "image", OUTSIDE, outside=True).replace("External", "&#69;xternal")
                )
            }
        ),
        "office_external_content",
    ),
    "address without saying outside": (
        lambda: office.docx("", office.relationship("rId9", "image", OUTSIDE)),
        "office_external_content",
    ),
    "picture in a picture": (
        lambda: office.zipped(
            office.docx_members() | {"word/media/a.svg": b'<svg xmlns:l="x"><image l:href="http://x/y.png"/></svg>'}
        ),
        "office_external_content",
    ),
    "odt with a linked picture": (lambda: office.odt(office.odt_picture(OUTSIDE)), "office_external_content"),
    "odt with a file": (lambda: office.odt(office.odt_picture("file:///etc/x.png")), "office_external_content"),
    "odt with a file beside it": (lambda: office.odt(office.odt_picture("../x.png")), "office_external_content"),
    "odt with a script": (
        lambda: office.zipped(office.odt_members() | {"Basic/Standard/Module1.xml": b"<x/>"}),
        "office_macros",
    ),
    "odt with an event": (
        lambda: office.odt('<text:p xlink:href="vnd.sun.star.script:Standard.Module1.Main">x</text:p>'),
        "office_macros",
    ),
    "odt that is locked": (
        lambda: office.zipped(
            office.odt_members()
            | {"META-INF/manifest.xml": b'<m xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m>'}
        ),
        "password_needed",
    ),
    "macros": (
        lambda: office.zipped(office.docx_members() | {"word/vbaProject.bin": b"\xd0\xcf"}),
        "office_macros",
    ),
    "macros under another name": (
        lambda: office.zipped(
            office.docx_members()
            | {
                "[Content_Types].xml": office.content_types("word/document.xml", "wordprocessingml.document").replace(
                    b"</Types>",
                    b'<Override PartName="/word/x.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
                )
            }
        ),
        "office_macros",
    ),
    "entities": (lambda: office.declared_otherwise(office.XXE), "office_unsafe"),
    "entities in UTF-16": (lambda: office.declared_otherwise(SIXTEEN, "utf-16"), "office_unsafe"),
    "an encoding to hide in": (
        lambda: office.declared_otherwise(b'<?xml version="1.0" encoding="utf-7"?>'),
        "office_unsafe",
    ),
    "not well-formed": (lambda: office.declared_otherwise(b"<a><b>"), "office_damaged"),
    "nested deep": (lambda: office.docx("<w:sdt>" * 1000 + "</w:sdt>" * 1000), "office_unsafe"),
    "bomb": (office.blown_up, "office_too_large"),
    "too large unpacked": (unpacked_too_large, "office_too_large"),
    "too many members": (
        lambda: office.zipped(office.docx_members() | {f"word/media/{number}": b"" for number in range(2001)}),
        "office_too_large",
    ),
    "two of one name": (two_of_one_name, "office_unsafe"),
    "a name that leads out": (
        lambda: office.zipped(office.docx_members() | {"../../etc/x.xml": b"<a/>"}),
        "office_unsafe",
    ),
    "no main part": (
        lambda: office.zipped({k: v for k, v in office.docx_members().items() if k != "word/document.xml"}),
        "office_damaged",
    ),
    "plain archive": (lambda: office.zipped({"a.txt": b"a"}), "unsupported_type"),
    "cut short": (lambda: office.docx()[:900], "office_damaged"),
    "page in the place of an archive": (lambda: b"PK\x03\x04<html><body>x</body></html>", "office_damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_check_refuses(name: str, desk: Desk, tmp_path: Path) -> None:
    """Statement 13, and T24."""
    make, reason = REFUSED[name]
    started = time.monotonic()
    assert reason_of(desk, make(), tmp_path / "out.pdf") == reason
    assert time.monotonic() - started < 20


def test_old_binary_files_are_looked_into(typist: Typist, desk: Desk, tmp_path: Path) -> None:
    """Statement 13: kind, macros and passwords of OLE2 files."""
    doc, xls, out = typist.make("doc"), typist.make("xls"), tmp_path / "out.pdf"
    assert reason_of(desk, office.renamed_entry(doc, "\x01CompObj", "Macros"), out) == "office_macros"
    assert reason_of(desk, office.renamed_entry(xls, "\x01CompObj", "_VBA_PROJECT_CUR"), out) == "office_macros"
    assert reason_of(desk, office.renamed_entry(doc, "WordDocument", "EncryptedPackage"), out) == "password_needed"
    assert reason_of(desk, office.renamed_entry(doc, "WordDocument", "VisioDocument"), out) == "unsupported_type"
    text = doc.index(b"\xec\xa5")
    locked = doc[: text + 11] + bytes([doc[text + 11] | 1]) + doc[text + 12 :]
    assert reason_of(desk, locked, out) == "password_needed"
    book = xls.index(b"\x09\x08\x10\x00")
    assert reason_of(desk, xls[: book + 20] + b"\x2f\x00" + xls[book + 22 :], out) == "password_needed"
    assert reason_of(desk, doc[:4000], out) == "office_damaged"
    assert reason_of(desk, doc[:0x1E] + b"\xff\xff" + doc[0x20:], out) == "office_damaged"


def test_links_for_readers_stay(desk: Desk, tmp_path: Path) -> None:
    """Statement 13 lets hyperlinks be: they load nothing."""
    body = '<w:p><w:hyperlink r:id="rId7"><w:r><w:t>our site</w:t></w:r></w:hyperlink></w:p>'
    link = office.relationship("rId7", "hyperlink", "https://example.com/", outside=True)
    # an id that other attributes have as a value by chance
    for own_id in ("rId7", "1"):
        members = {
            name: data.replace(b"rId7", own_id.encode()).replace(b"<w:p>", b'<w:p w:rsidR="1">')
            for name, data in office.docx_members(body, link).items()
        }
        assert desk.intake(office.zipped(members), tmp_path / "out.pdf").warnings == ()
    desk.intake(
        office.odt('<text:p><text:a xlink:href="https://example.com/">our site</text:a></text:p>'),
        tmp_path / "out.pdf",
    )
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert [str(note["/A"]["/URI"]) for note in pdf.pages[0].obj["/Annots"]] == ["https://example.com/"]
