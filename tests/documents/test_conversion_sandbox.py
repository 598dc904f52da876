"""The sandbox that LibreOffice runs in: what gets out, what it may use up, and what happens where there is none."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from paraph.documents import DocumentWorkers, OfficeConverter, Rejected
from paraph.documents.conversion import Checked
from paraph.documents.conversion.kinds import KINDS
from paraph.documents.conversion.programs import Programs, find_programs
from paraph.documents.limits import ConversionLimits
from paraph.documents.sniffing import DOCX, HTML, ODT
from tests.documents import office
from tests.documents.conftest import Desk
from tests.documents.far_side import Listener, pictures_in
from tests.documents.looking import text_by_pdfium
from tests.documents.office import WORDS, Typist

BWRAP = Path("/usr/bin/bwrap")
pytestmark = office.needs_sandbox


def unchecked(desk: Desk, data: bytes, media_type: str, target: Path) -> Path:
    """Straight into the sandbox, past the check."""
    document = target.with_suffix(f".{KINDS[media_type].suffix}")
    document.write_bytes(data)
    desk.run(desk.workers.office.convert(document, Checked(media_type), target))
    return target


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
    typist.convert(hostile["docx"][0], "docx", "pdf")
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
    entity = office.declared_otherwise(office.XXE.replace(b"hostname", b"passwd"))
    members = office.members_of(entity)
    members["word/document.xml"] = members["word/document.xml"].replace(WORDS.encode(), b"&x;")
    for data in (office.zipped(members), office.blown_up(100)):
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
