"""/settings/api: my apps."""

from __future__ import annotations

from paraph.apps.queries import own_apps
from paraph.kit import Kit
from paraph.kit.db import ReadTx
from paraph.kit.http import Page, Visit, page
from paraph.kit.wire import Page as PageAsked
from paraph.kit.wire import list_info

from .page_number import page_number
from .paths import MY_APPS
from .state import state_of

APPS_PER_PAGE = 25


@page(MY_APPS)
def listing(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The list, newest first; an address with a page that is no number shows the first."""
    asked = PageAsked(page_number(visit), APPS_PER_PAGE)
    apps, total = own_apps(tx, visit.signed_in, asked)
    rows = [(app, state_of(app)) for app in apps]
    return Page("apps/list.html", {"rows": rows, "pages": list_info(asked, total)})
