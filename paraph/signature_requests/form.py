"""The fields of a request in their places, as frozen data read from rows."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from paraph.documents import Box
from paraph.fields import Form, FormField, from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from paraph.documents import PlainText, Tick
    from paraph.fields import FieldKind

    from .filled import Ink
    from .shapes import SignatureRequest


@dataclass(frozen=True, slots=True)
class RequestField:
    """A field in its place on a page. Without ``signature_pk`` the sender filled it in before anybody signed.

    ``field`` says what it is. ``value`` (what was put in) and ``mark`` (how it looks) are sealed; see ``marks``.
    """

    id: int
    signature_pk: int | None
    document_pk: int
    api_id: str
    kind: FieldKind
    page: int
    x: float
    y: float
    width: float
    height: float
    field: FormField
    value: bytes | None
    mark: bytes | None
    filled_at: int | None

    @property
    def box(self) -> Box:
        return Box(self.page, self.x, self.y, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody else has already put on a page. Masked values come as asterisks."""

    document_pk: int
    box: Box
    content: Ink | PlainText | Tick
    api_id: str


def form_of(request: SignatureRequest, placed: Sequence[RequestField]) -> Form:
    """The whole form of a request: these fields, and the groups and rules that were asked for."""
    bound = from_json(request.form, Form) if request.form else Form()
    return replace(bound, fields=tuple(one.field for one in placed))


def field_of(row: Row[Any]) -> RequestField:
    """The field that a row of ``request_fields`` holds."""
    held = row._mapping
    definition = held["definition"]
    field = from_json(definition, FormField) if definition else _field_of_first_release(row)
    kept = {one.name: held[one.name] for one in fields(RequestField) if one.name != "field"}
    return RequestField(**kept, field=field)


def _field_of_first_release(row: Row[Any]) -> FormField:
    """Signature pages of the first release had a signature and a date for each signer, called ``signature_0``."""
    held = row._mapping
    position = int(str(held["api_id"]).rpartition("_")[2])
    return FormField(held["api_id"], held["kind"], position, required=held["kind"] == "signature")
