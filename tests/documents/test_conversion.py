"""Office files and web pages: every format arrives, and no attack does, neither past the check nor in the sandbox."""

import asyncio
import io
import os
import random
import subprocess
import threading
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pikepdf
import pytest

from paraph.documents import DocumentWorkers, Limits, OfficeConverter, Rejected
from paraph.documents.conversion import Checked
from paraph.documents.conversion.kinds import KINDS
from paraph.documents.conversion.programs import Programs, find_programs
from paraph.documents.limits import ConversionLimits
from paraph.documents.sniffing import DOC, DOCX, HTML, ODP, ODS, ODT, PPSX, PPT, PPTX, RTF, XLS, XLSX
from tests.documents import office
from tests.documents.conftest import Desk
from tests.documents.looking import text_by_pdfium
from tests.documents.office import WORDS, Typist
from tests.documents.samples import picture

BWRAP = Path("/usr/bin/bwrap")
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


class Listener:
    """The far side of an attack: writes down what it is asked for."""

    def __init__(self) -> None:
        asked = self.asked = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(404)
                self.end_headers()

            def __getattr__(self, name: str) -> Callable[[], None]:
                if name.startswith("do_"):  # whatever else it may be asked for
                    return self.do_GET
                raise AttributeError(name)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def typist(tmp_path_factory: pytest.TempPathFactory) -> Typist:
    return Typist(tmp_path_factory.mktemp("typist"))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A picture on this machine that no document may show."""
    path = tmp_path / "secret.png"
    path.write_bytes(picture())
    return path


def pictures_in(pdf: bytes | Path) -> int:
    with pikepdf.open(io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf) as opened:
        streams = (item for item in opened.objects if isinstance(item, pikepdf.Stream))
        return sum(item.get("/Subtype") == "/Image" for item in streams)


def reason_of(desk: Desk, data: bytes, target: Path) -> str:
    with pytest.raises(Rejected) as refused:
        desk.intake(data, target)
    assert not target.exists()
    return refused.value.reason


def unchecked(desk: Desk, data: bytes, media_type: str, target: Path) -> Path:
    """Straight into the sandbox, past the check."""
    document = target.with_suffix(f".{KINDS[media_type].suffix}")
    document.write_bytes(data)
    desk.run(desk.workers.office.convert(document, Checked(media_type), target))
    return target


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


def blown_up() -> bytes:
    members = office.docx_members()
    members["word/media/blank.xml"] = b"<a>" + b" " * (60 << 20) + b"</a>"
    return office.zipped(members)


def unpacked_too_large() -> bytes:
    """Below the ratio, above the sum."""
    noise = random.Random(1).randbytes(1 << 20)
    members = office.docx_members()
    for number in range(7):
        members[f"word/media/{number}.bin"] = noise + b"\0" * (29 << 20)
    return office.zipped(members)


def two_of_one_name() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        output = io.BytesIO(office.docx())
        with zipfile.ZipFile(output, "a") as archive:
            archive.writestr("word/document.xml", b"<other/>")
        return output.getvalue()


def declared_otherwise(prologue: bytes, encoding: str = "utf-8") -> bytes:
    members = office.docx_members()
    body = members["word/document.xml"].partition(b"\n")[2].decode()
    members["word/document.xml"] = (prologue.decode() + body).encode(encoding)
    return office.zipped(members)


XXE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
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
    "entities": (lambda: declared_otherwise(XXE), "office_unsafe"),
    "entities in UTF-16": (lambda: declared_otherwise(SIXTEEN, "utf-16"), "office_unsafe"),
    "an encoding to hide in": (
        lambda: declared_otherwise(b'<?xml version="1.0" encoding="utf-7"?>'),
        "office_unsafe",
    ),
    "not well-formed": (lambda: declared_otherwise(b"<a><b>"), "office_damaged"),
    "nested deep": (lambda: office.docx("<w:sdt>" * 1000 + "</w:sdt>" * 1000), "office_unsafe"),
    "bomb": (blown_up, "office_too_large"),
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
    assert desk.intake(office.docx(body, link), tmp_path / "out.pdf").warnings == ()
    desk.intake(
        office.odt('<text:p><text:a xlink:href="https://example.com/">our site</text:a></text:p>'),
        tmp_path / "out.pdf",
    )
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert [str(note["/A"]["/URI"]) for note in pdf.pages[0].obj["/Annots"]] == ["https://example.com/"]


# --- statement 14: what the sandbox withstands, with the check left out ---


def test_attacks_work_outside_and_not_inside(
    typist: Typist, desk: Desk, listener: Listener, secret: Path, tmp_path: Path
) -> None:
    """Statement 14: LibreOffice by itself asks the listener and shows the file; in the sandbox it does neither."""
    hostile = {
        "docx": (office.linked_picture(f"{listener.address}/ssrf.png"), DOCX),
        "html": (f'<html><body>x<img src="{listener.address}/page.png"></body></html>'.encode(), HTML),
        "odt": (office.odt(office.odt_picture(f"{listener.address}/odt.png")), ODT),
    }
    assert typist.convert(hostile["html"][0], "docx", "pdf")  # by another name, too
    assert "/page.png" in listener.asked
    typist.convert(*hostile["docx"][:1], "docx", "pdf")
    assert "/ssrf.png" in listener.asked
    local = office.linked_picture(f"file://{secret}")
    shown = typist.convert(local, "docx", "pdf")
    assert shown is not None and pictures_in(shown) > 0
    listener.asked.clear()
    for data, media_type in hostile.values():
        unchecked(desk, data, media_type, tmp_path / "out.pdf")
    assert pictures_in(unchecked(desk, local, DOCX, tmp_path / "out.pdf")) == 0
    assert listener.asked == []


def test_a_page_by_another_name_is_no_page_in_the_sandbox(desk: Desk, tmp_path: Path) -> None:
    """Statement 14: LibreOffice reads a file only as what it was checked to be, and no PDF is a failure."""
    with pytest.raises(Rejected) as refused:
        unchecked(desk, b"<html><body>x</body></html>", DOCX, tmp_path / "out.pdf")
    assert refused.value.reason == "conversion_failed"


def test_entities_and_bombs_in_the_sandbox(desk: Desk, tmp_path: Path) -> None:
    """Statement 14: an entity shows no file, a bomb takes no more than it may."""
    entity = declared_otherwise(XXE.replace(b"hostname", b"passwd"))
    members = office.members_of(entity)
    members["word/document.xml"] = members["word/document.xml"].replace(WORDS.encode(), b"&x;")
    for data in (office.zipped(members), blown_up()):
        try:
            unchecked(desk, data, DOCX, tmp_path / "out.pdf")
        except Rejected as refused:
            assert refused.reason == "conversion_failed"
        else:
            assert "root:" not in text_by_pdfium(tmp_path / "out.pdf")


@pytest.fixture
def impostor(tmp_path: Path) -> Callable[[str], OfficeConverter]:
    """A converter whose LibreOffice is a script of ours: what a document that took it over could do."""

    def make(script: str, **limits: float) -> OfficeConverter:
        program = tmp_path / "office" / "program" / "soffice"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/bash\nmkdir -p /tmp/out; exec >/tmp/out/document.pdf\necho %PDF-\n{script}\n")
        program.chmod(0o755)
        bounds = {name: value if name == "wall_seconds" else int(value) for name, value in limits.items()}
        return OfficeConverter(Programs(BWRAP, program), ConversionLimits(**bounds))  # type: ignore[arg-type]

    return make


def report_of(converter: OfficeConverter, desk: Desk, folder: Path) -> str:
    document, target = folder / "in.docx", folder / "out.pdf"
    document.write_bytes(b"the document")
    desk.run(converter.convert(document, Checked(DOCX), target))
    return target.read_text()


def test_what_a_captured_libreoffice_can_reach(
    impostor: Callable[..., OfficeConverter], desk: Desk, listener: Listener, secret: Path, tmp_path: Path
) -> None:
    """Statement 14: no network, no host file but programs and fonts, no process, nothing to write but its own."""
    port = listener.address.rpartition(":")[2]
    script = f"""
