"""The vendor's envelopes, to the byte."""

from __future__ import annotations

import pytest

from paraph.kit.errors import BadRequest, NotFound, ParaphError
from paraph.kit.wire import ListInfo, Notice, Page, encode, error_body, list_info, read_page, with_warnings


def test_error() -> None:
    error = BadRequest("No signers given", path="signers", detail="for the log only")
    assert encode(error_body(error)) == (
        b'{"error":{"error_msg":"No signers given","error_name":"bad_request","error_path":"signers"}}'
    )
    assert encode(error_body(NotFound())) == b'{"error":{"error_msg":"Not found","error_name":"not_found"}}'


def test_warnings_stay_away_when_there_are_none() -> None:
    assert with_warnings({"account": {}}, []) == {"account": {}}
    warned = with_warnings({"account": {}}, [Notice("Confirm your e-mail address.", "unconfirmed")])
    assert encode(warned) == (
        b'{"account":{},"warnings":[{"warning_msg":"Confirm your e-mail address.","warning_name":"unconfirmed"}]}'
    )


def test_ampersands_are_plain() -> None:
    assert encode({"sign_url": "https://e.com/?a=1&b=é"}) == '{"sign_url":"https://e.com/?a=1&b=é"}'.encode()


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        (b"", 1, 20),
        (b"page=&page_size=", 1, 20),
        (b"page=2&page_size=5&query=title%3ANDA", 2, 5),
        (b"page=3&page=4", 4, 20),
        (b"page_size=100", 1, 100),
        (b"page_size=1", 1, 1),
        (b"page=1000000000&page_size=100", 1_000_000_000, 100),
    ],
)
def test_page(query: bytes, page: int, size: int) -> None:
    asked = read_page(query)
    assert (asked.page, asked.page_size) == (page, size)
    assert asked.offset == (page - 1) * size < 2**63


@pytest.mark.parametrize(
    ("query", "path", "message"),
    [
        (b"page=0", "page", "page must be at least 1."),
        (b"page=-1", "page", "page must be at least 1."),
        (b"page=x", "page", "page must be a whole number."),
        (b"page=1.5", "page", "page must be a whole number."),
        (b"page=%D9%A3", "page", "page must be a whole number."),
        (b"page=99999999999", "page", "page must be at most 1000000000."),
        (b"page_size=0", "page_size", "page_size must be at least 1."),
        (b"page_size=101", "page_size", "page_size must be at most 100."),
        (b"page[]=1&page[]=2", "page", "page must be a whole number."),
        (b"page=%00", None, "page contains a NUL character, which is not allowed."),
    ],
)
def test_bad_page(query: bytes, path: str | None, message: str) -> None:
    with pytest.raises(ParaphError) as caught:
        read_page(query)
    assert (caught.value.status, caught.value.path, caught.value.message) == (400, path, message)


@pytest.mark.parametrize(("results", "pages"), [(0, 0), (1, 1), (20, 1), (21, 2), (1000, 50)])
def test_list_info(results: int, pages: int) -> None:
    assert list_info(Page(), results) == ListInfo(pages, results, 1, 20)


def test_a_page_past_the_end_is_echoed() -> None:
    info = encode(list_info(Page(page=9, page_size=10), 25))
    assert info == b'{"num_pages":3,"num_results":25,"page":9,"page_size":10}'
