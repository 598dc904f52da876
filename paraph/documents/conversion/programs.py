"""The two programs that conversion needs, where they are, and what to say when they are not."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SYSTEM: Final = Path("/usr")
INSTALL: Final = (
    "install both, on Debian and Ubuntu: "
    "apt-get install libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui bubblewrap"
)


@dataclass(frozen=True, slots=True)
class Programs:
    """bubblewrap: the program bwrap. soffice: LibreOffice's, with links followed. Absolute paths."""

    bubblewrap: Path
    soffice: Path

    @property
    def own_folder(self) -> Path | None:
        """Where LibreOffice is installed when that is not under /usr."""
        return None if self.soffice.is_relative_to(SYSTEM) else self.soffice.parent.parent


def find_programs() -> Programs | None:
    """The programs on PATH, or None unless both are there."""
    bubblewrap = shutil.which("bwrap")
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if bubblewrap is None or soffice is None:
        return None
    return Programs(Path(bubblewrap).absolute(), Path(soffice).resolve())


def missing_programs() -> tuple[str, ...]:
    """The names of those that are not on PATH."""
    found = {
        "LibreOffice (soffice)": shutil.which("soffice") or shutil.which("libreoffice"),
        "bubblewrap (bwrap)": shutil.which("bwrap"),
    }
    return tuple(name for name, path in found.items() if path is None)