(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && echo CONNECTED
tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | sed 's/^/net /'
ls -A / | sed 's/^/root /'
cat {secret} 2>/dev/null && echo READ
cat /etc/passwd 2>/dev/null && echo READ
ls -d /proc/[0-9]* | wc -l | sed 's/^/processes /'
(echo x > /usr/x) 2>/dev/null && echo WROTE
(echo x > /work/document.docx) 2>/dev/null && echo WROTE
(echo x > /home/data/fonts/x) 2>/dev/null && echo WROTE
grep CapEff /proc/self/status
env | sort | sed 's/^/env /'
cat /work/document.docx
"""
    os.environ["PARAPH_SECRET_OF_TEST"] = "hush"
    try:
        report = report_of(impostor(script), desk, tmp_path)
    finally:
        del os.environ["PARAPH_SECRET_OF_TEST"]
    lines = report.splitlines()
    assert not {"CONNECTED", "READ", "WROTE"} & set(lines)
    assert [line for line in lines if line.startswith("net ")] == ["net lo"]
    seen = {line.removeprefix("root ") for line in lines if line.startswith("root ")}
    here = {"usr", "proc", "dev", "tmp", "etc", "home", "work", "settings", "var"}
    links = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}
    assert seen - here - links <= {tmp_path.parts[1]}  # the impostor itself lies there
    assert int(next(line for line in lines if line.startswith("processes ")).split()[1]) < 12
    assert "CapEff:\t0000000000000000" in lines
    assert "hush" not in report
    assert lines[-1].endswith("the document")
    assert listener.asked == []


@pytest.mark.parametrize(
    ("script", "limits", "reason"),
    [
        ("rm /tmp/out/document.pdf; exit 0", {}, "conversion_failed"),
        ("sleep 60", {"wall_seconds": 1.0}, "conversion_too_slow"),
        ("(sleep 60; true) & disown; setsid sleep 60 & sleep 60", {"wall_seconds": 1.0}, "conversion_too_slow"),
        ("rm /tmp/out/document.pdf; while :; do :; done; echo %PDF-", {"cpu_seconds": 1}, "conversion_failed"),
        (
            "rm /tmp/out/document.pdf; head -c 900M /dev/zero | tail > /tmp/x && cp /usr/bin/true /tmp/y && "
            "echo %PDF- > /tmp/out/document.pdf",
            {"memory_bytes": 300 << 20},
            "conversion_failed",
        ),
        (
            "rm /tmp/out/document.pdf; head -c 20M /dev/zero > /tmp/x && echo %PDF- > /tmp/out/document.pdf",
            {"scratch_bytes": 10 << 20},
            "conversion_failed",
        ),
        (
            "rm /tmp/out/document.pdf; head -c 20M /dev/zero > /tmp/x && echo %PDF- > /tmp/out/document.pdf",
            {"output_bytes": 10 << 20},
            "conversion_failed",
        ),
        pytest.param(
            "rm /tmp/out/document.pdf; for i in $(seq 60); do sleep 2 & done 2>/dev/null; "
            "[ $(jobs | wc -l) = 60 ] && echo %PDF- > /tmp/out/document.pdf",
            {"processes": 20, "wall_seconds": 10.0},
            "conversion_failed",
            marks=pytest.mark.skipif(os.getuid() == 0, reason="the kernel does not bound the processes of root"),
        ),
    ],
    ids=["nothing", "slow", "slow-children", "cpu", "memory", "scratch", "output", "processes"],
)
def test_what_a_captured_libreoffice_can_use_up(
    script: str,
    limits: dict[str, float],
    reason: str,
    impostor: Callable[..., OfficeConverter],
    desk: Desk,
    tmp_path: Path,
) -> None:
    """Statement 14: time, memory, disk and processes are bounded, and all of it ends with the run."""
    with pytest.raises(Rejected) as refused:
        report_of(impostor(script, **limits), desk, tmp_path)
    assert refused.value.reason == reason
    assert not processes_of(tmp_path)


def processes_of(folder: Path) -> list[str]:
    """Command lines that mention the folder, a moment later."""
    for _ in range(50):
        lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
        found = [line for line in lines if str(folder) in line and "pytest" not in line]
        if not found:
            return []
        time.sleep(0.05)
    return found


def test_a_cancelled_conversion_ends(impostor: Callable[..., OfficeConverter], desk: Desk, tmp_path: Path) -> None:
    converter = impostor("sleep 60")
    (tmp_path / "in.docx").write_bytes(b"x")

    async def cancelled() -> None:
        task = asyncio.create_task(converter.convert(tmp_path / "in.docx", Checked(DOCX), tmp_path / "out.pdf"))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    desk.run(cancelled())
    assert not processes_of(tmp_path)


# --- where the programs or the sandbox are missing ---


def test_without_the_programs_office_files_are_refused_by_name(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_bwrap = tmp_path / "bin"
    only_bwrap.mkdir()
    (only_bwrap / "bwrap").symlink_to(BWRAP)
    for path in ("", str(only_bwrap)):
        monkeypatch.setenv("PATH", path)
        assert find_programs() is None
        assert not OfficeConverter.found().is_available

    async def reason() -> str:
        async with DocumentWorkers(office=OfficeConverter.found()) as workers:
            (tmp_path / "in").write_bytes(office.docx())
            with pytest.raises(Rejected) as refused:
                await workers.intake(tmp_path / "in", tmp_path / "out.pdf")
            return refused.value.reason

    assert desk.run(reason()) == "office_not_available"


def test_where_no_sandbox_can_be_made_nothing_is_converted(desk: Desk, tmp_path: Path) -> None:
    """As in a container without user namespaces: refused, and LibreOffice is not started."""
    proof = tmp_path / "started"
    soffice, bwrap = tmp_path / "soffice", tmp_path / "bwrap"
    soffice.write_text(f"#!/bin/sh\ntouch {proof}\n")
    bwrap.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    for program in (soffice, bwrap):
        program.chmod(0o755)
    converter = OfficeConverter(Programs(bwrap, soffice))
    (tmp_path / "in.docx").write_bytes(office.docx())
    with pytest.raises(Rejected) as refused:
        desk.run(converter.convert(tmp_path / "in.docx", Checked(DOCX), tmp_path / "out.pdf"))
    assert refused.value.reason == "office_not_available"
    assert "No permissions" in refused.value.detail
    assert not proof.exists()
