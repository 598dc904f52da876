"""What the page to fill in and the page to check are rendered from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from paraph.fields import Matcher, targets_of, tidy
from paraph.kit.http import Page
from paraph.kit.i18n import gettext as _
from paraph.kit.i18n import spoken

from .answers import Way, notice_page, origins
from .disclosure import current_disclosure
from .entries import entries_of, progress
from .finish import finish_words
from .inks import ink_of
from .makers import makers_of, picture_address
from .page_words import said_on
from .screens import document_name, overlay_of, screen_of
from .standings import Notice
from .values import FACES, MAX_PICTURE_BYTES, MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paraph.documents import PageText
    from paraph.fields import Form
    from paraph.signature_requests import RequestDocument, SignerView

    from .drafts import Draft, InkKind
    from .inks import Ink
    from .makers import Maker
    from .refusals import Problem
    from .screens import PageOnScreen

MOST_EXACT_INKS: Final = 30
"""Drawn anew for each box on the page to check; beyond, one drawing is shown in all of them."""
MOST_PARTS: Final = 900
"""Controls that one form with a picture may have: the server reads a few more parts."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the signer looks at the form: ``is_list`` all at once, else one thing at a time on the page."""

    is_list: bool
    may_switch: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown beside the draft itself: problems to mend, makers as they were just used, how to look at it."""

    problems: Sequence[Problem] = ()
    makers: Mapping[str, Maker] | None = None
    asked_for_list: bool | None = None


def sign_page(view: SignerView, draft: Draft, base: str, now: int, shown: Shown | None = None) -> Page:
    """The document with the next thing to do: agree, or fill in and sign."""
    own, told = view.signature, shown or Shown()
    consent = {"at": own.consented_at, "version": (own.consent or {}).get("disclosure_version", "")}
    context: dict[str, Any] = {
        "screen": screen_of(view, base, overlay_of(view, draft, base, now)),
        "base": base,
        "problems": told.problems,
        "consent": consent if own.consented_at else None,
        "disclosure": current_disclosure(spoken().language.code),
        "finish_words": finish_words(spoken().language.code),
        "makers": told.makers or makers_of(view, draft, base),
        "faces": [{"name": name, "title": title} for name, title in FACES.items()],
        "max_text": MAX_TEXT,
        "max_picture_bytes": MAX_PICTURE_BYTES,
        "max_picture_mb": MAX_PICTURE_BYTES >> 20,
        "may_withdraw": True,
    }
    if own.consented_at:
        context |= _filling(view, draft, told)
    return Page("signing/sign.html", context, status=400 if told.problems else 200)


def review_page(view: SignerView, draft: Draft, base: str, now: int) -> Page:
    """Everything where it will be, and the button that signs."""
    screen = screen_of(view, base, overlay_of(view, draft, base, now))
    entries = [entry for entry in entries_of(view, draft) if not entry.is_hidden]
    context = {
        "screen": screen,
        "base": base,
        "pages": [page for page in screen.pages if any(not spot.is_hidden for spot in page.spots)],
        "entries": [entry for entry in entries if not entry.is_ink],
        "makers": makers_of(view, draft, base),
        "exact": _exact_inks(view, draft, base, screen.pages),
        "fingerprint": draft.fingerprint,
        "finish_words": finish_words(spoken().language.code),
        "signs": draft.signature is not None and bool(draft.placed),
    }
    return Page("signing/review.html", context, form_targets=origins(view.request.signing_redirect_url))


def saved_page(view: SignerView, base: str) -> Page:
    """What was begun is kept; how to go on."""
    notice = Notice(
        _("Saved"),
        "done",
        _("You can go on later"),
        (
            _("What you have filled in is kept on this server. Nothing is signed yet."),
            _("To go on, open the link in your mail, on this or another device."),
        ),
    )
    return notice_page(notice, screen_of(view, base), base, [Way(_("Go on now"), base, is_main=True)])


def text_page(
    view: SignerView, draft: Draft, document: RequestDocument, number: int, words: PageText, base: str
) -> Page:
    """What a page of a document says, with its fields."""
    context = {
        "screen": None,
        "base": base,
        "document": document_name(document),
        "number": number,
        "total": document.page_count,
        "said": said_on(view, draft, document, number, words),
        "is_cut": words.is_cut,
    }
    return Page("signing/page_text.html", context)


def look_of(view: SignerView, asked_for_list: bool | None) -> Look:
    """How the form is shown, by the sender's ``signer_experience.form_view`` and what the signer asked for."""
    wish = (view.request.signer_experience or {}).get("form_view", "enabled")
    if wish == "forced":
        return Look(is_list=True, may_switch=False)
    by_default = wish == "enabled_by_default"
    return Look(by_default if asked_for_list is None else asked_for_list, wish != "disabled")


def rules_of(form: Form, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules for the page's script: trigger, operator, values, and what becomes of which field.

    Regular expressions are the server's business, for only its engine gives up in time: the script is told whether
    one ``holds`` now, and whether it does for an empty field.
    """
    numbers = {one.api_id: number for number, one in enumerate(form.fields)}
    held, matcher = holding(form, values), Matcher()
    found = []
    for place, rule in enumerate(form.rules):
        trigger, targets = rule.trigger, targets_of(form, rule)
        told: dict[str, Any] = {
            "trigger": numbers[trigger.field_id],
            "operator": trigger.operator,
            "targets": [[numbers[one], hidden] for one, hidden in targets.items() if one in numbers],
        }
        if trigger.operator == "match":
            told |= {"holds": held[place], "empty": matcher.matches(trigger.values[0], "")}
        else:
            told["values"] = trigger.values
        found.append(told)
    return found


def holding(form: Form, values: Mapping[str, Any]) -> dict[int, bool]:
    """For each rule with a regular expression, by its place: whether what was typed matches."""
    typed = tidy(form, values)
    matcher = Matcher()  # one for all: hostile patterns together cost no more than half a second
    return {
        place: matcher.matches(rule.trigger.values[0], str(typed.get(rule.trigger.field_id) or ""))
        for place, rule in enumerate(form.rules)
        if rule.trigger.operator == "match"
    }


def _filling(view: SignerView, draft: Draft, told: Shown) -> dict[str, Any]:
    entries = entries_of(view, draft)
    done, total = progress(entries)
    rules = rules_of(view.form, draft.values)
    refused = {problem.field for problem in told.problems}
    return {
        "entries": [entry if entry.id in refused else replace(entry, problem="") for entry in entries],
        "rules": msgspec.json.encode(rules).decode() if rules else "",
        "done": done,
        "total": total,
        "look": look_of(view, told.asked_for_list),
        "takes_pictures": len(entries) <= MOST_PARTS,
    }


def _exact_inks(view: SignerView, draft: Draft, base: str, pages: Sequence[PageOnScreen]) -> dict[int, Ink]:
    inked = [spot for page in pages for spot in page.spots if spot.kind == "ink" and spot.is_set]
    if len(inked) > MOST_EXACT_INKS:
        return {}
    found = {}
    for spot in inked:
        kind: InkKind = "initials" if spot.ink == "initials" else "signature"
        adopted = draft.ink(kind)
        found[spot.number] = ink_of(adopted, spot.width, spot.height, picture_address(kind, adopted, base))
    return found
