"""What was read out of a document: plain frozen data, like `shapes`. Boxes are points of the page as shown."""

from dataclasses import dataclass
from typing import Literal

from paraph.documents.shapes import Box

FormFieldKind = Literal["text", "checkbox", "radio", "dropdown", "signature"]


@dataclass(frozen=True, slots=True)
class FoundText:
    """A piece of text in square brackets. box: around its first line; more: its further lines, when it wraps.

    text is what a reader sees, brackets included, without line breaks."""

    text: str
    box: Box
    more: tuple[Box, ...] = ()

    @property
    def page(self) -> int:
        return self.box.page


@dataclass(frozen=True, slots=True)
class HiddenTexts:
    """What hiding wrote: a file of the same pages. removed: pieces whose letters were taken out; covered: those
    that had to be painted over in white and can still be selected."""

    sha256: str
    byte_count: int
    removed: int
    covered: int


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text, or the part of it that stands in one column."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PageText:
    """The paragraphs of a page in reading order, each a tuple of lines. is_cut: the page holds more than is told."""

    paragraphs: tuple[tuple[TextLine, ...], ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class FoundFormField:
    """A field of a PDF form, as its maker placed it.

    name is its full name, which the buttons of one radio group share; label what its maker tells the reader; value
    the text it holds, or for a button the name of its "on" state; options are a dropdown's."""

    kind: FormFieldKind
    name: str
    box: Box
    label: str = ""
    value: str = ""
    options: tuple[str, ...] = ()
    is_required: bool = False
    is_read_only: bool = False
    is_checked: bool = False
    is_multi_line: bool = False


@dataclass(frozen=True, slots=True)
class FoundForm:
    """The form of an upload: its fields in page order, and the number of pages that were looked at."""

    sha256: str
    page_count: int
    fields: tuple[FoundFormField, ...] = ()
