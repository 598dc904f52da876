"""Forms as senders write them, and signers who fill them in."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

import httpx
import pypdfium2 as pdfium

from paraph.documents import TypedText
from paraph.fields import Value
from paraph.signature_requests import FilledSignature
from tests.harness import Server
from tests.helpers.requests import Sent, sign, signing_token

_NUMBERS = count(1)
_MORE: dict[str, dict[str, Any]] = {
    "dropdown": {"options": ["red", "green"]},
    "radio": {"is_checked": False},
    "checkbox": {"is_checked": False},
    "hyperlink": {"content": "our terms", "content_url": "https://example.com/terms"},
}


def field(kind: str, api_id: str = "", **more: Any) -> dict[str, Any]:
    """A field of this type for the first signer, on page 1, each below the one before."""
    number = next(_NUMBERS)
    place = {"document_index": 0, "page": 1, "x": 60, "y": 40 + number * 31 % 700, "width": 160, "height": 24}
    fixed = {"api_id": api_id or f"{kind}_{number}", "type": kind, "required": True, "signer": 0}
    return place | fixed | _MORE.get(kind, {}) | more


def fill_form(
    values: dict[str, Value] | None = None, *, name: str = "Jack Example", has_initials: bool = False
) -> FilledSignature:
    """A signature, initials and values as the signing page hands them in."""
    initials = TypedText("JE", "caveat") if has_initials else None
    typed = TypedText(name, "caveat")
    return FilledSignature(typed, "Agree and finish", "en", "Europe/Berlin", initials=initials, values=values or {})


def sign_form(
    server: Server, sent: Sent, values: dict[str, Value] | None = None, *, place: int = 0, has_initials: bool = False
) -> None:
    """Let this signer of the request fill in and sign."""
    address = sent.json["signatures"][place]["signer_email_address"]
    sign(server, signing_token(server, address), fill_form(values, has_initials=has_initials))


def final_pdf(client: httpx.Client, sent: Sent) -> bytes:
    """What can be downloaded now."""
    answer = client.get(f"/v3/signature_request/files/{sent.id}")
    assert answer.status_code == 200, answer.text
    return answer.content


def page_text(data: bytes, page: int = 1) -> str:
    """The text of one page (from 1)."""
    document = pdfium.PdfDocument(io.BytesIO(data))
    text = document[page - 1].get_textpage().get_text_range()
    document.close()
    return str(text)
