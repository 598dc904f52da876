"""What may be sent, clause by clause; pure. Each refusal names the parameter."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from paraph.kit.errors import BadRequest
from paraph.kit.wire import Notice

from .access_plan import PlannedAttachment, SignerAccess, plan_access, plan_attachments, reassign_notices
from .form_order import FormOrder, order_form
from .lettering import visible
from .lifecycle import normalised_turns
from .shapes import SigningOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .wire import SendBody, SigningOptionsBody

DAY_SECONDS = 86_400
HOUR_SECONDS = 3600
EARLIEST_EXPIRY_DAYS = 1
LATEST_EXPIRY_DAYS = 90
METADATA_KEYS = 10
METADATA_NESTED_KEYS = 50
METADATA_KEY_CHARACTERS = 40
METADATA_VALUE_CHARACTERS = 1000
DEFAULT_DATE_FORMAT = "MM / DD / YYYY"

NOT_OFFERED = (
    "grouped_signers",
    "is_eid",
    "is_qualified_signature",
)


@dataclass(frozen=True, slots=True)
class PlannedSigner:
    """Who signs, and in which turn (from 0)."""

    name: str
    email_address: str
    turn: int
    access: SignerAccess


@dataclass(frozen=True, slots=True)
class SendPlan:
    """A checked request, without its files. Texts are as they will be kept."""

    title: str | None
    subject: str | None
    message: str | None
    metadata: Mapping[str, Any]
    signers: tuple[PlannedSigner, ...]
    is_ordered: bool
    cc_email_addresses: tuple[str, ...]
    signing_options: SigningOptions
    date_format: str
    signing_redirect_url: str | None
    signer_experience: Mapping[str, Any] | None
    expires_at: int | None
    test_mode: bool
    allow_decline: bool
    allow_reassign: bool
    attachments: tuple[PlannedAttachment, ...]
    client_id: str | None
    file_urls: tuple[str, ...]
    form: FormOrder
    notices: tuple[Notice, ...]


def check_send(body: SendBody, now: int) -> SendPlan:
    """Return the plan of this body; raises BadRequest for the first clause it breaks."""
    _check_offered(body)
    _check_files(body)
    _check_metadata(body.metadata)
    turns, is_ordered = normalised_turns([signer.order for signer in body.signers])
    signers = _signers(body, turns)
    form, notices = order_form(body, signers, len(body.files) or len(body.file_urls))
    return SendPlan(
        title=_line(body.title),
        subject=_line(body.subject),
        message=body.message,
        metadata=body.metadata,
        signers=signers,
        is_ordered=is_ordered,
        cc_email_addresses=tuple(dict.fromkeys(body.cc_email_addresses)),
        signing_options=_signing_options(body.signing_options),
        date_format=body.field_options.date_format if body.field_options else DEFAULT_DATE_FORMAT,
        signing_redirect_url=_redirect(body.signing_redirect_url),
        signer_experience=_experience(body),
        expires_at=_expiry(body.expires_at, now),
        test_mode=body.test_mode,
        allow_decline=body.allow_decline,
        allow_reassign=body.allow_reassign,
        attachments=plan_attachments(body.attachments, len(signers)),
        client_id=body.client_id,
        file_urls=tuple(body.file_urls),
        form=form,
        notices=(*notices, *reassign_notices(body.allow_reassign, [signer.access for signer in signers])),
    )


def asks_for_something(value: Any) -> bool:
    """False for what SDKs send when nobody set the parameter: null, false, zero, empty text, lists and maps."""
    if isinstance(value, str):
        word = value.strip()
        if word[:1] in ("[", "{"):
            try:
                return asks_for_something(json.loads(word))
            except ValueError:
                return True
        return word.lower() not in ("", "0", "false", "null")
    if isinstance(value, list):
        return any(asks_for_something(entry) for entry in value)
    return bool(value)


def _check_offered(body: SendBody) -> None:
    for name in NOT_OFFERED:
        if asks_for_something(getattr(body, name)):
            raise _not_offered(name)
    options = body.signing_options
    if options is not None and asks_for_something(options.force_advanced_signature_details):
        raise _not_offered("signing_options.force_advanced_signature_details")


def _not_offered(path: str) -> BadRequest:
    return BadRequest(f"{path} is not supported by this server yet. Leave it out; nothing was sent.", path=path)


def _check_files(body: SendBody) -> None:
    if not body.files and not body.file_urls:
        raise BadRequest("Must specify file(s) to be sent.", path="files")
    if body.files and body.file_urls:
        raise BadRequest("Give files or file_urls, not both.", path="file_urls")


def _signers(body: SendBody, turns: Sequence[int]) -> tuple[PlannedSigner, ...]:
    if not body.signers:
        raise BadRequest("No signers given", path="signers")
    planned: list[PlannedSigner] = []
    for place, (signer, turn) in enumerate(zip(body.signers, turns, strict=True)):
        name = _line(signer.name)
        if name is None:
            raise BadRequest("Must specify a name for each signer", path=f"signers[{place}].name")
        if any(_same_person(signer.email_address, name, other) for other in planned):
            raise BadRequest(
                f"{signer.email_address} is listed twice under the same name.",
                path=f"signers[{place}].email_address",
            )
        access = plan_access(signer, f"signers[{place}]", test_mode=body.test_mode)
        planned.append(PlannedSigner(name, signer.email_address, turn, access))
    return tuple(planned)


def _same_person(email_address: str, name: str, other: PlannedSigner) -> bool:
    return email_address.casefold() == other.email_address.casefold() and name.casefold() == other.name.casefold()


def _check_metadata(metadata: Mapping[str, Any]) -> None:
    if len(metadata) > METADATA_KEYS:
        raise BadRequest(f"metadata may have at most {METADATA_KEYS} keys, not {len(metadata)}.", path="metadata")
    if _check_members(metadata, "metadata") > METADATA_NESTED_KEYS:
        raise BadRequest(f"metadata may have at most {METADATA_NESTED_KEYS} keys in all.", path="metadata")


def _check_members(value: Any, path: str) -> int:
    """Check keys and values all the way down; returns how many keys there are."""
    if isinstance(value, dict):
        for key in value:
            if len(key) > METADATA_KEY_CHARACTERS:
                raise BadRequest(
                    f"metadata keys may be at most {METADATA_KEY_CHARACTERS} characters long.", path=path
                )
        return len(value) + sum(_check_members(member, f"{path}.{key}") for key, member in value.items())
    if isinstance(value, list):
        return sum(_check_members(member, f"{path}[{place}]") for place, member in enumerate(value))
    if len(str(value)) > METADATA_VALUE_CHARACTERS:
        raise BadRequest(f"metadata values may be at most {METADATA_VALUE_CHARACTERS} characters long.", path=path)
    return 0


def _signing_options(body: SigningOptionsBody | None) -> SigningOptions:
    if body is None:
        return SigningOptions(draw=True, type=True, upload=True, default="draw")
    if not getattr(body, body.default_type):
        raise BadRequest(
            f"signing_options.default_type is {body.default_type}, which is not among the enabled types.",
            path="signing_options.default_type",
        )
    return SigningOptions(
        draw=body.draw, type=body.type, upload=body.upload, default=body.default_type, phone=body.phone
    )


def _redirect(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        _ = parts.port  # parsing it may raise
    except ValueError:
        plain = False
    if not plain or any(character.isspace() or not character.isprintable() for character in url):
        raise BadRequest("signing_redirect_url must be a full http or https address.", path="signing_redirect_url")
    return url


def _experience(body: SendBody) -> Mapping[str, Any] | None:
    form_view = body.signer_experience.form_view if body.signer_experience else None
    return {"form_view": form_view} if form_view else None


def _expiry(expires_at: int | None, now: int) -> int | None:
    if expires_at is None:
        return None
    earliest, latest = now + EARLIEST_EXPIRY_DAYS * DAY_SECONDS, now + LATEST_EXPIRY_DAYS * DAY_SECONDS
    if not earliest <= expires_at <= latest:
        raise BadRequest(
            f"expires_at must lie {EARLIEST_EXPIRY_DAYS} to {LATEST_EXPIRY_DAYS} days ahead.", path="expires_at"
        )
    return expires_at - expires_at % HOUR_SECONDS


def _line(text: str | None) -> str | None:
    """Text of one line that shows what it holds; None when nothing is left."""
    return " ".join(visible(text).split()) or None if text else None
