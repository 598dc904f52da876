"""The command that runs LibreOffice once, seeing nothing of this machine but programs, fonts and one file.

No network namespace but its own, no process but its own, no file of the host but /usr, the font settings, our
fonts and the document (all read-only), scratch space in memory, no rights. The PDF comes out through the
standard output, so nothing on the host's disk can be written but what the caller holds open.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from paraph.documents.conversion.kinds import Kind
from paraph.documents.conversion.programs import Programs
from paraph.documents.limits import ConversionLimits

OUR_FONTS: Final = Path(__file__).parent.parent / "fonts"
PROFILE: Final = Path(__file__).parent / "registrymodifications.xcu"
"""Settings of LibreOffice: no macros, no links followed, nothing updated."""
OUTSIDE_USR: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Links into /usr on most systems, folders on some."""
SEEN_IF_THERE: Final = (
    "/etc/fonts",
    "/etc/libreoffice",
    "/var/lib/libreoffice",
    "/var/cache/fontconfig",
    "/etc/ld.so.cache",
)
UNPRIVILEGED: Final = "1000"
SCRIPT: Final = """
mkdir -p /tmp/profile/user && cp /settings/profile.xcu /tmp/profile/user/registrymodifications.xcu
"$@" </dev/null >/dev/null 2>&1
exec cat /tmp/out/document.pdf
"""
"""LibreOffice ends with 0 whether it converted or not: what counts is whether there is a PDF."""


def conversion_command(programs: Programs, limits: ConversionLimits, kind: Kind, document: Path) -> list[str]:
    """The whole command line; its standard output is the PDF, or nothing."""
    inside = f"/work/document.{kind.suffix}"
    return [
        str(programs.bubblewrap),
        *_walls(programs, limits),
        *("--ro-bind", str(document), inside),
        *_resource_limits(limits),
        *("sh", "-c", SCRIPT, "sh"),
        *_soffice(programs, kind, inside),
    ]


def _walls(programs: Programs, limits: ConversionLimits) -> Iterator[str]:
    yield from ("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
    yield from ("--uid", UNPRIVILEGED, "--gid", UNPRIVILEGED, "--hostname", "sandbox")
    yield from ("--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev")
    for folder in map(Path, OUTSIDE_USR):
        if folder.is_symlink():
            yield from ("--symlink", str(folder.readlink()), str(folder))
        elif folder.is_dir():
            yield from ("--ro-bind", str(folder), str(folder))
    for path in SEEN_IF_THERE:
        yield from ("--ro-bind-try", path, path)
    yield from ("--ro-bind", str(OUR_FONTS), "/home/data/fonts", "--ro-bind", str(PROFILE), "/settings/profile.xcu")
    yield from ("--size", str(limits.scratch_bytes), "--tmpfs", "/tmp", "--chdir", "/tmp")  # noqa: S108 - its own
    if programs.own_folder is not None:
        yield from ("--ro-bind", str(programs.own_folder), str(programs.own_folder))
    yield "--clearenv"
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "XDG_DATA_HOME": "/home/data", "LANG": "C.UTF-8"}  # noqa: S108
    for name, value in (environment | {"SAL_USE_VCLPLUGIN": "svp"}).items():
        yield from ("--setenv", name, value)


def _resource_limits(limits: ConversionLimits) -> Iterator[str]:
    yield "prlimit"
    yield f"--as={limits.memory_bytes}"
    yield f"--cpu={limits.cpu_seconds}"
    yield f"--fsize={limits.output_bytes}"
    yield f"--nofile={limits.open_files}"
    yield f"--nproc={limits.processes}"
    yield "--core=0"


def _soffice(programs: Programs, kind: Kind, inside: str) -> Iterator[str]:
    yield str(programs.soffice)
    yield from ("-env:UserInstallation=file:///tmp/profile", "--headless", "--norestore", "--nolockcheck")
    if kind.reader:
        yield f"--infilter={kind.reader}"
    yield from ("--convert-to", f"pdf:{kind.writer}", "--outdir", "/tmp/out", inside)  # noqa: S108 - its own
