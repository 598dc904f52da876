"""DOCX, XLSX, PPTX and PPSX: which one by its declared main part, without macros and without anything to load."""

import functools
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from paraph.documents.conversion.archive import Archive, Watcher
from paraph.documents.conversion.xml_parts import Element, XmlWatcher, looks_like_xml
from paraph.documents.limits import MEBIBYTE
from paraph.documents.rejected import Rejected
from paraph.documents.sniffing import DOCX, PPSX, PPTX, XLSX

CONTENT_TYPES: Final = "[Content_Types].xml"
MAX_INDEX_BYTES: Final = 8 * MEBIBYTE
"""Of the list of content types, and of one list of relationships."""
_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument."
MAIN_PARTS: Final = {
    f"{_OPEN_XML}wordprocessingml.document.main+xml": DOCX,
    f"{_OPEN_XML}wordprocessingml.template.main+xml": DOCX,
    f"{_OPEN_XML}spreadsheetml.sheet.main+xml": XLSX,
    f"{_OPEN_XML}spreadsheetml.template.main+xml": XLSX,
    f"{_OPEN_XML}presentationml.presentation.main+xml": PPTX,
    f"{_OPEN_XML}presentationml.template.main+xml": PPTX,
    f"{_OPEN_XML}presentationml.slideshow.main+xml": PPSX,
}
MACRO_TYPES: Final = ("macroenabled", "vbaproject", "vbadata", "macrosheet")
MACRO_NAMES: Final = ("vbaproject.bin", "vbadata.xml", ".bas", "/macrosheets/")
VML_ID: Final = "relid"
"""An attribute of old drawings that names a relationship too."""
LINKS: Final = ("hlink", "hyperlink")
"""In the names of elements that only lead a reader somewhere."""


@dataclass(slots=True)
class _Index:
    """What the lists of the archive say. outside: for each part, the ids of its links to elsewhere."""

    kinds: set[str] = field(default_factory=set)
    outside: dict[str, set[str]] = field(default_factory=dict)


def is_open_xml(archive: Archive) -> bool:
    """Whether it says that it is one."""
    return CONTENT_TYPES in archive.names


def copy_open_xml(archive: Archive, target: Path) -> str:
    """Check all parts while writing them to target; the media type. Raises Rejected."""
    if any(part in f"/{name.lower()}" for name in archive.names for part in MACRO_NAMES):
        raise Rejected("office_macros")
    index = _Index()
    _read_index(archive, CONTENT_TYPES, functools.partial(_note_type, archive, index))
    for name in archive.names:
        if name.lower().endswith(".rels"):
            ids = index.outside.setdefault(_owner(name).lower(), set())
            _read_index(archive, name, functools.partial(_note_relationship, ids))
    if len(index.kinds) != 1:
        raise Rejected("unsupported_type" if not index.kinds else "office_damaged", "main part")
    archive.copy_to(target, lambda name, head: _watcher(index, name, head))
    return index.kinds.pop()


def _read_index(archive: Archive, name: str, element: Element) -> None:
    XmlWatcher(element)(archive.read(name, MAX_INDEX_BYTES), True)


def _note_type(archive: Archive, index: _Index, element: str, given: Mapping[str, str]) -> None:
    declared = given.get("ContentType", "").lower()
    if any(word in declared for word in MACRO_TYPES):
        raise Rejected("office_macros")
    kind = next((kind for main, kind in MAIN_PARTS.items() if main.lower() == declared), None)
    if element == "Override" and kind is not None:
        if given.get("PartName", "").lstrip("/") not in archive.names:
            raise Rejected("office_damaged", "the main part is missing")
        index.kinds.add(kind)


def _note_relationship(ids: set[str], element: str, given: Mapping[str, str]) -> None:
    if element != "Relationship":
        return
    kind, target = given.get("Type", "").lower(), given.get("Target", "")
    if kind.endswith("/vbaproject"):
        raise Rejected("office_macros")
    if given.get("TargetMode", "").lower() != "external":
        if ":" in target.partition("/")[0] or target.startswith(("//", "\\")):
            raise Rejected("office_external_content", "an address inside")
        return
    if not kind.endswith("/hyperlink"):
        raise Rejected("office_external_content", kind.rpartition("/")[2][:40])
    ids.add(given.get("Id", ""))


def _watcher(index: _Index, name: str, head: bytes) -> Watcher | None:
    """Of each XML part; one that has links to elsewhere may use them as links alone."""
    if not looks_like_xml(name, head):
        return None
    ids: set[str] = index.outside.get(name.lower(), set())
    is_picture = name.lower().endswith(".svg")
    if not ids and not is_picture:
        return XmlWatcher()

    def element(local: str, given: Mapping[str, str]) -> None:
        if is_picture and not given.get("href", "#").startswith(("#", "data:")) and local != "a":
            raise Rejected("office_external_content", "svg")
        is_link = any(word in local.lower() for word in LINKS)
        used = (value for key, value in given.items() if key.startswith("r:") or key == VML_ID)
        if not is_link and not ids.isdisjoint(used):
            raise Rejected("office_external_content", local[:40])

    return XmlWatcher(element)


def _owner(name: str) -> str:
    """The part whose relationships this part lists."""
    folder, file = posixpath.split(name)
    return posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
