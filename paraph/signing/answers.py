"""What each page of the signer is rendered from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from paraph.kit.http import Page
from paraph.kit.i18n import gettext as _
from paraph.kit.i18n import spoken
from paraph.signature_requests import RequestState

from .decline import MAX_REASON
from .disclosure import current_disclosure
from .drawing import Drawing
from .finish import finish_words
from .screens import Screen, closeup, screen_of, signed_pages
from .standings import Notice, notice_for, unknown_link
from .values import FACES, MAX_PICTURE_BYTES, MAX_TEXT, Typed, Uploaded, method_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.signature_requests import SignerView

    from .queries import Kept
    from .refusals import Problem

WEB_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Entered:
    """What the signature form holds when it is shown: what was kept, or what was just entered and refused."""

    method: str
    strokes: str = ""
    text: str = ""
    face: str = "dancing-script"
    picture: str = ""


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


def sign_page(
    view: SignerView, kept: Kept | None, base: str, problems: Sequence[Problem] = (), entered: Entered | None = None
) -> Page:
    """The document with the next thing to do: agree, or sign."""
    own = view.signature
    consent = {"at": own.consented_at, "version": (own.consent or {}).get("disclosure_version", "")}
    context: dict[str, Any] = {
        "screen": screen_of(view, base),
        "base": base,
        "problems": problems,
        "consent": consent if own.consented_at else None,
        "disclosure": current_disclosure(spoken().language.code),
        "finish_words": finish_words(spoken().language.code),
        "methods": view.signing_options.allowed,
        "kept": entered or _entered(view, kept, base),
        "faces": [{"name": name, "title": title} for name, title in FACES.items()],
        "max_text": MAX_TEXT,
        "max_picture_bytes": MAX_PICTURE_BYTES,
        "max_picture_mb": MAX_PICTURE_BYTES >> 20,
        "may_withdraw": True,
    }
    return Page("signing/sign.html", context, status=400 if problems else 200)


def review_page(view: SignerView, kept: Kept, base: str) -> Page:
    """The signature where it will be, and the button that signs."""
    picture = _picture(kept, base)
    context = {
        "screen": screen_of(view, base),
        "base": base,
        "closeup": closeup(kept.adopted, picture),
        "signed_pages": signed_pages(view, kept.adopted, base, picture),
        "fingerprint": kept.fingerprint,
        "finish_words": finish_words(spoken().language.code),
    }
    return Page("signing/review.html", context, form_targets=_origins(view.request.signing_redirect_url))


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
    onward = leads_to(view.request.signing_redirect_url) if view.standing == "signed" else None
    if onward:
        ways.append(Way(_("Go on to %(site)s", site=urlsplit(onward).hostname), onward, is_main=not ways))
    if view.standing == "not_sent" and view.request.state is not RequestState.FAILED:
        ways.append(Way(_("Load the page again"), base))
    return ways


def _entered(view: SignerView, kept: Kept | None, base: str) -> Entered:
    """What was adopted before, else the signer's name and the way that the sender prefers."""
    fresh = Entered(view.signing_options.default, text=view.signature.name[:MAX_TEXT])
    if kept is None:
        return fresh
    adopted, method = kept.adopted, method_of(kept.adopted)
    if isinstance(adopted, Typed):
        return Entered(method, text=adopted.text, face=adopted.face)
    if isinstance(adopted, Drawing):
        return Entered(method, strokes=adopted.as_json(), text=fresh.text)
    return Entered(method, text=fresh.text, picture=_picture(kept, base))


def _picture(kept: Kept, base: str) -> str:
    is_picture = isinstance(kept.adopted, Uploaded)
    return f"{base}/signature.png?v={kept.fingerprint[:12]}" if is_picture else ""


def _origins(url: str | None) -> tuple[str, ...]:
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
