"""One page's worth of drawing. Callers use points from the top left; content runs from the bottom left."""

from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name

from paraph.documents.drawing.press import Press
from paraph.documents.lettering import Setting, TextBox, readable, set_text
from paraph.documents.lettering.setting import number


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle with its origin at the top left of the page."""

    x: float
    y: float
    width: float
    height: float


class Canvas:
    """Collects operators and what they use. `texts` is every text that was drawn, as drawn; `links` are the addresses
    that areas of the page lead to."""

    def __init__(self, press: Press, width: float, height: float) -> None:
        self.press = press
        self.width = width
        self.height = height
        self.texts: list[str] = []
        self.links: list[tuple[str, Area]] = []
        self._operators: list[str] = []
        self._fonts: dict[str, pikepdf.Object] = {}
        self._objects: dict[str, pikepdf.Object] = {}

    def text(self, text: str, area: Area, setting: Setting) -> None:
        """Draw text inside the area; never beyond its width."""
        shown = readable(text, multi_line=setting.multi_line)
        if not shown.strip():
            return
        self.texts.append(shown)
        box = TextBox(area.x, self._bottom(area), area.width, area.height)
        self._operators += ["q", *set_text(self.press.fonts, self._fonts, shown, box, setting), "Q"]

    def link(self, url: str, area: Area) -> None:
        """Make the area lead to an address; whoever lays the drawing on a page makes the annotation."""
        self.links.append((url, area))

    def rule(self, x: float, y: float, width: float, grey: float = 0.75, thickness: float = 0.5) -> None:
        """A horizontal line."""
        level = number(self.height - y)
        self.operators(
            f"{number(grey)} G {number(thickness)} w {number(x)} {level} m {number(x + width)} {level} l S"
        )

    def fill(self, area: Area, colour: str) -> None:
        """A filled rectangle; colour is a fill operator."""
        self.operators(f"{colour} {self._rectangle(area)} f")

    def frame(self, area: Area, grey: float = 0.6, thickness: float = 0.75) -> None:
        """An empty rectangle."""
        self.operators(f"{number(grey)} G {number(thickness)} w {self._rectangle(area)} S")

    def operators(self, *operators: str) -> None:
        """Content with y upwards, in a graphics state of its own."""
        self._operators += ["q", *operators, "Q"]

    def place(self, drawn: pikepdf.Object, area: Area) -> None:
        """An image stretched over the area."""
        key = next((name for name, known in self._objects.items() if known is drawn), None)
        if key is None:
            key = f"/X{len(self._objects)}"
            self._objects[key] = drawn
        size = f"{number(area.width)} 0 0 {number(area.height)}"
        self.operators(f"{size} {number(area.x)} {number(self._bottom(area))} cm {key} Do")

    @property
    def empty(self) -> bool:
        return not self._operators

    def as_form(self) -> pikepdf.Stream:
        """The drawing as a form XObject that starts with a graphics state of its own."""
        return self.press.pdf.make_stream(
            "\n".join(self._operators).encode(),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, round(self.width, 3), round(self.height, 3)]),
            Resources=Dictionary(Font=Dictionary(self._fonts), XObject=Dictionary(self._objects)),
        )

    def as_page(self) -> pikepdf.Page:
        """The drawing as a new last page of the document."""
        page = self.press.pdf.add_blank_page(page_size=(self.width, self.height))
        page.obj["/CropBox"] = Array([0, 0, self.width, self.height])
        page.obj["/Rotate"] = 0
        page.obj["/Resources"] = Dictionary(XObject=Dictionary({"/ParaphPage": self.as_form()}))
        page.obj["/Contents"] = self.press.pdf.make_stream(b"q /ParaphPage Do Q")
        return page

    def _bottom(self, area: Area) -> float:
        return self.height - area.y - area.height

    def _rectangle(self, area: Area) -> str:
        left, bottom = number(area.x), number(self._bottom(area))
        return f"{left} {bottom} {number(area.width)} {number(area.height)} re"
