"""Office files for tests: written by hand where the format allows, else by LibreOffice itself."""

import functools
import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

WORDS = "Rental agreement, clause one"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006"
_MAIN = "application/vnd.openxmlformats-officedocument"
HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Members = dict[str, bytes]


@functools.cache
def sandbox_works() -> bool:
    """Whether bubblewrap can make its namespaces here; in some containers it may not."""
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_sandbox = pytest.mark.skipif(
    not sandbox_works(), reason="bubblewrap cannot make user namespaces here (see tests/install_tools)"
)


def zipped(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else method)
    return output.getvalue()


def relationships(*entries: str) -> bytes:
    return f'{HEADER}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(entries)}</Relationships>'.encode()


def relationship(own_id: str, kind: str, target: str, *, outside: bool = False) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="{own_id}" Type="{_DOCUMENT}/relationships/{kind}" Target="{target}"{mode}/>'


def content_types(main: str, kind: str) -> bytes:
    return (
        f'{HEADER}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        f'<Override PartName="/{main}" ContentType="{_MAIN}.{kind}.main+xml"/></Types>'
    ).encode()


# --- DOCX ---


def docx_members(body: str = "", *links: str, text: str = WORDS) -> Members:
    """A document with one paragraph, then this body; links are relationships of it."""
    document = (
        f'{HEADER}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        f'xmlns:r="{_DOCUMENT}/relationships" xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>{body}</w:body></w:document>"
    )
    return {
        "[Content_Types].xml": content_types("word/document.xml", "wordprocessingml.document"),
        "_rels/.rels": relationships(relationship("rId1", "officeDocument", "word/document.xml")),
        "word/document.xml": document.encode(),
        "word/_rels/document.xml.rels": relationships(*links),
    }


def docx(body: str = "", *links: str, text: str = WORDS) -> bytes:
    return zipped(docx_members(body, *links, text=text))


def docx_of_pages(count: int) -> bytes:
    paragraph = (
        f"<w:p><w:r><w:t>{WORDS}, to be read with care. {'Lorem ipsum dolor sit amet. ' * 8}</w:t></w:r></w:p>"
    )
    page_break = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    return docx(page_break.join([paragraph * 8] * count))


def vml_picture(own_id: str) -> str:
    """How a linked picture stands in a document of Word."""
    return (
        '<w:p><w:r><w:pict><v:shape style="width:100pt;height:100pt">'
        f'<v:imagedata r:id="{own_id}"/></v:shape></w:pict></w:r></w:p>'
    )


