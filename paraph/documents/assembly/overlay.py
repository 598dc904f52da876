"""What is drawn over existing pages: one form a page, laid on top of content that intake has closed."""

import io
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name

from paraph.documents.assembly.addresses import ascii_address
from paraph.documents.drawing import Canvas, Press, draw_content
from paraph.documents.drawing.canvas import Area
from paraph.documents.geometry import Sheet, bounds_after
from paraph.documents.lettering import Setting
from paraph.documents.lettering.setting import number
from paraph.documents.naming import free_name
from paraph.documents.proof import prove_texts
from paraph.documents.rejected import DocumentFailure
from paraph.documents.shapes import Mark

MARKS: Final = "/ParaphMarks"
BANNER: Final = "/ParaphBanner"
BANNER_HEIGHT: Final = 14.0
BANNER_SIZE: Final = 8.5
BANNER_PAPER: Final = "1 0.93 0.93 rg"
BANNER_INK: Final = "0.75 0 0 rg"
PRINTED: Final = 4
"""Flag of an annotation that also prints (ISO 32000-1, 12.5.3)."""
BANNER_PAGE_SHARE: Final = 0.1
"""On a tiny page the banner takes no more of the height than this."""


class Overlays:
    """The drawings for the pages of one document; `lay` puts them there, `prove` reads them back."""

    def __init__(self, press: Press, first_pages: tuple[int, ...]) -> None:
        self._press = press
        self._first_pages = first_pages
        self._ends = (*first_pages[1:], len(press.pdf.pages) + 1)
        self._canvases: dict[int, Canvas] = {}
        self._banners: dict[tuple[float, float], pikepdf.Object] = {}
        self._laid: dict[int, str] = {}
        self._banner: str | None = None

    def draw(self, mark: Mark) -> None:
        """Raises DocumentFailure('mark_outside_document') when the mark has no such page, or its box is
        wholly outside of it."""
        index = self._page_index(mark)
        if index not in self._canvases:
            sheet = sheet_of(self._press.pdf.pages[index])
            self._canvases[index] = Canvas(self._press, sheet.width, sheet.height)
        canvas, box = self._canvases[index], mark.box
        inside_x = -box.width < box.x < canvas.width
        inside_y = -box.height < box.y < canvas.height
        if not (inside_x and inside_y):
            raise DocumentFailure("mark_outside_document", mark.name)
        draw_content(mark.content, canvas, Area(box.x, box.y, box.width, box.height))

    def draw_banner(self, text: str) -> None:
        """The same line at the top edge of every page there is when the overlays are laid."""
        self._banner = text

    def lay(self) -> None:
        pages = self._press.pdf.pages
        indices = range(len(pages)) if self._banner else sorted(self._canvases)
        for index in indices:
            page = pages[index]
            sheet = sheet_of(page)
            drawings: dict[str, pikepdf.Object] = {}
            if index in self._canvases:
                drawings[MARKS] = self._canvases[index].as_form()
            if self._banner:
                drawings[BANNER] = self._banner_form(sheet, self._banner)
            self._laid[index] = _lay_on(self._press.pdf, page, sheet, drawings)
            if index in self._canvases:
                _add_links(self._press.pdf, page, sheet, self._canvases[index])

    def prove(self, file: Path) -> None:
        """Read the marks of each page from the written file with nothing else on the page, so that text
        which was there before proves nothing. Raises DocumentFailure('value_not_in_document')."""
        expected = {index: canvas.texts for index, canvas in self._canvases.items() if canvas.texts}
        if not expected:
            return
        with pikepdf.open(file) as written, pikepdf.new() as alone:
            for index in expected:
                _copy_marks(written.pages[index], self._laid[index], alone)
            output = io.BytesIO()
            alone.save(output)
        prove_texts(output.getvalue(), dict(enumerate(expected.values())))

    def _page_index(self, mark: Mark) -> int:
        if not 0 <= mark.document_index < len(self._first_pages):
            raise DocumentFailure("mark_outside_document", mark.name)
        index = self._first_pages[mark.document_index] + mark.box.page - 2
        if index >= self._ends[mark.document_index] - 1:
            raise DocumentFailure("mark_outside_document", mark.name)
        return index

    def _banner_form(self, sheet: Sheet, text: str) -> pikepdf.Object:
        key = (round(sheet.width, 1), round(sheet.height, 1))
        if key not in self._banners:
            canvas = Canvas(self._press, sheet.width, sheet.height)
            height = min(BANNER_HEIGHT, sheet.height * BANNER_PAGE_SHARE)
            area = Area(0, 0, sheet.width, height)
            canvas.fill(area, BANNER_PAPER)
            size = BANNER_SIZE * height / BANNER_HEIGHT
            canvas.text(text, area, Setting(size, align="centre", colour=BANNER_INK))
            self._banners[key] = self._press.pdf.make_indirect(canvas.as_form())
        return self._banners[key]


def sheet_of(page: pikepdf.Page) -> Sheet:
    """The page as shown; intake wrote its boxes."""
    left, bottom, right, top = (float(value) for value in list(page.obj["/CropBox"]))
    return Sheet((left, bottom, right, top), int(page.obj["/Rotate"]))


def _lay_on(pdf: pikepdf.Pdf, page: pikepdf.Page, sheet: Sheet, drawings: dict[str, pikepdf.Object]) -> str:
    """Returns the name of the first drawing among the page's resources."""
    resources = page.obj.get("/Resources", Dictionary())
    own = Dictionary(dict(resources.items()))  # it may be shared with other pages
    objects = Dictionary(dict(own.get("/XObject", Dictionary()).items()))
    matrix = " ".join(number(value) for value in sheet.shown_to_user)
    operators, names = [], []
    for wanted, drawing in drawings.items():
        name = free_name(objects, wanted)
        objects[name] = drawing
        names.append(name)
        operators.append(f"q {matrix} cm {name} Do Q")
    own["/XObject"] = objects
    page.obj["/Resources"] = own
    page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
    page.contents_add(pdf.make_stream(("\nQ\n" + "\n".join(operators)).encode()))
    return names[0]


def _add_links(pdf: pikepdf.Pdf, page: pikepdf.Page, sheet: Sheet, canvas: Canvas) -> None:
    links = list(page.obj.get("/Annots", []))
    for url, area in canvas.links:
        top = canvas.height - area.y
        place = bounds_after(sheet.shown_to_user, (area.x, top - area.height, area.x + area.width, top))
        annotation = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([round(edge, 3) for edge in place]),
            Border=Array([0, 0, 0]),
            F=PRINTED,
            A=Dictionary(S=Name.URI, URI=pikepdf.String(ascii_address(url))),
        )
        links.append(pdf.make_indirect(annotation))
    if canvas.links:
        page.obj["/Annots"] = Array(links)


def _copy_marks(page: pikepdf.Page, name: str, alone: pikepdf.Pdf) -> None:
    """A page of the second document that shows only the marks of the first one's."""
    form = alone.copy_foreign(page.obj["/Resources"]["/XObject"][name])
    box = [float(value) for value in list(form["/BBox"])]
    bare = alone.add_blank_page(page_size=(box[2], box[3]))
    bare.obj["/Resources"] = Dictionary(XObject=Dictionary({"/Marks": form}))
    bare.obj["/Contents"] = alone.make_stream(b"/Marks Do")
    bare.obj["/Type"] = Name.Page
