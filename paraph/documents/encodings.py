"""Which characters the bytes of a text stand for: by its mark, as UTF-8 or UTF-16, else by the likeliest old
encoding. Standard library only: the process that receives uploads asks too."""

import codecs
import contextlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from paraph.documents.rejected import Rejected

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE_BYTES: Final = 4096
NULS_OF_UTF16: Final = 0.3
"""Share of NUL bytes at every other place, as text of our letters has in UTF-16."""
NO_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
OLD_END_OF_FILE: Final = "\x1a"
NO_CHARACTERS: Final = frozenset({"Cn", "Cs", "Co"})
LONG_RUN: Final = 1.8
"""Mean length of runs of bytes above ASCII. Western languages have single accents, others whole words."""
WESTERN: Final = "cp1252"
COMMON: Final = {
    "cp1251": "оеаинтсрвлк",
    "koi8-r": "оеаинтсрвлк",
    "cp1253": "αοιετσνρκπς",
    "cp1255": "יוהלאתרבמש",
    "cp1256": "اليمونترب",
    "cp874": "านรอกเงมยลวดท",
    "shift_jis": "のにはをたがでてとしれるいまン",
    "euc-jp": "のにはをたがでてとしれるいまン",
    "euc-kr": "이다는에을가의고하지로한기",
    "gb18030": "的一是不了在人有我他这和同方本合",
    "big5": "的一是不了在人有我他這和同方本合",
}
"""The commonest characters of the languages that an encoding was made for."""
ENCODING_GUESSED: Final = "text_encoding_guessed"
"""The warning for the sender."""
LIKELY: Final = 0.08
"""Least share of common characters beyond ASCII; in real text it is at least twice that."""


@dataclass(frozen=True, slots=True)
class Text:
    """What the bytes say. guessed: nothing in them told the encoding."""

    characters: str
    guessed: bool


def marked_encoding(data: bytes) -> str | None:
    """The Unicode encoding that the first bytes show, or None when they show none."""
    marked = next((name for mark, name in MARKS if data.startswith(mark)), None)
    if marked is not None:
        return marked
    sample = data[:SAMPLE_BYTES]
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if zeros and zeros.count(0) > NULS_OF_UTF16 * len(zeros) and sample.count(0) == zeros.count(0):
            return name
    return None


def text_of_head(head: bytes) -> str | None:
    """The first characters of a text, or None when the bytes are no text. The head may end in a character."""
    name = marked_encoding(head) or "utf-8"
    try:
        text = codecs.getincrementaldecoder(name)().decode(head).removeprefix("\ufeff")
    except UnicodeDecodeError:
        if name != "utf-8":
            return None
        text = head.decode("latin-1")  # an old encoding: its letters do not matter here
    if not head or NO_TEXT.search(text.rstrip(OLD_END_OF_FILE)):
        return None
    return None if any(unicodedata.category(character) in NO_CHARACTERS for character in text) else text


def decoded(data: bytes, declared: str | None = None) -> Text:
    """The whole text. declared: what its own markup says. Raises Rejected('text_unreadable')."""
    name = marked_encoding(data)
    try:
        return Text(data.decode(name or "utf-8").removeprefix("\ufeff").rstrip(OLD_END_OF_FILE), False)
    except UnicodeDecodeError as broken:
        if name is not None:
            raise Rejected("text_unreadable", name) from broken
    for guess in filter(None, (declared, likeliest_encoding(data))):
        with contextlib.suppress(UnicodeError, LookupError):
            return Text(data.decode(guess).rstrip(OLD_END_OF_FILE), guess != declared)
    raise Rejected("text_unreadable")


def likeliest_encoding(data: bytes) -> str:
    """The old encoding whose commonest characters these bytes hold most, Western when none stands out."""
    runs = re.findall(rb"[\x80-\xff]+", data[: SAMPLE_BYTES * 16])
    if sum(map(len, runs)) < LONG_RUN * max(1, len(runs)):
        return WESTERN
    best, name = max((_share_of_common(data[: SAMPLE_BYTES * 4], name), name) for name in COMMON)
    return name if best >= LIKELY else WESTERN


def _share_of_common(sample: bytes, name: str) -> float:
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return 0.0
    beyond = [character for character in text if character > "\x7f"]
    common = frozenset(COMMON[name])
    return sum(character in common for character in beyond) / max(1, len(beyond))
