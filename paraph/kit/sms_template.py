"""What is posted to a gateway: JSON or a form, written by the operator with ``{to}`` and ``{text}`` in it. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

PLACEHOLDERS = ("{to}", "{text}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+:[\x20-\x7e]+")


class BadTemplate(ValueError):
    """The template cannot be filled; the message says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """A body with blanks: ``shape`` is the JSON document, or None for a form."""

    source: str
    shape: Any = None

    @property
    def media_type(self) -> str:
        """The Content-Type of what ``fill`` returns."""
        return "application/x-www-form-urlencoded" if self.shape is None else "application/json"

    def fill(self, to: str, text: str) -> bytes:
        """Return the body; whatever is in ``text``, it stays one value of the template."""
        if self.shape is None:
            return _replaced(self.source, quote_plus(to), quote_plus(text)).encode()
        return json.dumps(_filled(self.shape, to, text)).encode()


def read_template(source: str) -> Template:
    """Return the template of this text; raises BadTemplate."""
    if any(blank not in source for blank in PLACEHOLDERS):
        raise BadTemplate("must hold {to} and {text}")
    if not source.lstrip().startswith('{"'):
        return Template(source)
    try:
        return Template(source, json.loads(source))
    except ValueError as error:
        raise BadTemplate("begins like JSON but is none") from error


def _filled(shape: Any, to: str, text: str) -> Any:
    if isinstance(shape, dict):
        return {key: _filled(value, to, text) for key, value in shape.items()}
    if isinstance(shape, list):
        return [_filled(value, to, text) for value in shape]
    return _replaced(shape, to, text) if isinstance(shape, str) else shape


def _replaced(source: str, to: str, text: str) -> str:
    # the text last: what a person wrote into it is never taken for a blank
    before, blank, after = source.partition("{text}")
    return before.replace("{to}", to) + (text + after.replace("{to}", to) if blank else "")


def gateway_problem(url: str, body: str, header: str, *, http: bool) -> str | None:
    """What is wrong with these settings, in a sentence; None when nothing is. ``http``: this is a local server."""
    if not url:
        return "PARAPH_SMS_HEADER needs PARAPH_SMS_URL." if header else None
    try:
        parts = urlsplit(url)
        plain = parts.scheme in (("http", "https") if http else ("https",)) and bool(parts.hostname)
        plain = plain and parts.username is None and parts.port != 0
    except ValueError:
        plain = False
    if not plain:
        return "PARAPH_SMS_URL must be a plain https address; credentials go into PARAPH_SMS_HEADER."
    if header and not _HEADER.fullmatch(header):
        return "PARAPH_SMS_HEADER must be one header: its name, a colon and its value."
    try:
        read_template(body)
    except BadTemplate as error:
        return f"PARAPH_SMS_BODY {error}."
    return None
