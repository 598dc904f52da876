"""Office archives: bounded before anything is unpacked, and written anew, so that LibreOffice reads exactly the
parts that were checked and nothing that two readers of zip files might see differently."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from paraph.documents.limits import MEBIBYTE
from paraph.documents.rejected import Rejected

MAX_MEMBERS: Final = 2000
MAX_UNPACKED_BYTES: Final = 200 * MEBIBYTE
RATIO_MATTERS_FROM: Final = 10 * MEBIBYTE
MAX_RATIO: Final = 200
"""Of a member of that size; XML packs to a tenth or twentieth, blanks to a thousandth."""
MAX_NAME_CHARACTERS: Final = 300
ENCRYPTED: Final = 0x1
METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
BLOCK_BYTES: Final = 1 << 18
FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    OSError,
)

Watcher = Callable[[bytes, bool], None]
"""Is given a member piece by piece, and True with the last one. Raises Rejected."""
WatcherOf = Callable[[str, bytes], Watcher | None]
"""Who watches a member, by its name and first bytes."""


class Archive:
    """A zip file within the bounds; `names` are its members in order, folders left out."""

    def __init__(self, packed: zipfile.ZipFile, size: int) -> None:
        self._packed = packed
        members = packed.infolist()
        _check_bounds(members, size)
        self._members = {member.filename: member for member in members if not member.is_dir()}
        self.names = tuple(self._members)
        _check_names([member.filename for member in members])

    def read(self, name: str, most: int) -> bytes:
        """The whole of a small member; b"" when there is none. Raises Rejected."""
        member = self._members.get(name)
        if member is None:
            return b""
        if member.file_size > most:
            raise Rejected("office_damaged", "a small part is large")
        with _named_damage():
            return self._packed.read(member)

    def copy_to(self, target: Path, watcher_of: WatcherOf) -> None:
        """Write every member anew, stored, while its watcher looks on."""
        with _named_damage(), zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as written:
            for member in self._members.values():
                self._copy(member, written, watcher_of)

    def _copy(self, member: zipfile.ZipInfo, written: zipfile.ZipFile, watcher_of: WatcherOf) -> None:
        fresh = zipfile.ZipInfo(member.filename, FIXED_DATE)
        fresh.file_size = member.file_size
        with self._packed.open(member) as source, written.open(fresh, "w") as copy:
            piece = source.read(BLOCK_BYTES)
            watcher = watcher_of(member.filename, piece)
            while True:
                following = source.read(BLOCK_BYTES)
                if watcher is not None:
                    watcher(piece, not following)
                copy.write(piece)
                if not following:
                    return
                piece = following


@contextmanager
def open_archive(source: Path) -> Iterator[Archive]:
    """The archive in this file. Raises Rejected."""
    with _named_damage(), zipfile.ZipFile(source) as packed:
        yield Archive(packed, source.stat().st_size)


@contextmanager
def _named_damage() -> Iterator[None]:
    try:
        yield
    except DAMAGE as damage:
        raise Rejected("office_damaged", str(damage)) from damage


def _check_bounds(members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MAX_MEMBERS:
        raise Rejected("office_too_large", f"{len(members)} members")
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise Rejected("password_needed")
    if any(member.compress_type not in METHODS for member in members):
        raise Rejected("office_unsafe", "unusual packing")
    if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise Rejected("office_too_large")
    # members that lie over each other would be packed more than the file holds
    if sum(member.compress_size for member in members) > size:
        raise Rejected("office_too_large", "members overlap")
    for member in members:
        if member.file_size > RATIO_MATTERS_FROM and member.file_size > MAX_RATIO * max(1, member.compress_size):
            raise Rejected("office_too_large", "packed too tightly")


def _check_names(names: list[str]) -> None:
    """No name that leads elsewhere, and none that another reader could take for another one."""
    if len({name.casefold() for name in names}) != len(names):
        raise Rejected("office_unsafe", "two members of one name")
    for name in names:
        steps = name.rstrip("/").split("/")
        if len(name) > MAX_NAME_CHARACTERS or "\\" in name or any(step in {"", ".", ".."} for step in steps):
            raise Rejected("office_unsafe", "a member's name")
