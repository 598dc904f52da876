"""What LibreOffice is told about each kind of file, so that it does not look for itself."""

from dataclasses import dataclass
from typing import Final

from paraph.documents.sniffing import DOC, DOCX, HTML, ODP, ODS, ODT, PPSX, PPT, PPTX, RTF, XLS, XLSX


@dataclass(frozen=True, slots=True)
class Kind:
    """suffix: of the file's name in the sandbox. reader: LibreOffice's import filter; "" leaves the choice to
    it (old binary files have several, by their version). writer: its export filter."""

    suffix: str
    reader: str
    writer: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a whole file found. media_type: one of KINDS. warnings: codes for the sender."""

    media_type: str
    warnings: tuple[str, ...] = ()


_TEXT: Final = "writer_pdf_Export"
_SHEET: Final = "calc_pdf_Export"
_SLIDES: Final = "impress_pdf_Export"

KINDS: Final[dict[str, Kind]] = {
    DOCX: Kind("docx", "MS Word 2007 XML", _TEXT),
    DOC: Kind("doc", "", _TEXT),
    ODT: Kind("odt", "writer8", _TEXT),
    RTF: Kind("rtf", "Rich Text Format", _TEXT),
    HTML: Kind("html", "HTML (StarWriter)", "writer_web_pdf_Export"),
    XLSX: Kind("xlsx", "Calc MS Excel 2007 XML", _SHEET),
    XLS: Kind("xls", "", _SHEET),
    ODS: Kind("ods", "calc8", _SHEET),
    PPTX: Kind("pptx", "Impress MS PowerPoint 2007 XML", _SLIDES),
    PPSX: Kind("ppsx", "Impress MS PowerPoint 2007 XML AutoPlay", _SLIDES),
    PPT: Kind("ppt", "", _SLIDES),
    ODP: Kind("odp", "impress8", _SLIDES),
}
