"""Detected fields on the wire (DocumentFieldDetectionRequest and -Response of the vendor's later SDKs)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from msgspec import Meta

from paraph.kit.wire import AtLeastOne, AtMostOne, FilePart, Request, rule

from .wire import LONGEST_URL_CHARACTERS

if TYPE_CHECKING:
    from paraph.fields import FormField, PlacedField

    from .detect import Detection

PIXELS_A_POINT: Final = 80 / 72
"""Widths and heights are pixels of 80 an inch; x and y, beside a page, are points."""
PAGE_RANGE: Final = r"^(?:all|\d{1,6}(?:-\d{1,6})?(?:,\d{1,6}(?:-\d{1,6})?)*)$"
ALL_PAGES: Final = "all"


class DetectBody(Request):
    """DocumentFieldDetectionRequest."""

    detection_mode: Literal["annotations", "text_tags"]
    file: FilePart | None = None
    file_url: Annotated[str, Meta(max_length=LONGEST_URL_CHARACTERS)] | None = None
    page_range: Annotated[
        str,
        Meta(max_length=2000, pattern=PAGE_RANGE),
        rule(hint="names pages counted from 0, such as all, 3 or 0-2,5."),
    ] = ALL_PAGES

    rules = (AtLeastOne("file", "file_url"), AtMostOne("file", "file_url"))


def detection_json(found: Detection, body: DetectBody, detected_at: int) -> dict[str, Any]:
    """DocumentFieldDetectionResponseDetectionResult; every list is there, if only empty."""
    return {
        "document_hash": found.sha256,
        "detection_mode": body.detection_mode,
        "page_count": found.page_count,
        "pages_analyzed": body.page_range,
        "detected_at": detected_at,
        "form_fields_per_document": [_field_json(one) for one in found.fields],
        "form_field_groups": [
            {"group_id": group.group_id, "group_label": group.label, "requirement": group.requirement}
            for group in found.groups
        ],
        "warnings": list(found.warnings),
        "errors": [{"error_msg": sentence, "error_name": "error_text_tag"} for sentence in found.errors],
        "suggestions": list(found.suggestions),
    }


def _field_json(one: PlacedField) -> dict[str, Any]:
    field, place = one.field, one.place
    return {
        "document_index": place.document_index,
        "api_id": field.api_id,
        "name": field.name,
        "type": field.kind,
        "required": field.required,
        "signer": "sender" if field.signer is None else field.signer,
        "page": place.page,
        "x": round(place.x),
        "y": round(place.y),
        "width": max(1, round(place.width * PIXELS_A_POINT)),
        "height": max(1, round(place.height * PIXELS_A_POINT)),
        **_more(field),
    }


def _more(field: FormField) -> dict[str, Any]:
    """What only some types have; nothing that is empty."""
    if field.kind in ("checkbox", "radio"):
        group = {"group": field.group} if field.group else {}
        return {"is_checked": field.is_checked, **group}
    found = {
        "options": list(field.options),
        "content": field.content,
        "validation_type": field.validation,
        "auto_fill_type": field.auto_fill,
    }
    return {name: value for name, value in found.items() if value}
