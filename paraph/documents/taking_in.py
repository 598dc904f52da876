"""One upload of any kind: read by a child, or checked by a child, converted, and read by another."""

import asyncio
import secrets
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from paraph.documents.conversion import Checked, OfficeConverter
from paraph.documents.rejected import Rejected
from paraph.documents.sandbox import Pool
from paraph.documents.shapes import NormalisedDocument
from paraph.documents.sniffing import CONVERTED, HEAD_BYTES, UNKNOWN, sniff

OF_LIBREOFFICE = "removed_openaction"
"""It writes one into every PDF; the sender's document held none."""


async def take_in_any(pool: Pool, office: OfficeConverter, source: Path, target: Path) -> NormalisedDocument:
    """Write the normalised form of source to target; media_type is what the upload was. Raises Rejected."""
    if await asyncio.to_thread(_looks_like, source) not in CONVERTED:
        return await pool.run(NormalisedDocument, "intake", source, target)
    if not office.is_available:
        raise Rejected("office_not_available")
    with ExitStack() as stack:
        clean, converted = (stack.enter_context(_Scratch(target)) for _ in range(2))
        checked = await pool.run(Checked, "check_office", source, clean.path)
        await office.convert(clean.path, checked, converted.path)
        taken = await pool.run(NormalisedDocument, "intake", converted.path, target)
    warnings = dict.fromkeys((*checked.warnings, *taken.warnings))
    warnings.pop(OF_LIBREOFFICE, None)
    return replace(taken, media_type=checked.media_type, warnings=tuple(warnings))


class _Scratch:
    """A path beside the target that is gone when the block ends."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.{secrets.token_hex(4)}")

    def __enter__(self) -> "_Scratch":
        return self

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)


def _looks_like(source: Path) -> str:
    try:
        with source.open("rb") as file:
            return sniff(file.read(HEAD_BYTES))
    except OSError:
        return UNKNOWN  # the child says what is wrong with it
