"""Forms for the tests of signing: fields of every kind on the pages of the example document, in points."""

from __future__ import annotations

from typing import Any

PIXEL = 80 / 72
"""The vendor gives widths and heights in 80 dots an inch, places on a page in points."""
FIXED = {"text-merge", "checkbox-merge"}


def field(kind: str, api_id: str, x: float, y: float, width: float = 160, height: float = 20, **more: Any) -> Any:
    """A field of the first signer on page 2, where and as large as given in points."""
    return {
        "document_index": 0,
        "api_id": api_id,
        "type": kind,
        "required": kind not in FIXED,
        "signer": "sender" if kind in FIXED else 0,
        "page": 2,
        "x": x,
        "y": y,
        "width": round(width * PIXEL),
        "height": round(height * PIXEL),
    } | more


def every_kind() -> dict[str, Any]:
    """Options of a send whose first signer fills in a field of every kind."""
    fields = [
        field("text", "name", 80, 150, name="Full name", auto_fill_type="name"),
        field("text", "email", 260, 150, name="E-mail", validation_type="email_address", required=False),
        field("text", "story", 80, 180, 200, 54, name="Anything to add", required=False, placeholder="A few words"),
        field(
            "text",
            "ssn",
            300,
            180,
            name="Social security number",
            masked=True,
            validation_type="social_security_number",
        ),
        field("dropdown", "colour", 300, 210, 120, name="Colour of the door", options=["Red", "Green", "Blue"]),
        field("checkbox", "pets", 80, 253, 14, 14, name="I have pets", required=False, is_checked=False),
        field("text", "kinds", 110, 250, 120, name="Which pets?"),
        field("radio", "monthly", 300, 253, 14, 14, name="Monthly", group="pay", is_checked=False),
        field("radio", "yearly", 340, 253, 14, 14, name="Yearly", group="pay", is_checked=False),
        field(
            "hyperlink", "rules", 420, 253, 100, 14, content="House rules", content_url="https://example.com/rules"
        ),
        field("initials", "initials1", 470, 730, 60, 30, page=1, name="Initials"),
        field("signature", "sign1", 80, 300, 150, 40, name="Signature of the tenant"),
        field("initials", "initials2", 260, 305, 60, 30, name="Initials again"),
        field("date_signed", "day", 340, 310, 100, 18),
        field("signature", "sign2", 80, 360, 150, 40, name="Signature for the annex", required=False),
        field("text-merge", "rent", 340, 350, 100, 18, name="Rent"),
    ]
    return {
        "form_fields_per_document": fields,
        "form_field_groups": [{"group_id": "pay", "group_label": "How do you pay?", "requirement": "require_1"}],
        "form_field_rules": [
            {
                "id": "pets",
                "trigger_operator": "AND",
                "triggers": [{"id": "pets", "operator": "is", "value": "1"}],
                "actions": [{"field_id": "kinds", "hidden": False, "type": "change-field-visibility"}],
            }
        ],
        "custom_fields": [{"name": "Rent", "value": "$ 900"}],
    }
