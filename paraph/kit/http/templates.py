"""HTML and mail templates: each room's ``pages/`` folder under the room's name; everything is escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, select_autoescape

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE = Path(__file__).resolve().parents[2]


def template_environment(package: Path = PACKAGE) -> Environment:
    """Return the environment in which ``accounts/login.html`` is ``paraph/accounts/pages/login.html``."""
    rooms = {folder.parent.name: FileSystemLoader(folder) for folder in package.glob("*/pages")}
    environment = Environment(
        loader=PrefixLoader(rooms),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["moment"] = moment
    return environment


def moment(seconds: int | None) -> str:
    """A point in time for people: ``23 Nov 2026, 14:05 UTC``; a dash for none."""
    if seconds is None:
        return "–"
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y, %H:%M UTC")


def render(environment: Environment, template: str, context: Mapping[str, Any]) -> str:
    """Return the rendered text of ``<room>/<file>``."""
    return environment.get_template(template).render(**context)
