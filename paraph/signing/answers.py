"""What the pages beside the signing itself are rendered from: questions, the statement, how things stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from paraph.kit.http import Page
from paraph.kit.i18n import gettext as _
from paraph.kit.i18n import spoken
from paraph.signature_requests import RequestState

from .decline import MAX_REASON
from .disclosure import current_disclosure
from .screens import Screen, screen_of
from .standings import Notice, notice_for, unknown_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.signature_requests import SignerView

    from .refusals import Problem

WEB_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Way:
    """A button that leads on; ``is_main`` for the one that most people want."""

    words: str
    href: str
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A page that asks for a reason."""

    heading: str
    explanation: str
    label: str
    button: str
    is_final: bool
    longest: int = MAX_REASON


def reason_page(
    view: SignerView, base: str, question: Question, problems: Sequence[Problem] = (), reason: str = ""
) -> Page:
    """A question with room for an answer."""
    context = {
        "screen": screen_of(view, base),
        "base": base,
        "question": question,
        "problems": problems,
        "reason": reason,
    }
    return Page("signing/reason.html", context, status=400 if problems else 200)


def decline_question(view: SignerView) -> Question:
    """Asked before declining."""
    sender = view.sender_name or view.sender_address
    return Question(
        _("Decline to sign"),
        _(
            "%(sender)s is told that you declined, with your reason. The request then ends for everybody. "
            "This cannot be undone.",
            sender=sender,
        ),
        _("Why do you decline?"),
        _("Decline to sign"),
        is_final=True,
    )


def report_question() -> Question:
    """Asked before a sender is reported."""
    return Question(
        _("Report this sender"),
        _(
            "Did you not expect this document, or does it look like fraud? The people who run this server read your "
            "report and see who sent the document. The sender does not see it."
        ),
        _("What is wrong?"),
        _("Send the report"),
        is_final=False,
    )


def standing_page(view: SignerView, base: str) -> Page:
    """How things stand, for a signer who has nothing to sign now."""
    return notice_page(notice_for(view), screen_of(view, base), base, _ways_on(view, base))


def notice_page(
    notice: Notice, screen: Screen | None = None, base: str = "", ways: Sequence[Way] = (), status: int = 200
) -> Page:
    """A page that only says something."""
    context = {"standing": notice, "screen": screen, "base": base, "ways": ways}
    return Page("signing/standing.html", context, status=status)


def unknown_link_page() -> Page:
    """The same for every address that is not a signing link (T3)."""
    return notice_page(unknown_link(), status=404)


def statement_page(base: str) -> Page:
    """The whole disclosure."""
    return Page(
        "signing/statement.html",
        {"disclosure": current_disclosure(spoken().language.code), "base": base, "screen": None},
    )


def way_back(base: str) -> Way:
    """Back to the document."""
    return Way(_("Go back to the document"), base)


def leads_to(url: str | None) -> str | None:
    """The sender's address to go on to, if it is one that a browser should be sent to."""
    return url if url and urlsplit(url).scheme in WEB_SCHEMES else None


def _ways_on(view: SignerView, base: str) -> list[Way]:
    ways = []
    if view.standing == "signed" and view.file_is_ready:
        ways.append(Way(_("Download the document (PDF)"), f"{base}/final.pdf", is_main=True))
        ways.append(Way(_("Download the evidence (zip)"), f"{base}/evidence.zip"))
    onward = leads_to(view.request.signing_redirect_url) if view.standing == "signed" else None
    if onward:
        ways.append(Way(_("Go on to %(site)s", site=urlsplit(onward).hostname), onward, is_main=not ways))
    if view.standing == "not_sent" and view.request.state is not RequestState.FAILED:
        ways.append(Way(_("Load the page again"), base))
    return ways


def origins(url: str | None) -> tuple[str, ...]:
    """The origin that the finishing form may be redirected to, as a source of the content security policy."""
    onward = leads_to(url)
    if onward is None:
        return ()
    parts = urlsplit(onward)
    try:
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (UnicodeError, ValueError):
        return ()
    name = f"[{host}]" if ":" in host else host
    return (f"{parts.scheme}://{name}{f':{port}' if port else ''}",)
