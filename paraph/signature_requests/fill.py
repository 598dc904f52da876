"""Hold what a signer handed in against their form, and put it into the fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from paraph.fields import Answers, Problem, check_answers
from paraph.kit.errors import ParaphError

from .filled import AdoptedPicture
from .looks import look_of
from .marks import mark_sha256, seal_mark, seal_value
from .models import request_fields

if TYPE_CHECKING:
    from paraph.documents import PlainText, Tick
    from paraph.fields import Value
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .filled import FilledSignature, Ink
    from .form import RequestField
    from .shapes import SignatureRequest
    from .signer_view import SignerView

DATE_PATTERNS = {
    "MM / DD / YYYY": "%m / %d / %Y",
    "MM - DD - YYYY": "%m - %d - %Y",
    "DD / MM / YYYY": "%d / %m / %Y",
    "DD - MM - YYYY": "%d - %m - %Y",
    "YYYY / MM / DD": "%Y / %m / %d",
    "YYYY - MM - DD": "%Y - %m - %d",
}


class AnswersRefused(ParaphError):
    """400: some fields must be mended first. ``problems`` says which and how, in the order of the form."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("Some fields need your attention.", path=problems[0].api_id)
        self.problems = problems


def fill_fields(tx: WriteTx, view: SignerView, filled: FilledSignature, now: int, kit: Kit) -> dict[str, Any]:
    """Store value and look of every field of this signer; returns the facts for the evidence.

    Which fields are shown is decided here, by the rules of the form, whatever the page said (T16). Raises
    AnswersRefused; nothing is stored then.
    """
    answers = check_answers(
        view.form,
        filled.values,
        has_signature=filled.content is not None,
        has_initials=filled.initials is not None,
        left_empty=filled.left_empty,
    )
    if not isinstance(answers, Answers):
        raise AnswersRefused(answers)
    day = signing_day(view.request, now)
    held = []
    for one in view.fields:
        value = _value_of(one, answers, day)
        look = _look_of(one, value, answers, filled)
        if look is None:
            continue
        values = {
            "mark": seal_mark(kit.keyring, look),
            "value": None if value is None else seal_value(kit.keyring, value),
            "picture_key": look.key if isinstance(look, AdoptedPicture) else None,
            "filled_at": now,
        }
        tx.execute(update(request_fields).where(request_fields.c.id == one.id).values(values))
        held.append({"field": one.api_id, "sha256": mark_sha256(look)})
    return {"fields": held, **({"hidden": sorted(answers.hidden)} if answers.hidden else {})}


def signing_day(request: SignatureRequest, now: int) -> str:
    """What a date_signed field says for a signature at ``now``, in the format that the sender chose."""
    return datetime.fromtimestamp(now, UTC).strftime(DATE_PATTERNS[request.date_format])


def _value_of(one: RequestField, answers: Answers, day: str) -> Value | None:
    if one.kind == "date_signed":
        return None if one.api_id in answers.hidden else day
    return answers.values.get(one.api_id)


def _look_of(
    one: RequestField, value: Value | None, answers: Answers, filled: FilledSignature
) -> Ink | PlainText | Tick | None:
    if one.api_id in answers.inked:
        return filled.initials if one.kind == "initials" else filled.content
    return None if value is None else look_of(one.field, value, one.height)
