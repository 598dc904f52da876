"""Numbers in addresses: anything that is none leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import NotFound

if TYPE_CHECKING:
    from paraph.kit.http import Visit

MOST_DIGITS = 6
KEY_DIGITS = 18


def page_number(visit: Visit) -> int:
    """Return the page that the address asks for; anything that is no page is the first."""
    found = _number(visit.query.get("page", ""), MOST_DIGITS)
    return max(1, found or 1)


def key_in(visit: Visit, name: str) -> int:
    """Return the number in the path; raises NotFound."""
    found = _number(visit.path[name], KEY_DIGITS)
    if found is None:
        raise NotFound("There is no page at this address.")
    return found


def _number(text: str, digits: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None
