"""A QR code as the path of an SVG picture: black on white by day and by night, or cameras do not read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import segno

QUIET_MODULES: Final = 4
"""The white rim that the standard asks for."""


@dataclass(frozen=True, slots=True)
class QrPicture:
    """``side`` in modules, the rim included; ``path`` draws the dark ones."""

    side: int
    path: str


def qr_picture(text: str) -> QrPicture:
    """Return the code of this text, readable with a seventh of it hidden or blurred."""
    rows = segno.make_qr(text, error="m").matrix
    runs = [
        f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    ]
    return QrPicture(len(rows) + 2 * QUIET_MODULES, "".join(runs))
