"""Pass a signature on to somebody else, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unicodedata import category

from paraph.kit.errors import BadRequest
from paraph.kit.i18n import gettext as _
from paraph.kit.wire import Email, Request, decode
from paraph.signature_requests import Successor, lock_for_signer, record_reassigned

from .decline import MAX_REASON, UNPRINTABLE
from .keep import forget_draft
from .phone_pad import forget_pad
from .refusals import NotYet, Problem

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

MAX_NAME: Final = 255


class _Address(Request):
    """What the API takes for an address, this page does too."""

    email_address: Email


@dataclass(frozen=True, slots=True)
class PassOn:
    """The form, as it was typed."""

    name: str = ""
    email_address: str = ""
    reason: str = ""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What to mend, in the order of the form."""
        found = []
        if not 0 < len(self.name) <= MAX_NAME:
            found.append(Problem("name", _("Enter the name of the person who signs instead.")))
        if not _is_address(self.email_address):
            found.append(Problem("email", _("Enter an e-mail address, such as name@example.com.")))
        if not 0 < len(self.reason) <= MAX_REASON:
            sentence = _("Say why you pass it on, in at most %(limit)s characters.", limit=MAX_REASON)
            found.append(Problem("reason", sentence))
        return tuple(found)


def read_pass_on(name: str, email_address: str, reason: str) -> PassOn:
    """Return the form, tidied."""
    return PassOn(" ".join(_printable(name).split()), email_address.strip(), _printable(reason).strip())


def pass_on(tx: WriteTx, token: str, form: PassOn, client: Client, *, kit: Kit) -> None:
    """Hand over; the form has no problems left. Raises NotYet for what it lacks, else as ``record_reassigned``."""
    if form.problems:
        raise NotYet(form.problems[0].field, form.problems[0].message)
    view = lock_for_signer(tx, token, kit)
    record_reassigned(tx, view, Successor(form.name, form.email_address, form.reason), client, kit)
    forget_draft(tx, view.signature.id)
    forget_pad(tx, view.signature.id)


def _is_address(text: str) -> bool:
    try:
        decode({"email_address": text}, _Address)
    except BadRequest:
        return False
    return True


def _printable(text: str) -> str:
    return "".join(one for one in text if one == "\n" or category(one) not in UNPRINTABLE)