def drawn_picture(own_id: str) -> str:
    """The same in the newer markup."""
    return (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="1270000" cy="1270000"/><wp:docPr id="1" name="p"/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        '<pic:nvPicPr><pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:link="{own_id}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="1270000" cy="1270000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def linked_picture(address: str, kind: str = "image") -> bytes:
    """A document that shows a picture from elsewhere, asked for in both ways."""
    return docx(vml_picture("rId7") + drawn_picture("rId7"), relationship("rId7", kind, address, outside=True))


# --- hostile ones that several tests use ---

XXE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def declared_otherwise(prologue: bytes, encoding: str = "utf-8") -> bytes:
    members = docx_members()
    body = members["word/document.xml"].partition(b"\n")[2].decode()
    members["word/document.xml"] = (prologue.decode() + body).encode(encoding)
    return zipped(members)


def blown_up(mebibytes: int = 12) -> bytes:
    members = docx_members()
    members["word/media/blank.xml"] = b"<a>" + b" " * (mebibytes << 20) + b"</a>"
    return zipped(members)


# --- XLSX ---


def xlsx() -> bytes:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cell = f'<c r="A1" t="inlineStr"><is><t>{WORDS}</t></is></c>'
    return zipped(
        {
            "[Content_Types].xml": content_types("xl/workbook.xml", "spreadsheetml.sheet").replace(
                b"</Types>",
                f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_MAIN}.spreadsheetml.worksheet+xml"/>'
                "</Types>".encode(),
            ),
            "_rels/.rels": relationships(relationship("rId1", "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": (
                f'{HEADER}<workbook {space} xmlns:r="{_DOCUMENT}/relationships"><sheets>'
                '<sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>'
            ).encode(),
            "xl/_rels/workbook.xml.rels": relationships(relationship("rId1", "worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": (
                f'{HEADER}<worksheet {space}><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
            ).encode(),
        }
    )


# --- ODT ---

_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_LONG = {"draw": "drawing", "svg": "svg-compatible"}
_SPACES = 'xmlns:xlink="http://www.w3.org/1999/xlink" ' + " ".join(
    f'xmlns:{name}="{_ODF}:{_LONG.get(name, name)}:1.0"'
    for name in ("office", "text", "draw", "table", "svg", "script")
)


def odt_members(body: str = "") -> Members:
    mime = b"application/vnd.oasis.opendocument.text"
    content = (
        f'{HEADER}<office:document-content {_SPACES} office:version="1.2"><office:body><office:text>'
        f"<text:p>{WORDS}</text:p>{body}</office:text></office:body></office:document-content>"
    )
    manifest = (
        f'{HEADER}<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime.decode()}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return {"mimetype": mime, "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}


def odt(body: str = "") -> bytes:
    return zipped(odt_members(body))


def odt_picture(address: str) -> str:
    return (
        '<text:p><draw:frame svg:width="5cm" svg:height="5cm" text:anchor-type="as-char">'
        f'<draw:image xlink:href="{address}" xlink:type="simple"/></draw:frame></text:p>'
    )


# --- what only LibreOffice writes ---

FLAT_SLIDES = (
    f'{HEADER}<office:document {_SPACES} office:version="1.2" '
    'office:mimetype="application/vnd.oasis.opendocument.presentation"><office:body><office:presentation>'
    '<draw:page draw:name="p1"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="20cm" svg:height="3cm">'
    f"<draw:text-box><text:p>{WORDS}</text:p></draw:text-box></draw:frame></draw:page>"
    "</office:presentation></office:body></office:document>"
).encode()


class Typist:
    """LibreOffice outside of any sandbox: writes what cannot be written by hand, and shows what attacks do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, bytes] = {}

    def convert(self, data: bytes, source: str, target: str) -> bytes | None:
        """From one suffix to another; None when LibreOffice wrote nothing."""
        document, output = self._folder / f"typed.{source}", self._folder / f"typed.{target.partition(':')[0]}"
        document.write_bytes(data)
        output.unlink(missing_ok=True)
        command = ["soffice", f"-env:UserInstallation=file://{self._folder}/profile", "--headless"]
        command += ["--convert-to", target, "--outdir", str(self._folder), str(document)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return output.read_bytes() if output.exists() else None

    def make(self, suffix: str) -> bytes:
        """One page that says WORDS, in the format of this suffix."""
        if suffix not in self._made:
            self._made[suffix] = self._write(suffix)
        return self._made[suffix]

    def _write(self, suffix: str) -> bytes:
        by_hand: dict[str, Callable[[], bytes]] = {"docx": docx, "xlsx": xlsx, "odt": odt}
        if suffix in by_hand:
            return by_hand[suffix]()
        if suffix == "rtf":
            return rf"{{\rtf1\ansi {WORDS}}}".encode()
        if suffix == "html":
            return f"<!DOCTYPE html><html><body><p>{WORDS}</p></body></html>".encode()
        if suffix == "ppsx":
            return as_slideshow(self.make("pptx"))
        sources = {"doc": (odt(), "odt"), "xls": (xlsx(), "xlsx"), "ods": (xlsx(), "xlsx")}
        data, source = sources.get(suffix, (FLAT_SLIDES, "fodp"))
        made = self.convert(data, source, suffix)
        assert made is not None
        return made


def members_of(data: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def as_slideshow(pptx: bytes) -> bytes:
    members = members_of(pptx)
    types = members["[Content_Types].xml"]
    members["[Content_Types].xml"] = types.replace(b"presentation.main+xml", b"slideshow.main+xml")
    return zipped(members)


def renamed_entry(compound: bytes, old: str, new: str) -> bytes:
    """An old binary file with one entry of its table of contents called otherwise."""
    before, after = old.encode("utf-16-le") + b"\0\0", new.encode("utf-16-le") + b"\0\0"
    place = compound.index(before.ljust(64, b"\0"))
    entry = after.ljust(64, b"\0") + len(after).to_bytes(2, "little")
    return compound[:place] + entry + compound[place + 66 :]
