"""/operator/acts: what operators did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import recent_acts
from paraph.kit.http import Page, page

from .numbers import page_number

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit


@page("/operator/acts", operator=True)
def acts(tx: ReadTx, visit: Visit, _kit: Kit) -> Page:
    """The page, newest first."""
    number = page_number(visit)
    found, has_more = recent_acts(tx, page=number)
    return Page("operating/acts.html", {"acts": found, "number": number, "has_more": has_more})
