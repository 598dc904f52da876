"""Check what was asked for, clause by clause, and turn it into a plan. Pure; each refusal names the parameter."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from paraph.kit.errors import BadRequest

from .bindings import rule_of
from .patterns import BadPattern, check_pattern
from .shapes import (
    LARGEST_FONT_SIZE,
    MERGE_KINDS,
    SMALLEST_FONT_SIZE,
    FieldGroup,
    FieldKind,
    FormField,
    FormPlan,
    PlannedField,
    Spot,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .wire import FieldBody, GroupBody, RuleBody

SENDER, ME_NOW = "sender", "me_now"
LONGEST_URL_CHARACTERS: Final = 2000
LINK_SCHEMES: Final = frozenset({"http", "https", "mailto"})
VALUE_BY_SENDER: Final = frozenset({"text", "checkbox", "dropdown", "radio", "hyperlink"}) | MERGE_KINDS
"""What the sender may fill in at once, with ``me_now``."""
NEVER_REQUIRED: Final[frozenset[FieldKind]] = frozenset({"hyperlink", "date_signed"})
"""Nobody fills these in."""


def plan_form(
    fields: Sequence[FieldBody],
    groups: Sequence[GroupBody],
    rules: Sequence[RuleBody],
    *,
    signers: int,
    documents: int,
) -> FormPlan:
    """Return the plan of these fields for so many signers and documents; raises BadRequest for the first fault.

    What binds the fields together is held against them by ``check_form``, once all of them are there.
    """
    named = {body.api_id for body in fields if body.api_id}
    free = (api_id for place in count(1) if (api_id := f"field_{place}") not in named)
    planned = tuple(_planned(body, body.api_id or next(free), signers, documents) for body in fields)
    _check_ids(planned)
    return FormPlan(
        planned,
        tuple(FieldGroup(group.group_id, group.group_label, group.requirement) for group in groups),
        tuple(rule_of(rule, f"form_field_rules[{place}]") for place, rule in enumerate(rules)),
    )


def _planned(body: FieldBody, api_id: str, signers: int, documents: int) -> PlannedField:
    path = body.path
    if body.document_index >= documents:
        raise BadRequest(
            f"document_index {body.document_index} does not exist: the request has {documents} "
            f"document{'s' if documents != 1 else ''}, counted from 0.",
            path=f"{path}.document_index",
        )
    kind: FieldKind = "date_signed" if body.type == "date" else body.type
    spot = Spot(body.document_index, body.page, body.x, body.y, body.width, body.height)
    field = FormField(
        api_id=api_id,
        kind=kind,
        signer=_signer(body, path, signers),
        name=body.name or "",
        required=body.required and kind not in NEVER_REQUIRED,
        content=_content(body, path),
        content_url=_link(body, path),
        is_checked=body.is_checked,
        group=_group(body, path),
        options=_options(body, path),
        placeholder=body.placeholder or "",
        auto_fill=body.auto_fill_type,
        link_id=body.link_id or "",
        masked=body.masked and body.type == "text",
        validation=body.validation_type if body.type == "text" else None,
        pattern=_pattern(body, path),
        pattern_label=body.validation_custom_regex_format_label or "",
        font_family=body.font_family,
        font_size=_font_size(body, path),
    )
    return PlannedField(field, spot, path)


def _signer(body: FieldBody, path: str, signers: int) -> int | None:
    """The position of the signer; None for the sender's own. ``"0"`` and ``0`` mean the same.

    A merge field of a signer is one that they may change (guide "Form Fields per Document with Pre-filled Data").
    """
    word = str(body.signer).strip()
    if word in (SENDER, ME_NOW):
        if body.type not in VALUE_BY_SENDER:
            raise BadRequest(
                f"A {body.type} field needs a signer: give a number from 0 to {signers - 1}.", path=f"{path}.signer"
            )
        return None
    if not word.isascii() or not word.isdigit() or int(word[:9]) >= signers or len(word) > 9:
        raise BadRequest(
            f"There is no signer “{word[:40]}”: give the position in signers, from 0 to {signers - 1}.",
            path=f"{path}.signer",
        )
    return int(word)


def _content(body: FieldBody, path: str) -> str:
    content = body.content or ""
    if body.type == "hyperlink" and not content.strip():
        raise BadRequest("A hyperlink needs content, the words to show.", path=f"{path}.content")
    if body.type == "dropdown" and content and content not in body.options:
        raise BadRequest("content must be one of the options.", path=f"{path}.content")
    return content if body.type in ("text", "dropdown", "hyperlink") else ""


def _link(body: FieldBody, path: str) -> str:
    if body.type != "hyperlink":
        return ""
    url = (body.content_url or "").strip()
    scheme, _, rest = url.partition(":")
    usable = scheme.lower() in LINK_SCHEMES and bool(rest.strip("/")) and len(url) <= LONGEST_URL_CHARACTERS
    if not usable or any(character.isspace() or not character.isprintable() for character in url):
        raise BadRequest("content_url must be an http, https or mailto address.", path=f"{path}.content_url")
    return url


def _group(body: FieldBody, path: str) -> str:
    if body.type not in ("checkbox", "radio"):
        return ""
    if body.type == "radio" and not body.group:
        raise BadRequest("A radio button needs a group.", path=f"{path}.group")
    return body.group or ""


def _options(body: FieldBody, path: str) -> tuple[str, ...]:
    if body.type != "dropdown":
        return ()
    if not body.options:
        raise BadRequest("A dropdown needs options.", path=f"{path}.options")
    if len(set(body.options)) != len(body.options):
        raise BadRequest("The options of a dropdown must differ from each other.", path=f"{path}.options")
    return tuple(body.options)


def _pattern(body: FieldBody, path: str) -> str:
    if body.type != "text" or body.validation_type != "custom_regex":
        return ""
    at = f"{path}.validation_custom_regex"
    if not body.validation_custom_regex:
        raise BadRequest("custom_regex needs validation_custom_regex.", path=at)
    try:
        check_pattern(body.validation_custom_regex)
    except BadPattern as bad:
        raise BadRequest(f"validation_custom_regex cannot be used: {bad}.", path=at) from bad
    return body.validation_custom_regex


def _font_size(body: FieldBody, path: str) -> int:
    if not SMALLEST_FONT_SIZE <= body.font_size <= LARGEST_FONT_SIZE:
        raise BadRequest(
            f"font_size must lie between {SMALLEST_FONT_SIZE} and {LARGEST_FONT_SIZE}.", path=f"{path}.font_size"
        )
    return body.font_size


def _check_ids(planned: Sequence[PlannedField]) -> None:
    seen: set[str] = set()
    for one in planned:
        if one.field.api_id in seen:
            raise BadRequest(
                f"The api_id “{one.field.api_id}” is used twice; it must be unique in the request.",
                path=f"{one.path}.api_id",
            )
        seen.add(one.field.api_id)
