"""The form of an app: what was typed, what it means, and which field a refusal belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paraph import events
from paraph.apps.addresses import host_of
from paraph.apps.changes import AppChanges
from paraph.apps.scopes import GROUPS, SCOPES
from paraph.kit.errors import BadRequest

if TYPE_CHECKING:
    from paraph.apps.app import App
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit

_FIELDS = {
    "name": "name",
    "domains": "domains",
    "callback_url": "event_callback_url",
    "oauth.callback_url": "oauth_callback_url",
    "oauth.scopes": "scopes",
}
_BETWEEN_DOMAINS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class AppForm:
    """The fields as text."""

    name: str = ""
    oauth_callback_url: str = ""
    event_callback_url: str = ""
    domains: str = ""
    scopes: Sequence[str] = ()
    is_native: bool = False

    def changes(self) -> AppChanges:
        """What the form asks for; raises BadRequest. Without domains, the hosts of the callbacks stand for them."""
        return AppChanges(
            name=self.name,
            domains=self._domains(),
            event_callback_url=self.event_callback_url,
            oauth_callback_url=self.oauth_callback_url,
            scopes=self.scopes,
            is_native=self.is_native,
        )

    def _domains(self) -> list[str]:
        typed = [domain for domain in _BETWEEN_DOMAINS.split(self.domains) if domain]
        hosts = [host_of(url) for url in (self.oauth_callback_url, self.event_callback_url)]
        found = typed or [host for host in hosts if host]
        if not found:
            raise BadRequest("Give at least one domain, or a callback URL, whose host stands for it.", path="domains")
        return found


def typed_form(visit: Visit) -> AppForm:
    """Return the fields of a posted form."""
    return AppForm(
        name=visit.text("name"),
        oauth_callback_url=visit.text("oauth_callback_url"),
        event_callback_url=visit.text("event_callback_url"),
        domains=visit.text("domains"),
        scopes=tuple(visit.texts("scopes")),
        is_native=visit.text("is_native") == "1",
    )


def form_of(tx: ReadTx, app: App) -> AppForm:
    """Return the form as it stands for an app."""
    return AppForm(
        name=app.name,
        oauth_callback_url=app.oauth_callback_url or "",
        event_callback_url=events.callback_url(tx, app_pk=app.pk) or "",
        domains=" ".join(app.domains),
        scopes=app.scopes_in_order,
        is_native=app.is_native,
    )


def form_context(values: AppForm, error: BadRequest | None = None) -> dict[str, Any]:
    """What the template of the form needs; a refusal is put to the field it is about."""
    return {"values": values, "errors": _errors(error), "scope_groups": scope_groups()}


def scope_groups() -> list[tuple[str, str, list[Any]]]:
    """Return (group, who pays, its scopes) for each billing group."""
    return [
        (group, words, [scope for scope in SCOPES.values() if scope.group == group])
        for group, words in GROUPS.items()
    ]


def _errors(error: BadRequest | None) -> dict[str, str]:
    if error is None:
        return {}
    about = (error.path or "").partition("[")[0]
    return {_FIELDS.get(about, ""): error.message}
