"""Documents with the same five text tags, made in the thirteen ways that programs paint text.

Those of Chromium, LibreOffice and Typst are kept as those programs wrote them; the others are written here.
"""

from collections.abc import Callable
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name

from tests.documents.samples import A4, pdf_bytes

TAGS = (
    "[sig|req|signer1]",
    "[initial|req|signer1|Initials|init_1]",
    "[text|noreq|signer2|Full name|name_1]",
    "[check|noreq|signer1|Agree|chk]",
    "[date|req|signer2]",
)
KEPT = Path(__file__).parent / "tagged"
COURIER_ADVANCE = 0.6
SIZE = 11


def document(*contents: str, size: tuple[float, float] = A4, **entries: object) -> pikepdf.Pdf:
    """A page for each content, with Helvetica as /H, Courier as /C and Times as /T."""
    pdf = pikepdf.new()
    fonts = {
        key: pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{name}")))
        for key, name in {"/H": "Helvetica", "/C": "Courier", "/T": "Times-Roman"}.items()
    }
    for content in contents:
        page = pdf.add_blank_page(page_size=size)
        page.obj["/Resources"] = Dictionary(Font=Dictionary(fonts))
        page.obj["/Contents"] = pdf.make_stream(content.encode())
        for key, value in entries.items():
            page.obj[f"/{key}"] = value
    return pdf


def shown(text: str, x: float, y: float, font: str = "H", before: str = "") -> str:
    return f"BT {before} /{font} {SIZE} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n"


def lines(before: str = "", top: float = 760) -> str:
    return "".join(
        shown(f"Clause {row}. Please complete: ", 60, top - 40 * row)
        + shown(f"{tag} and so on", 240, top - 40 * row, before=before)
        for row, tag in enumerate(TAGS)
    )


def letters(tag: str, y: float) -> list[str]:
    return [shown(letter, 60 + SIZE * COURIER_ADVANCE * at, y, "C") for at, letter in enumerate(tag)]


def plain() -> pikepdf.Pdf:
    return document(lines())


def white_text() -> pikepdf.Pdf:
    return document(lines(before="1 g"))


def rotated() -> pikepdf.Pdf:
    return document(lines(top=560), size=(842, 595), Rotate=90)


def letter_spacing() -> pikepdf.Pdf:
    return document("".join(shown(tag, 60, 760 - 60 * row, "T", "2.5 Tc") for row, tag in enumerate(TAGS)))


def letter_by_letter() -> pikepdf.Pdf:
    return document("".join("".join(letters(tag, 760 - 60 * row)) for row, tag in enumerate(TAGS)))


def painted_backwards() -> pikepdf.Pdf:
    return document("".join("".join(reversed(letters(tag, 760 - 60 * row))) for row, tag in enumerate(TAGS)))


def slanted() -> pikepdf.Pdf:
    turned = "0.94 0.342 -0.342 0.94"
    return document(
        "".join(f"q {turned} 80 {700 - 120 * row} cm {shown(tag, 0, 0)} Q\n" for row, tag in enumerate(TAGS))
    )


def wrapped() -> pikepdf.Pdf:
    content = ""
    for row, tag in enumerate(TAGS):
        half, y = len(tag) // 2, 760 - 80 * row
        content += shown(f"see {tag[:half]}", 420, y) + shown(f"{tag[half:]} for more", 60, y - 14)
    return document(content)


def struck_twice() -> pikepdf.Pdf:
    return document(f"{lines()} q 1 0 0 1 0.3 0 cm {lines()} Q")


def hundred_pages() -> pikepdf.Pdf:
    words = "the party of the first part shall indemnify and hold harmless each signatory against any claim"
    text = "".join(shown(words, 50, 800 - 13 * row) for row in range(20))
    tags = (shown(f"[initial|req|signer1|I|i{number}]", 60, 60) for number in range(100))
    dates = (shown(f"[date|req|signer1|D|d{number}]", 300, 60) for number in range(100))
    return document(*(text + tag + date for tag, date in zip(tags, dates, strict=True)))


KINDS: dict[str, Callable[[], bytes]] = {
    "bold_by_double_strike": lambda: pdf_bytes(struck_twice()),
    "letter_spacing": lambda: pdf_bytes(letter_spacing()),
    "chromium": (KEPT / "chromium.pdf").read_bytes,
    "hundred_pages": lambda: pdf_bytes(hundred_pages()),
    "libreoffice": (KEPT / "libreoffice.pdf").read_bytes,
    "letter_by_letter": lambda: pdf_bytes(letter_by_letter()),
    "plain": lambda: pdf_bytes(plain()),
    "painted_backwards": lambda: pdf_bytes(painted_backwards()),
    "rotated": lambda: pdf_bytes(rotated()),
    "slanted": lambda: pdf_bytes(slanted()),
    "typst": (KEPT / "typst.pdf").read_bytes,
    "white_text": lambda: pdf_bytes(white_text()),
    "wrapped_lines": lambda: pdf_bytes(wrapped()),
}


# --- odder ways ---


def in_passes() -> pikepdf.Pdf:
    """The first halves of all tags, then the second halves: no line is whole in the order of painting."""
    content = ""
    for second in (False, True):
        for row, tag in enumerate(TAGS):
            half = len(tag) // 2
            content += "".join(letters(tag, 760 - 40 * row)[half:] if second else letters(tag, 760 - 40 * row)[:half])
    return document(content)


def in_a_shared_form() -> pikepdf.Pdf:
    """The tags stand in one form that both pages draw, scaled, next to text of their own."""
    pdf = document("q 0.5 0 0 0.5 20 30 cm /Form Do Q\n" + shown("first", 60, 20), shown("second", 60, 20))
    form = pdf.make_stream(lines().encode(), Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 595, 842]))
    form["/Resources"] = pdf.pages[0].obj["/Resources"]
    pdf.pages[0].obj["/Resources"] = Dictionary(
        Font=pdf.pages[0].obj["/Resources"]["/Font"], XObject=Dictionary(Form=pdf.make_indirect(form))
    )
    return pdf


def of_unknown_widths() -> pikepdf.Pdf:
    """A font whose widths no file tells: the letters cannot be placed, so they can only be covered."""
    pdf = document(lines())
    for key in ("/H",):
        pdf.pages[0].obj["/Resources"]["/Font"][key]["/BaseFont"] = Name("/Unheard-Of")
    return pdf
