"""The table of contents of an old Office file (OLE2 compound file, [MS-CFB]), and what it tells: kind, macros,
password. Only this is read; the rest is LibreOffice's, in its sandbox."""

import struct
from dataclasses import dataclass
from typing import Final

from paraph.documents.rejected import Rejected
from paraph.documents.sniffing import DOC, PPT, XLS

HEADER_BYTES: Final = 512
ENTRY_BYTES: Final = 128
FIRST_TABLES: Final = 109
MAX_ENTRIES: Final = 100_000
END: Final = 0xFFFFFFFA
"""This and all above are no sectors."""
SECTOR_SHIFTS: Final = (9, 12)
SMALL_SHIFT: Final = 6
SMALL_BYTES: Final = 4096
STORAGE, STREAM, ROOT = 1, 2, 5

MAIN_STREAMS: Final = {
    "worddocument": DOC,
    "workbook": XLS,
    "book": XLS,
    "powerpoint document": PPT,
}
MACROS: Final = frozenset({"macros", "_vba_project_cur", "vba", "_vba_project"})
LOCKED: Final = frozenset({"encryptedpackage", "encryptedsummary"})
WORD_FLAGS_AT: Final = 0x0A
WORD_ENCRYPTED: Final = 0x0100
EXCEL_FILE_PASS: Final = 0x002F
RECORD: Final = struct.Struct("<HH")


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream or storage: its lower-case name and the offset where it begins in the file."""

    name: str
    offset: int


def kind_of_compound(data: bytes) -> str:
    """DOC, XLS or PPT. Raises Rejected: unsupported_type, office_macros, password_needed, office_damaged."""
    try:
        entries = _entries(data)
    except (struct.error, IndexError) as damage:
        raise Rejected("office_damaged", str(damage)) from damage
    names = {entry.name for entry in entries}
    if names & LOCKED:
        raise Rejected("password_needed")
    main = next((entry for entry in entries if entry.name in MAIN_STREAMS), None)
    if main is None:
        raise Rejected("unsupported_type", "no main stream")
    if names & MACROS:
        raise Rejected("office_macros")
    kind = MAIN_STREAMS[main.name]
    if _is_locked(data[main.offset : main.offset + HEADER_BYTES], kind):
        raise Rejected("password_needed")
    return kind


def _is_locked(start: bytes, kind: str) -> bool:
    if kind == DOC:
        flags = int.from_bytes(start[WORD_FLAGS_AT : WORD_FLAGS_AT + 2], "little")
        return bool(flags & WORD_ENCRYPTED)
    if kind != XLS:
        return False
    place = 0
    while place + RECORD.size <= len(start):
        record, size = RECORD.unpack_from(start, place)
        if record == EXCEL_FILE_PASS:
            return True
        place += RECORD.size + size
    return False


def _entries(data: bytes) -> list[Entry]:
    """Streams and storages, each with the place of its first byte."""
    shift, small_shift = struct.unpack_from("<HH", data, 0x1E)
    if shift not in SECTOR_SHIFTS or small_shift != SMALL_SHIFT:
        raise Rejected("office_damaged", "sector size")
    size = 1 << shift
    table = _allocation_table(data, size)
    records = _records(data, table, size)
    # small streams lie together in the stream of the root entry
    container = next((_chain(first, table) for _, kind, first, _ in records if kind == ROOT), [])
    found = []
    for name, kind, first, length in records:
        offset = (first + 1) * size
        if kind == STREAM and length < SMALL_BYTES:
            place = first << small_shift
            offset = (container[place >> shift] + 1) * size + place % size if place >> shift < len(container) else 0
        found.append(Entry(name, offset))
    return found


def _records(data: bytes, table: list[int], size: int) -> list[tuple[str, int, int, int]]:
    """Name, kind, first sector and length of every entry."""
    (sector,) = struct.unpack_from("<I", data, 0x30)
    found: list[tuple[str, int, int, int]] = []
    for here in _chain(sector, table):
        start = (here + 1) * size
        for place in range(start, start + size, ENTRY_BYTES):
            characters, kind = struct.unpack_from("<HB", data, place + 64)
            if kind in (STORAGE, STREAM, ROOT):
                name = data[place : place + max(0, min(characters, 64) - 2)].decode("utf-16-le", "replace")
                found.append((name.lower(), kind, *struct.unpack_from("<II", data, place + 116)))
        if len(found) > MAX_ENTRIES:
            raise Rejected("office_too_large", "entries")
    return found


def _allocation_table(data: bytes, size: int) -> list[int]:
    """Which sector follows which."""
    per_sector = size // 4
    places = list(struct.unpack_from(f"<{FIRST_TABLES}I", data, 0x4C))
    (more,) = struct.unpack_from("<I", data, 0x44)
    seen: set[int] = set()
    while more < END and more not in seen:
        seen.add(more)
        *further, more = struct.unpack_from(f"<{per_sector}I", data, (more + 1) * size)
        places += further
    table: list[int] = []
    for place in places:
        if place < END:
            table += struct.unpack_from(f"<{per_sector}I", data, (place + 1) * size)
    return table


def _chain(sector: int, table: list[int]) -> list[int]:
    """The sectors of a stream from its first. Raises IndexError when it leads nowhere, Rejected for a loop."""
    chain: list[int] = []
    seen: set[int] = set()
    while sector < END:
        if sector in seen:
            raise Rejected("office_damaged", "a chain loops")
        seen.add(sector)
        chain.append(sector)
        sector = table[sector]
    return chain
