"""Web pages, written anew from what is known to be harmless: no script, nothing loaded, no form, no frame.

A page is read leniently, as browsers do, and only listed elements, attributes and styles are written again;
so whatever a converter makes of odd markup, it never sees the odd markup.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from paraph.documents.conversion.styles import harmless_declarations, harmless_sheet

ELEMENTS: Final = frozenset(
    {
        *("a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption"),
        *("center", "cite", "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption"),
        *("figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd"),
        *("li", "main", "mark", "nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike"),
        *("strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "title", "tr", "tt"),
        *("u", "ul", "var"),
    }
)
EMPTY: Final = frozenset({"br", "hr", "img", "col"})
WITH_CONTENT: Final = frozenset({"script", "style", "template", "iframe", "svg", "math", "select", "textarea"})
LOADING: Final = frozenset({"iframe", "object", "embed", "applet", "audio", "video", "frame", "link", "svg"})
FORMS: Final = frozenset({"form", "input", "select", "textarea", "button"})
ATTRIBUTES: Final = frozenset(
    {
        *("align", "bgcolor", "border", "cellpadding", "cellspacing", "class", "color", "colspan", "dir", "face"),
        *("height", "id", "lang", "name", "nowrap", "rowspan", "size", "span", "start", "title", "type", "valign"),
        *("value", "width"),
    }
)
LINK: Final = re.compile(r"(?:https?://|mailto:|tel:|#)[^\x00-\x20]*", re.I)
PICTURE: Final = re.compile(r"data:image/(?:png|jpe?g|gif);base64,[A-Za-z0-9+/=\s]+", re.I)
MAX_DEPTH: Final = 150


@dataclass(frozen=True, slots=True)
class Page:
    """Markup without anything that acts. warnings: codes for what was left out."""

    markup: str
    warnings: tuple[str, ...]


def harmless_page(text: str) -> Page:
    """The page with what is harmless of it. Text is never left out, but that of scripts and forms."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    body = "".join((*reader.written, *(f"</{name}>" for name in reversed(reader.open))))
    sheet = harmless_sheet("\n".join(reader.sheets))
    style = f"<style>\n{sheet}\n</style>" if sheet else ""
    head = f'<head><meta charset="utf-8"><title>{html.escape(reader.title)}</title>{style}</head>'
    return Page(f"<!DOCTYPE html>\n<html>{head}<body>{body}</body></html>\n", tuple(sorted(reader.warnings)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.open: list[str] = []
        self.sheets: list[str] = []
        self.title = ""
        self.warnings: set[str] = set()
        self._dropped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._warn_of(tag, attrs)
        if self.open[-1:] == ["title"]:
            self.open.pop()  # a title holds no element; one that is not closed shall not take the page
        if tag in WITH_CONTENT:
            self._dropped.append(tag)
        elif not self._dropped and tag in ELEMENTS and (tag in EMPTY or len(self.open) < MAX_DEPTH):
            self._write_start(tag, {name: value or "" for name, value in reversed(attrs)})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in WITH_CONTENT:
            if tag in self._dropped:
                del self._dropped[self._dropped.index(tag) :]
        elif not self._dropped and tag in self.open:
            while (closed := self.open.pop()) != tag:
                self.written.append(f"</{closed}>")
            self.written.append(f"</{tag}>" if tag != "title" else "")

    def handle_data(self, data: str) -> None:
        if self._dropped:
            if self._dropped == ["style"]:
                self.sheets.append(data)
        elif "title" in self.open:
            self.title += data
        else:
            self.written.append(html.escape(data, quote=False))

    def _warn_of(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" or any(name.startswith("on") for name, _ in attrs):
            self.warnings.add("removed_script")
        if tag in FORMS:
            self.warnings.add("removed_form")
        if tag in LOADING or any(name == "background" for name, _ in attrs):
            self.warnings.add("removed_external_content")

    def _write_start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "img" and not PICTURE.fullmatch(given.get("src", "")):
            self.warnings.add("removed_external_content")
            self.written.append(html.escape(f"[{given['alt']}]" if given.get("alt") else ""))
            return
        if tag not in EMPTY:
            self.open.append(tag)
        if tag != "title":
            kept = "".join(f' {name}="{html.escape(value)}"' for name, value in _kept(tag, given))
            self.written.append(f"<{tag}{kept}>")


def _kept(tag: str, given: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if name in ATTRIBUTES:
            yield name, value
        elif name == "style" and (declarations := harmless_declarations(value)):
            yield name, declarations
        elif (tag, name) == ("a", "href") and LINK.fullmatch(value.strip()):
            yield name, value.strip()
        elif (tag, name) == ("img", "src"):
            yield name, "".join(value.split())
