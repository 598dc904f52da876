"""Which page of a list a visitor asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paraph.kit.http import Visit

MOST_DIGITS = 6


def page_number(visit: Visit) -> int:
    """Return the page in the address; anything that is no page is the first."""
    text = visit.query.get("page", "")
    known = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return max(1, int(text)) if known else 1
