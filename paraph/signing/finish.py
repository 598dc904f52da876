"""Agree and finish: the one press that signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.fields import hidden_fields, tidy
from paraph.kit.faults import fault_point
from paraph.kit.i18n import gettext as _
from paraph.kit.i18n import translator
from paraph.signature_requests import (
    AnswersRefused,
    FilledSignature,
    attachments_missing,
    lock_for_signer,
    record_signed,
    refusal_of,
)

from .drafts import left_empty
from .keep import forget_draft
from .phone_pad import forget_pad
from .queries import kept_draft
from .refusals import NotYet
from .values import content_of, is_by_phone

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx
    from paraph.signature_requests import SignerView, WholeRequest

    from .drafts import Draft


@dataclass(frozen=True, slots=True)
class Finish:
    """The form: the words of the pressed button, and the fingerprint of what was shown above it."""

    fingerprint: str
    button_text: str
    locale: str
    time_zone: str


def finish(tx: WriteTx, token: str, command: Finish, client: Client, *, kit: Kit) -> WholeRequest:
    """Sign with what was filled in and adopted.

    Raises NotYet when something is missing, when anything was changed since the page was shown (a second window), or
    when the form did not come from the button; else as ``record_signed``.
    """
    view = lock_for_signer(tx, token, kit)
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    draft = kept_draft(tx, view, kit=kit)
    if draft.fingerprint != command.fingerprint:
        raise NotYet("fill", _("Something was changed in another window. Check it again."))
    if attachments_missing(view):
        raise NotYet("attachments", _("Hand in the files that the sender needs first."))
    button = finish_words(command.locale)
    if command.button_text != button:
        raise NotYet("fill", _("Press “%(button)s” to sign.", button=button))
    try:
        whole = record_signed(tx, view, _filled(view, draft, command), client, kit)
    except AnswersRefused as refused:
        raise NotYet("fill", _("Some fields are not filled in yet.")) from refused
    forget_draft(tx, view.signature.id)
    forget_pad(tx, view.signature.id)
    fault_point("sign.recorded")
    return whole


def finish_words(locale: str) -> str:
    """The words of the button that signs, in the language of the page: only these are a signature's."""
    return translator(locale).gettext("Agree and finish")


def _filled(view: SignerView, draft: Draft, command: Finish) -> FilledSignature:
    """Ink that was made but stands nowhere is not handed in."""
    standing = draft.placed - hidden_fields(view.form, tidy(view.form, draft.values))
    used = {one.kind for one in view.form.fields if one.api_id in standing}
    signature = draft.signature if "signature" in used else None
    initials = draft.initials if "initials" in used else None
    return FilledSignature(
        content_of(signature) if signature else None,
        command.button_text,
        command.locale,
        command.time_zone,
        by_phone=frozenset(kind for kind in ("signature", "initials") if is_by_phone(draft.ink(kind))),
        initials=content_of(initials) if initials else None,
        values=draft.values,
        left_empty=left_empty(view.form, draft),
    )
