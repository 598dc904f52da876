"""XML parts of Office archives, read by a real parser: what a search in bytes sees, an encoding can hide."""

from collections.abc import Callable, Mapping
from typing import Final
from xml.parsers import expat

from paraph.documents.rejected import Rejected

SUFFIXES: Final = (".xml", ".rels", ".vml", ".rdf", ".svg", ".xhtml", ".html", ".htm")
MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "ascii", "utf-16", "iso-8859-1", "windows-1252"})
"""What Office programs write. Others exist to be read differently by two readers."""
MAX_DEPTH: Final = 400

Element = Callable[[str, Mapping[str, str]], None]
"""Is given an element's local name and its attributes by local name, those that name a relationship as `r:…`
(of two with one local name, the plain one wins). Raises Rejected."""
RELATIONSHIPS: Final = "/relationships"
"""How the namespaces of attributes end that name a relationship of Open XML."""


def looks_like_xml(name: str, head: bytes) -> bool:
    """By its name, or because it begins so: a part may have any name."""
    if name.lower().endswith(SUFFIXES):
        return True
    for mark in MARKS:
        head = head.removeprefix(mark)
    return head.lstrip(b"\x00 \t\r\n")[:1] == b"<"


class XmlWatcher:
    """Parses what it is given piece by piece. Raises Rejected for document types, entities, foreign encodings,
    too deep nesting and damage, and whatever `element` raises."""

    def __init__(self, element: Element | None = None) -> None:
        self._depth = 0
        self._element = element
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.XmlDeclHandler = _check_declaration
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.buffer_text = True
        self._parser = parser

    def __call__(self, piece: bytes, is_last: bool) -> None:
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError as damage:
            raise Rejected("office_damaged", str(damage)) from damage
        except (LookupError, ValueError) as odd:
            raise Rejected("office_unsafe", "encoding") from odd

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Rejected("office_unsafe", "nested too deep")
        if self._element is not None:
            # plain names last, so that they win
            ordered = sorted(attributes.items(), key=lambda item: " " not in item[0])
            self._element(local(name), {_key(key): value for key, value in ordered})

    def _end(self, _name: str) -> None:
        self._depth -= 1


def local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition(" ")[2]


def _key(name: str) -> str:
    namespace, _, plain = name.rpartition(" ")
    return f"r:{plain}" if namespace.endswith(RELATIONSHIPS) else plain


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise Rejected("office_unsafe", "encoding")


def _refuse(*_: object) -> None:
    raise Rejected("office_unsafe", "document type or entity")
