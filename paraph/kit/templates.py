"""HTML and mail templates: each room's ``pages/`` folder under the room's name; everything is escaped."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context, select_autoescape
from markupsafe import Markup, escape

from .i18n import is_speaking, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2.runtime import Context

PACKAGE = Path(__file__).resolve().parents[1]
VERSION_CHARACTERS = 10


@lru_cache
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
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(gettext=_gettext, ngettext=_ngettext, pgettext=_pgettext)
    environment.filters["moment"] = moment
    environment.filters["lines"] = lines
    environment.globals["static"] = static
    environment.globals["spoken_language"] = lambda: spoken().language
    return environment


# who speaks is looked up at each call, so one environment serves every language
@pass_context
def _gettext(context: Context, message: str, **values: Any) -> str:
    return _filled(context, spoken().messages.gettext(message), values)


@pass_context
def _ngettext(context: Context, one: str, many: str, number: int, **values: Any) -> str:
    return _filled(context, spoken().messages.ngettext(one, many, number), {"num": number} | values)


@pass_context
def _pgettext(context: Context, about: str, message: str, **values: Any) -> str:
    return _filled(context, spoken().messages.pgettext(about, message), values)


def _filled(context: Context, message: str, values: Mapping[str, Any]) -> str:
    """The message with its values, which are escaped where the template escapes."""
    words = Markup(message) if context.eval_ctx.autoescape else message  # noqa: S704 - our own catalogues
    return words % spoken().isolated(values)


@lru_cache
def static(path: str) -> str:
    """The address of ``<room>/<file>`` below that room's ``static/``, with its version, so that no cache is stale.

    Raises FileNotFoundError for a file that is not there, so that a wrong name fails in the first test.
    """
    room, _, name = path.partition("/")
    content = (PACKAGE / room / "static" / name).read_bytes()
    return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:VERSION_CHARACTERS]}"


def lines(text: str) -> Markup:
    """Escaped text whose line breaks are kept."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def moment(seconds: int | None) -> str:
    """A point in time for people, in the language spoken now: ``23 Nov 2026, 14:05 UTC``; a dash for none."""
    if seconds is None:
        return "–"
    if is_speaking():
        return spoken().moment(seconds)
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y, %H:%M UTC")


def render(environment: Environment, template: str, context: Mapping[str, Any]) -> str:
    """Return the rendered text of ``<room>/<file>``; ``language`` is what it is written in."""
    return environment.get_template(template).render({"language": spoken().language, **context})
