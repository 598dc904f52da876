"""Web pages: the words arrive, and nothing in them acts, loads or reads."""

import random
import time
from html.parser import HTMLParser
from pathlib import Path

import pikepdf
import pytest

from paraph.documents import sniff
from paraph.documents.conversion.styles import harmless_declarations, harmless_sheet
from paraph.documents.conversion.web_page import ATTRIBUTES, ELEMENTS, harmless_page
from tests.documents.conftest import Desk
from tests.documents.far_side import Listener, pictures_in
from tests.documents.looking import text_by_pdfium
from tests.documents.office import needs_sandbox
from tests.documents.samples import picture

SURE = frozenset({"html", "head", "body", "meta", "style", "title"})


class Reading(HTMLParser):
    """What a reader finds in a page that was written anew."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements = set[str]()
        self.attributes = dict[str, list[str]]()
        self.words = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.words += data


def assert_harmless(markup: str) -> None:
    found = Reading(markup)
    assert found.elements <= ELEMENTS | SURE
    assert set(found.attributes) <= ATTRIBUTES | {"charset", "href", "src", "style"}
    for address in found.attributes.get("src", []):
        assert address.startswith("data:image/")
    for address in found.attributes.get("href", []):
        assert address.lower().startswith(("http://", "https://", "mailto:", "tel:", "#"))
    styles = " ".join(found.attributes.get("style", [])) + markup.partition("<style>")[2].partition("</style>")[0]
    assert not any(word in styles.lower() for word in ("url", "import", "expression", "\\", "@"))


HOSTILE = {
    "script": "<script>alert(1)</script>WORDS",
    "event": "<p onclick='x()' onload=y>WORDS</p>",
    "picture": "<img src='{far}/a.png' alt='Logo'>WORDS",
    "picture without quotes": "<img src={far}/a.png>WORDS",
    "local picture": "<img src='file://{secret}'>WORDS",
    "relative picture": "<img src='../../etc/x.png'>WORDS",
    "frame": "<iframe src='file:///etc/passwd'></iframe>WORDS",
    "object": "<object data='file:///etc/passwd'>WORDS</object>",
    "embed": "<embed src='{far}/e'>WORDS",
    "style": "<style>body {{ background: url({far}/s) }} @import '{far}/i'; p {{ color: red }}</style>WORDS",
    "style with escapes": "<p style='background:\\75rl({far}/s); color: red'>WORDS</p>",
    "sheet": "<link rel=stylesheet href='{far}/c.css'>WORDS",
    "background": "<body background='{far}/b.png'><table background='{far}/t.png'><tr><td>WORDS</table>",
    "base": "<base href='{far}/'><img src='x.png'>WORDS",
    "refresh": "<meta http-equiv=refresh content='0; url={far}/r'>WORDS",
    "svg": "<svg><image href='{far}/v.png'/></svg>WORDS",
    "video": "<video src='{far}/v'></video><audio src='{far}/w'></audio>WORDS",
    "script link": "<a href='javascript:alert(1)'>WORDS</a><a href=' java\tscript:x'>x</a>",
    "file link": "<a href='file:///etc/passwd'>WORDS</a>",
    "form": "<form action='{far}/f'><input value=x><button>WORDS</button><select><option>1</select></form>",
    "conditional": "<!--[if gte mso 9]><img src='{far}/m.png'><![endif]-->WORDS",
    "broken quotes": '<img src="{far}/q.png" alt=\'"><script>x</script>\'>WORDS',
    "broken tag": "<<img src={far}/z.png>>WORDS<img src='{far}/never.png",
    "picture that is none": "<img src='data:text/html;base64,PGh0bWw+'>WORDS",
    "odd case": "<IMG SRC='{far}/c.png'><ScRiPt>x</sCrIpT>WORDS",
    "set": "<img srcset='{far}/1x.png 1x' src='{far}/2.png'><picture><source srcset='{far}/3.png'></picture>WORDS",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_goes_and_the_words_stay(name: str) -> None:
    page = harmless_page(HOSTILE[name].format(far="http://203.0.113.9", secret="/etc/x.png"))
    assert_harmless(page.markup)
    assert "WORDS" in Reading(page.markup).words
    assert "alert" not in page.markup


@needs_sandbox
def test_neither_a_request_nor_a_file_gets_in(desk: Desk, listener: Listener, secret: Path, tmp_path: Path) -> None:
    """Statement 14, end to end: all of it on one page."""
    page = "".join(HOSTILE.values()).format(far=listener.address, secret=secret)
    taken = desk.intake(f"<!DOCTYPE html><html><body>{page}</body></html>".encode(), tmp_path / "out.pdf")
    assert listener.asked == []
    assert pictures_in(tmp_path / "out.pdf") == 0
    shown = text_by_pdfium(tmp_path / "out.pdf")
    assert "WORDS" in shown
    assert "root:" not in shown
    assert {"removed_script", "removed_external_content", "removed_form"} <= set(taken.warnings)


@needs_sandbox
def test_what_belongs_to_a_contract_is_kept(desk: Desk, tmp_path: Path) -> None:
    import base64

    data = base64.b64encode(picture()).decode()
    page = (
        "<html><head><title>Lease</title><style>h1 { color: #c00; text-align: center }</style></head><body>"
        "<h1>Lease</h1><p style='font-weight: bold'>Größe &amp; Preis &lt; 5 &euro;, 合同, עברית</p>"
        "<ul><li>one</li><li>two</li></ul><table border=1><tr><th>a</th><td>b</td></tr></table>"
        f"<img src='data:image/png;base64,{data}' width=100><a href='https://example.com/'>link</a></body></html>"
    )
    taken = desk.intake(page.encode(), tmp_path / "out.pdf")
    assert (taken.media_type, taken.warnings) == ("text/html", ())
    shown = text_by_pdfium(tmp_path / "out.pdf")
    for words in ("Lease", "Größe & Preis < 5 €", "合同", "one", "two", "link"):
        assert words in shown
    assert pictures_in(tmp_path / "out.pdf") > 0
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        notes = pdf.pages[0].obj["/Annots"]
        assert [str(note["/A"]["/URI"]) for note in notes] == ["https://example.com/"]


@pytest.mark.parametrize(
    ("head", "is_page"),
    [
        ("<!DOCTYPE html>", True),
        (" \n<HTML>", True),
        ("<?xml version='1.0'?>\n<!-- a --><!-- b -->\n<html xmlns='x'>", True),
        ("<p>Hello", True),
        ("<h1>Hello</h1>", True),
        ("a < b and <p> is a tag", False),
        ("<note>not a page</note>", False),
        ("<!-- only a comment", False),
    ],
)
def test_a_page_is_known_by_how_it_begins(head: str, is_page: bool) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert (sniff(head.encode(encoding)) == "text/html") is is_page


def test_recognising_takes_no_time_whatever_the_bytes() -> None:
    started = time.monotonic()
    for hostile in (b"<!---->" * 600, b"<!--" * 1000, b" " * 4096, b"<?xml " * 700, b"<!-- -->  " * 400 + b"<x"):
        sniff(hostile)
    assert time.monotonic() - started < 1


@needs_sandbox
def test_declared_and_undeclared_encodings(desk: Desk, tmp_path: Path) -> None:
    page = "<html><head><meta charset={}></head><body>Żółć i łąka</body></html>"
    taken = desk.intake(page.format("iso-8859-2").encode("iso-8859-2"), tmp_path / "out.pdf")
    assert "Żółć i łąka" in text_by_pdfium(tmp_path / "out.pdf")
    assert taken.warnings == ()
    guessed = desk.intake("<html><body>größer</body></html>".encode("cp1252"), tmp_path / "out.pdf")
    assert guessed.warnings == ("text_encoding_guessed",)


def test_text_is_never_left_out() -> None:
    for markup in ("<title>WORDS<p>more", "<p>WORDS</div></b>more", "<table>WORDS<tr>more", "<b><i><p>WORDS</b>more"):
        words = Reading(harmless_page(markup).markup).words
        assert "WORDS" in words
        assert "more" in words


def test_deep_and_large_pages_are_written_in_time() -> None:
    started = time.monotonic()
    deep = harmless_page("<div>" * 50_000 + "WORDS")
    assert deep.markup.count("<div>") <= 150
    assert "WORDS" in deep.markup
    harmless_page("<style>" + "a" * 1_000_000 + "</style>" + "<p style='" + "color:red;" * 100_000 + "'>x")
    assert time.monotonic() - started < 5


def test_styles_are_those_of_the_list() -> None:
    kept = harmless_declarations(
        "COLOR: red; behavior: url(x); width: expression(alert(1)); font-family: 'Noto Sans'"
    )
    assert kept == "color: red; font-family: 'Noto Sans'"
    assert (
        harmless_declarations("color: rgb(1, 2, 3); background: url(http://x); position: fixed")
        == "color: rgb(1, 2, 3)"
    )
    sheet = "@import 'x'; @media print { p { color: red } } </style><script> { color: red }"
    sheet += " h1 > a { margin: 1px !important }"
    assert harmless_sheet(sheet) == "p { color: red }\nh1 > a { margin: 1px !important }"


def test_noise_is_written_harmless() -> None:
    """Pieces of hostile pages, put together at random."""
    dice = random.Random(7)
    pieces = [piece.format(far="http://203.0.113.9", secret="/x") for piece in HOSTILE.values()]
    pieces += ["<", ">", "'", '"', "<!--", "-->", "<style>", "</style>", "<![CDATA[", "]]>", "&#60;", "\x00", "<a "]
    for _ in range(400):
        page = harmless_page("".join(dice.choice(pieces)[dice.randrange(5) :] for _ in range(12)))
        assert_harmless(page.markup)
