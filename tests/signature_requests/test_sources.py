"""The address a file was fetched from is part of the evidence; the secrets in it are not."""

from __future__ import annotations

import pytest

from paraph.signature_requests.shapes import RequestDocument

NOTHING = dict.fromkeys(
    ("upload_key", "upload_sha256", "upload_bytes", "media_type", "pdf_key", "pdf_sha256", "page_count", "pages")
)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (None, None),
        ("https://example.com/a.pdf", "https://example.com/a.pdf"),
        ("https://store.example.com/x/a.pdf?X-Signature=secret#page=2", "https://store.example.com/x/a.pdf"),
        ("https://user:secret@example.com:8443/a.pdf", "https://example.com:8443/a.pdf"),
    ],
)
def test_what_follows_the_path_and_who_logs_in_is_left_out(url: str | None, told: str | None) -> None:
    document = RequestDocument(1, 1, 0, "upload", "a.pdf", url, **NOTHING, warnings=None)  # type: ignore[arg-type]
    assert document.source == told
