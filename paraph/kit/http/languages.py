"""Which language a visit of a translated page speaks, and how the visitor chooses another.

The form that was sent wins, because its words are what was agreed to; then the picker (``?locale=``); then what was
picked before for this link; then what the browser asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from paraph.kit.i18n import LANGUAGES, Language, find_language, negotiate, speak, spoken

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from paraph.kit.wire.body import Body

FIELD = "locale"
LANGUAGE_COOKIE = "paraph_language"
LANGUAGE_SECONDS = 180 * 86_400
SCOPE_PARTS = 2
"""A choice is kept for ``/sign/<token>`` and what is below it: two parts of the path."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A language in the picker, and the address of this page in it."""

    language: Language
    href: str
    is_current: bool


def wanted_language(request: Request) -> Language:
    """Return what to speak until a form says otherwise."""
    kept = find_language(request.cookies.get(LANGUAGE_COOKIE, ""))
    return newly_chosen(request) or kept or negotiate(request.headers.get("accept-language", ""))


def newly_chosen(request: Request) -> Language | None:
    """Return the language that the address itself asks for, if it is one of ours."""
    return find_language(request.query_params.get(FIELD, ""))


def keep_choice(request: Request, response: Response, *, secure: bool) -> None:
    """Remember what the visitor picked on this page, for the link it was picked on."""
    chosen, path = newly_chosen(request), scope_of(request)
    if chosen is not None:
        response.set_cookie(
            LANGUAGE_COOKIE, chosen.code, LANGUAGE_SECONDS, path=path, httponly=True, samesite="lax", secure=secure
        )


def speak_as_the_form(body: Body) -> None:
    """Go on in the language of the page that the form was on."""
    code = body.tree.get(FIELD)
    language = find_language(code) if isinstance(code, str) else None
    if language is not None:
        speak(language)


def scope_of(request: Request) -> str:
    """The path that a choice holds for."""
    return "/".join(request.url.path.split("/")[: SCOPE_PARTS + 1])


def choices(request: Request) -> tuple[Choice, ...]:
    """The picker of this page. A page that answers a form has no address of its own: its links lead to the first.

    The links of a page with an address are relative: all wrong signing links get the same page, byte for byte (T3).
    """
    is_address = request.method == "GET"
    path = "" if is_address else scope_of(request)
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != FIELD] if is_address else []
    current = spoken().language
    return tuple(
        Choice(language, f"{path}?{urlencode([*kept, (FIELD, code)])}", language is current)
        for code, language in LANGUAGES.items()
    )
