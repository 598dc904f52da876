"""The one place where signing pages are shut until the signer has proved who they are.

Every page and form of a signing link is declared with ``signer_page`` or ``signer_form``; what is not (the door
itself, reporting a sender) shows nothing of the request.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from paraph.kit.errors import NotFound
from paraph.kit.http import FileReply, Raw, form, page
from paraph.kit.sms import provider_of
from paraph.signature_requests import load_for_signer, next_door
from paraph.signing import answers
from paraph.signing.doors import PROOF_SECONDS, door_page, passed_in
from paraph.signing.enter import BEFORE_THE_DOOR
from paraph.signing.standings import notice_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Page, Visit
    from paraph.kit.http.endpoints import WebEndpoint
    from paraph.signature_requests import Door, SignerView

COOKIE: Final = "paraph_door"
FORBIDDEN: Final = 403


def signer_page(path: str = "") -> Callable[[Callable[..., Any]], WebEndpoint]:
    """Declare a page below a signing link, as ``page`` does; it is shown to who has passed the door."""
    return lambda function: page(f"/sign/{{token}}{path}", signed_in=False, translated=True)(_guarded(function))


def signer_form(path: str) -> Callable[[Callable[..., Any]], WebEndpoint]:
    """Declare a form below a signing link, as ``form`` does; it is taken from who has passed the door.

    The address is a secret, and the door's cookie gives no right without it: no token against forgery is needed.
    """
    declare = form(f"/sign/{{token}}{path}", signed_in=False, csrf=False, translated=True)
    return lambda function: declare(_guarded(function))


def shut(tx: ReadTx, visit: Visit, kit: Kit) -> Page | None:
    """Return the page that asks for what is missing; None for who may go on, and for links that lead nowhere."""
    try:
        view = load_for_signer(tx, visit.path["token"], kit)
    except NotFound:
        return None  # the page itself says so
    door = next_door(tx, view, passed_in(proof_in(visit), view, kit), kit)
    if door is None:
        return None
    base = f"/sign/{visit.path['token']}"
    is_front = visit.method == "GET" and visit.url.partition("?")[0] == base
    if view.standing not in BEFORE_THE_DOOR:
        return answers.notice_page(notice_for(view), status=200 if is_front else FORBIDDEN)
    return asking(view, door, base, kit, status=200 if is_front else FORBIDDEN)


def asking(view: SignerView, door: Door, base: str, kit: Kit, **more: Any) -> Page:
    """The door's page."""
    return door_page(view, door, base, can_text=provider_of(kit.settings) is not None, **more)


def proof_in(visit: Visit) -> str:
    """The proof that the browser carries; empty when it has none."""
    return visit.cookies.get(COOKIE, "")


def keeping(proof: str, base: str, kit: Kit) -> dict[str, str]:
    """The header that gives the browser its proof: for this link alone, and out of reach of scripts."""
    secure = "; Secure" if kit.settings.public_url.startswith("https") else ""
    # Lax, not Strict: the link is opened from a mail
    cookie = f"{COOKIE}={proof}; Path={base}; Max-Age={PROOF_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    return {"Set-Cookie": cookie}


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def prepared(visit: Visit, kit: Kit) -> Any:
            closed = await kit.db.read(lambda tx: shut(tx, visit, kit))
            return closed if closed is not None else _not_left_behind(await function(visit, kit), visit)

        return prepared

    @functools.wraps(function)
    def read(tx: ReadTx, visit: Visit, kit: Kit) -> Any:
        closed = shut(tx, visit, kit)
        return closed if closed is not None else _not_left_behind(function(tx, visit, kit), visit)

    return read


def _not_left_behind(answer: Any, visit: Visit) -> Any:
    """What is behind a door does not stay in the browser for whoever uses it next, when the proof is long over."""
    if isinstance(answer, Raw | FileReply) and proof_in(visit):
        return replace(answer, headers={**answer.headers, "Cache-Control": "no-store"})
    return answer
