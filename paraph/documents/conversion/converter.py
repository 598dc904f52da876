"""One run of LibreOffice for one file: started, watched, ended."""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Final

from paraph.documents.conversion.bubblewrap import conversion_command
from paraph.documents.conversion.kinds import KINDS, Checked
from paraph.documents.conversion.programs import Programs, find_programs
from paraph.documents.limits import ConversionLimits
from paraph.documents.rejected import Rejected
from paraph.documents.slots import Slots
from paraph.documents.sniffing import HEAD_BYTES, RTF, is_pdf

SANDBOX_SAYS: Final = b"bwrap: "
"""How bubblewrap begins when it could not set the sandbox up; nothing was run then."""
DETAIL_CHARACTERS: Final = 500
TRIAL: Final = b"{\\rtf1\\ansi Paraph tries whether LibreOffice works in its sandbox.}"


class OfficeConverter:
    """Converts checked files to PDF, or says that it cannot. programs None: they are missing or not wanted."""

    _looks_again = False

    def __init__(
        self, programs: Programs | None, limits: ConversionLimits | None = None, concurrency: int | None = None
    ) -> None:
        self.programs = programs
        self._limits = limits or ConversionLimits()
        self._slots = Slots(concurrency or os.cpu_count() or 1)

    @classmethod
    def found(cls) -> "OfficeConverter":
        """With the programs on PATH; missing ones are looked for again, since they may be installed later."""
        converter = cls(find_programs())
        converter._looks_again = True
        return converter

    @property
    def is_available(self) -> bool:
        """False when no conversion can succeed; whether the sandbox works shows only when it is tried."""
        if self.programs is None and self._looks_again:
            self.programs = find_programs()
        return self.programs is not None

    async def convert(self, document: Path, checked: Checked, target: Path) -> None:
        """Write the document as PDF to target. Raises Rejected: office_not_available, conversion_failed,
        conversion_too_slow. Never runs LibreOffice outside of the sandbox."""
        if self.programs is None:
            raise Rejected("office_not_available", "LibreOffice and bubblewrap are not both installed")
        command = conversion_command(self.programs, self._limits, KINDS[checked.media_type], document)
        async with self._slots.one():
            said = await self._run(command, target)
        if said.startswith(SANDBOX_SAYS):
            raise Rejected("office_not_available", said.decode(errors="replace")[:DETAIL_CHARACTERS])
        if not await asyncio.to_thread(_begins_as_pdf, target):
            raise Rejected("conversion_failed", said.decode(errors="replace")[:DETAIL_CHARACTERS])

    async def _run(self, command: list[str], target: Path) -> bytes:
        """What the sandbox and the programs around LibreOffice complained about."""
        with target.open("wb") as output:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=asyncio.subprocess.PIPE,
                    env={},
                    cwd="/",
                    start_new_session=True,
                )
            except FileNotFoundError as gone:
                raise Rejected("office_not_available", "bubblewrap is gone") from gone
        try:
            async with asyncio.timeout(self._limits.wall_seconds):
                _, said = await process.communicate()
        except TimeoutError as late:
            raise Rejected("conversion_too_slow") from late
        finally:
            if process.returncode is None:
                process.kill()  # the sandbox and all in it die with it
                await process.wait()
        return said


async def try_conversion(converter: OfficeConverter) -> float:
    """Convert a line of text for real; how many seconds it took. Raises Rejected as `convert` does."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="paraph-trial-") as folder:
        document, target = Path(folder, "trial.rtf"), Path(folder, "trial.pdf")
        await asyncio.to_thread(document.write_bytes, TRIAL)
        await converter.convert(document, Checked(RTF), target)
    return time.monotonic() - started


def _begins_as_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return is_pdf(file.read(HEAD_BYTES))
