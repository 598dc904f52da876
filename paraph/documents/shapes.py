"""The nouns of this room: plain frozen data that callers hand in and get back.

Coordinates are points (1/72 inch) of the page **as shown**: crop box and rotation applied, user unit
applied, origin top left, y downwards. Page numbers start at 1.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

MAX_LINES: Final = 400
MAX_POINTS: Final = 20_000
"""A drawn signature has some hundreds; more is no signature."""
LINK_SCHEMES: Final = frozenset({"http", "https", "mailto"})
LONGEST_URL: Final = 5000

Face = Literal["dancing-script", "caveat", "great-vibes", "allura", "marck-script", "homemade-apple"]
FontFamily = Literal[
    "helvetica",
    "arial",
    "courier",
    "calibri",
    "cambria",
    "georgia",
    "times",
    "trebuchet",
    "verdana",
    "roboto",
    "robotoMono",
    "notoSans",
    "notoSerif",
    "notoCJK-JP-Regular",
    "notoHebrew-Regular",
    "notoSanThaiMerged",
]
"""Names that senders know; `lettering.families` says which shipped face stands for each."""
Align = Literal["left", "centre", "right"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page. Raises ValueError when it has no size or no place."""

    page: int
    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        numbers = (self.x, self.y, self.width, self.height)
        if self.page < 1 or not all(map(math.isfinite, numbers)) or self.width <= 0 or self.height <= 0:
            raise ValueError("a box needs a page from 1, a place and a size")


@dataclass(frozen=True, slots=True)
class PageGeometry:
    """The size of one page as shown, in points; rotation is what the file's page carries (0/90/180/270)."""

    width: float
    height: float
    rotation: int


@dataclass(frozen=True, slots=True)
class NormalisedDocument:
    """What intake wrote: a sanitised PDF. had_signatures counts the digital signatures that were in the
    upload and were flattened to their look. warnings are codes, some with a page: `page_3_no_media_box`."""

    sha256: str
    byte_count: int
    page_count: int
    pages: tuple[PageGeometry, ...]
    media_type: str
    had_signatures: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakenPicture:
    """A picture that was re-encoded as PNG, with its size in pixels."""

    sha256: str
    byte_count: int
    width: int
    height: int


# --- what a mark shows ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypedText:
    """A typed signature or initials, in a handwriting face, as large as the box allows."""

    text: str
    face: Face


@dataclass(frozen=True, slots=True)
class Strokes:
    """A drawn signature: lines of points, each coordinate 0..1 of the box (0, 0 is its top left).

    aspect is width / height of the pad it was drawn on; the drawing keeps it inside the box.
    Raises ValueError for an empty drawing, too many points, or coordinates outside 0..1."""

    lines: tuple[tuple[Point, ...], ...]
    aspect: float | None = None

    def __post_init__(self) -> None:
        points = [point for line in self.lines for point in line]
        if not points or len(self.lines) > MAX_LINES or len(points) > MAX_POINTS:
            raise ValueError("a drawing needs at least one point and not too many")
        if not all(0 <= value <= 1 for point in points for value in point):
            raise ValueError("coordinates of a drawing lie between 0 and 1")
        if self.aspect is not None and not 0.01 <= self.aspect <= 100:
            raise ValueError("no pad has this shape")


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG (best one that `take_picture` wrote), re-encoded before it enters the document and
    fitted into the box."""

    path: Path


@dataclass(frozen=True, slots=True)
class PlainText:
    """Text in the text face, or that of a family. font_size: what is drawn when it fits, else smaller; None: as large
    as fits, at most 12 points. Line breaks are kept and long lines wrapped when multi_line. No ink leaves the box."""

    text: str
    font_size: float | None = None
    multi_line: bool = False
    align: Align = "left"
    family: FontFamily | None = None


@dataclass(frozen=True, slots=True)
class Hyperlink:
    """Words on one line that lead to an http, https or mailto address. Raises ValueError for any other address."""

    text: str
    url: str
    font_size: float | None = None
    family: FontFamily | None = None

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in LINK_SCHEMES or len(self.url) > LONGEST_URL:
            raise ValueError("a link leads to an http, https or mailto address")


@dataclass(frozen=True, slots=True)
class Tick:
    """A ticked or empty box, or a radio circle when round. framed draws the outline too."""

    ticked: bool = True
    round: bool = False
    framed: bool = False


MarkContent = TypedText | Strokes | Picture | PlainText | Hyperlink | Tick


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to draw: document_index counts the plan's documents from 0, box.page is a page of it.

    name says in a failure which mark it was (an id of the caller's, never shown)."""

    document_index: int
    box: Box
    content: MarkContent
    name: str = ""


# --- pages this room draws -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """One row of a signature page: who, and a caption below (an e-mail address, a role)."""

    name: str
    caption: str


@dataclass(frozen=True, slots=True)
class SignaturePagePlan:
    """A page (or more) that lists people, each with a labelled box to sign in and a line for the date."""

    title: str
    rows: tuple[SignatureRow, ...]
    introduction: str = ""
    width: float = 612.0
    height: float = 792.0
    signature_label: str = "Signature"
    date_label: str = "Date"


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """A drawn signature page: boxes and date_boxes in the order of the rows, page numbers within it."""

    sha256: str
    byte_count: int
    page_count: int
    pages: tuple[PageGeometry, ...]
    boxes: tuple[Box, ...]
    date_boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class CertificateSection:
    """A heading, labelled values, and perhaps the picture of a mark."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    picture: MarkContent | None = None
    picture_label: str = ""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the event log, all as text to print."""

    sequence: int
    time: str
    text: str
    hash_prefix: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """The pages that end a sealed file. Values may be long and of any script; they wrap and page."""

    title: str
    sections: tuple[CertificateSection, ...]
    log_heading: str = ""
    log: tuple[LogEntry, ...] = ()
    subtitle: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file embedded in the sealed PDF; name is what viewers show (never a path)."""

    name: str
    data: bytes
    media_type: str = "application/octet-stream"
    description: str = ""
