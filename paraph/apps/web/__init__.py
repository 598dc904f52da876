"""Pages: my apps, one app, its deliveries; the operator's page."""

from .deleting import confirm_delete, delete
from .deliveries import deliveries, replay, send_test_event, switch_on
from .details import details, end_old, request, rotate, switch_protocol
from .editing import create, edit, new, save
from .listing import listing
from .logo import logo, set_logo
from .operator import decide, operator

__all__ = [
    "confirm_delete",
    "create",
    "decide",
    "delete",
    "deliveries",
    "details",
    "edit",
    "end_old",
    "listing",
    "logo",
    "new",
    "operator",
    "replay",
    "request",
    "rotate",
    "save",
    "send_test_event",
    "set_logo",
    "switch_on",
    "switch_protocol",
]
