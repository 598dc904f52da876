"""What a sender asks of a signer before they may read, and of files beside the signature; pure.

Each refusal names the parameter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from paraph.kit.errors import BadRequest
from paraph.kit.wire import Notice

from .lettering import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .wire import AttachmentBody, SignerBody

SHORTEST_PIN, LONGEST_PIN = 4, 12
PHONE_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
"""E.164: a plus, the country, the number; at most 15 digits."""

PhoneUse = Literal["authentication", "delivery"]


@dataclass(frozen=True, slots=True)
class SignerAccess:
    """What one signer must prove, and where else their link goes."""

    pin: str | None = field(default=None, repr=False)
    phone_number: str | None = None
    phone_use: PhoneUse | None = None


@dataclass(frozen=True, slots=True)
class PlannedAttachment:
    """A file that a signer is asked for; ``signer`` is their place in the request, from 0."""

    signer: int
    name: str
    instructions: str | None
    is_required: bool


def plan_access(signer: SignerBody, path: str, *, test_mode: bool) -> SignerAccess:
    """Return what is asked of this signer; raises BadRequest."""
    number = _phone_number(signer.sms_phone_number, f"{path}.sms_phone_number")
    if number is not None and test_mode:
        raise BadRequest(
            f"{path}.sms_phone_number cannot be used in test mode: no text messages are sent there. Leave it out, "
            "or send without test_mode; nothing was sent.",
            path=f"{path}.sms_phone_number",
        )
    use = (signer.sms_phone_number_type or "authentication") if number else None
    return SignerAccess(_pin(signer.pin, f"{path}.pin"), number, use)


def plan_attachments(asked: Sequence[AttachmentBody], signers: int) -> tuple[PlannedAttachment, ...]:
    """Return the files asked for; raises BadRequest for one without a name or of a signer that there is not."""
    planned = []
    for place, one in enumerate(asked):
        if one.signer_index >= signers:
            raise BadRequest(
                f"attachments[{place}].signer_index is {one.signer_index}, but the request has {signers} signers, "
                "counted from 0.",
                path=f"attachments[{place}].signer_index",
            )
        name = " ".join(visible(one.name).split())
        if not name:
            raise BadRequest("Must specify a name for each attachment", path=f"attachments[{place}].name")
        instructions = visible(one.instructions).strip() if one.instructions else ""
        planned.append(PlannedAttachment(one.signer_index, name, instructions or None, one.required))
    return tuple(planned)


def reassign_notices(allow_reassign: bool, access: Sequence[SignerAccess]) -> Iterator[Notice]:
    """Tell which signers cannot pass their signature on although the request allows it."""
    for place, one in enumerate(access):
        if allow_reassign and one.phone_use == "authentication":
            yield Notice(
                f"signers[{place}] proves who they are with a phone, so they cannot reassign their signature.",
                "reassign_unsupported",
            )


def normal_pin(text: str) -> str:
    """The one spelling of an access code that is compared: what a person types is seldom exact about the rest."""
    return unicodedata.normalize("NFC", text).strip()


def _pin(given: str | None, path: str) -> str | None:
    pin = normal_pin(given or "")
    if not pin:
        return None
    if not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
        raise BadRequest(f"{path} must have {SHORTEST_PIN} to {LONGEST_PIN} characters.", path=path)
    if not pin.isprintable():
        raise BadRequest(f"{path} holds a character that nobody can type.", path=path)
    return pin


def _phone_number(given: str | None, path: str) -> str | None:
    number = (given or "").strip()
    if not number:
        return None
    if not (number.isascii() and PHONE_NUMBER.fullmatch(number)):
        raise BadRequest(
            f"{path} must be a phone number in E.164 form: a plus, the country and the number, such as +14155550123.",
            path=path,
        )
    return number
