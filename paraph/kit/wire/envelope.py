"""The vendor's envelopes: one error, a list of warnings, and the numbers beside a page of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from paraph.kit.errors import ParaphError
from paraph.kit.wire.body import tree_from_query
from paraph.kit.wire.decode import decode

DEFAULT_PAGE_SIZE = 20
LARGEST_PAGE_SIZE = 100
LAST_PAGE = 1_000_000_000  # keeps the offset inside an SQL integer

encode = msgspec.json.Encoder().encode


class Notice(msgspec.Struct, frozen=True):
    """Schema WarningResponse: accepted, but not quite as asked (behaviour sheet, D.4)."""

    warning_msg: str
    warning_name: str


class ListInfo(msgspec.Struct, frozen=True):
    """Schema ListInfoResponse."""

    num_pages: int
    num_results: int
    page: int
    page_size: int


class Page(msgspec.Struct, frozen=True):
    """Which page of a list is asked for: 1 is the first."""

    page: Annotated[int, msgspec.Meta(ge=1, le=LAST_PAGE)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_PAGE_SIZE)] = DEFAULT_PAGE_SIZE

    @property
    def offset(self) -> int:
        """How many results stand before this page."""
        return (self.page - 1) * self.page_size


def read_page(query: bytes) -> Page:
    """The page parameters of a raw query string. Raises BadRequest that names the wrong one."""
    return decode(tree_from_query(query), Page)


def list_info(page: Page, num_results: int) -> ListInfo:
    """The numbers beside a page; a page past the end is an empty list, not an error (D.7)."""
    num_pages = -(-num_results // page.page_size)
    return ListInfo(num_pages, num_results, page.page, page.page_size)


def error_body(error: ParaphError) -> dict[str, Any]:
    """The vendor's body of a failed call (D.1); what ``error.detail`` says never leaves."""
    body = {"error_msg": error.message, "error_name": error.name}
    if error.path:
        body["error_path"] = error.path
    return {"error": body}


def with_warnings(body: Mapping[str, Any], warnings: Iterable[Notice]) -> dict[str, Any]:
    """``body`` with its ``warnings``; the key stays away when there are none, as the vendor's does."""
    listed = list(warnings)
    return {**body, "warnings": listed} if listed else dict(body)
