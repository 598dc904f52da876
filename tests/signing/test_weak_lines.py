"""Signers on weak lines: pages, scripts and styles come compressed, pictures as they are, other pages never."""

from __future__ import annotations

from tests.harness import Server
from tests.helpers.accounts import make_person
from tests.helpers.signing import send

TAKES = {"Accept-Encoding": "gzip"}


def test_pages_scripts_and_styles_come_compressed(lite: Server) -> None:
    signer = send(lite, make_person(lite, "Jack")).signer
    page = signer.get(headers=TAKES)
    assert page.headers["content-encoding"] == "gzip"
    assert int(page.headers["content-length"]) < len(page.content) / 2
    assert signer.get(headers={"Accept-Encoding": "identity"}).text == page.text
    for name in ("signing.css", "walk.js"):
        file = signer.browser.get(f"/static/signing/{name}", headers=TAKES)
        assert file.headers["content-encoding"] == "gzip", name


def test_pictures_and_files_are_sent_as_they_are(lite: Server) -> None:
    signer = send(lite, make_person(lite, "Jack")).signer
    signer.view()
    for path in ("/documents/0/pages/1.jpg?w=900", "/documents/0.pdf"):
        answer = signer.get(path, headers=TAKES)
        assert answer.status_code == 200, path
        assert "content-encoding" not in answer.headers, path


def test_pages_with_a_csrf_token_are_never_compressed(lite: Server) -> None:
    """Their lengths would tell the token, letter by letter, to who can make them be fetched (BREACH)."""
    answer = lite.client().get("/login", headers=TAKES)
    assert "csrf_token" in answer.text
    assert "content-encoding" not in answer.headers
