"""ODT, ODS and ODP: by their own declaration, without macros and without anything to load."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from paraph.documents.conversion.archive import Archive, Watcher
from paraph.documents.conversion.xml_parts import XmlWatcher, looks_like_xml
from paraph.documents.rejected import Rejected
from paraph.documents.sniffing import ODP, ODS, ODT

DECLARATION: Final = "mimetype"
MAX_DECLARATION_BYTES: Final = 200
KINDS: Final = {kind.encode() + suffix: kind for kind in (ODT, ODS, ODP) for suffix in (b"", b"-template")}
MAIN_PART: Final = "content.xml"
MANIFEST: Final = "META-INF/manifest.xml"
MACRO_FOLDERS: Final = ("basic/", "scripts/")
LINKS: Final = frozenset({"a", "template", "event-listener", "plugin"})
"""Elements that only lead a reader somewhere, or name where the document came from; a plugin is not run."""
PACKAGE: Final = "vnd.sun.star.package:"
LOADS: Final = frozenset({"dde-connection", "dde-connection-decl", "dde-source", "cell-range-source"})


def is_open_document(archive: Archive) -> bool:
    """Whether it says that it is one."""
    return DECLARATION in archive.names


def copy_open_document(archive: Archive, target: Path) -> str:
    """Check all parts while writing them to target; the media type. Raises Rejected."""
    kind = KINDS.get(archive.read(DECLARATION, MAX_DECLARATION_BYTES).strip())
    if kind is None:
        raise Rejected("unsupported_type", "mimetype")
    if MAIN_PART not in archive.names:
        raise Rejected("office_damaged", "the main part is missing")
    if any(name.lower().startswith(MACRO_FOLDERS) for name in archive.names):
        raise Rejected("office_macros")
    archive.copy_to(target, _watcher)
    return kind


def _watcher(name: str, head: bytes) -> Watcher | None:
    if not looks_like_xml(name, head):
        return None
    return XmlWatcher(_check_manifest if name == MANIFEST else _check_element)


def _check_manifest(element: str, _given: Mapping[str, str]) -> None:
    if element == "encryption-data":
        raise Rejected("password_needed")


def _check_element(element: str, given: Mapping[str, str]) -> None:
    href = given.get("href", "").strip()
    if element == "script" or "macro-name" in given or href.lower().startswith(("vnd.sun.star.script:", "macro:")):
        raise Rejected("office_macros")
    if element in LOADS or (element not in LINKS and _leads_outside(href)):
        raise Rejected("office_external_content", element[:40])


def _leads_outside(href: str) -> bool:
    if href.startswith("#") or href.lower().startswith(("data:", PACKAGE)):
        return False
    scheme = ":" in href.partition("/")[0]
    return scheme or href.startswith(("/", "\\")) or ".." in href.split("/")
