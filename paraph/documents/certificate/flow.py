"""Lines that follow each other down a page, and on to the next."""

from typing import Final

from paraph.documents.drawing import Canvas, Press
from paraph.documents.drawing.canvas import Area
from paraph.documents.lettering import Setting, readable, wrapped
from paraph.documents.lettering.setting import LINE_HEIGHT

WIDTH: Final = 612.0
HEIGHT: Final = 792.0
MARGIN: Final = 50.0
TOP: Final = 54.0
BOTTOM: Final = 60.0
INNER: Final = WIDTH - 2 * MARGIN
FOOTER_TOP: Final = HEIGHT - 40.0

BLACK: Final = "0 g"
GREY: Final = "0.4 g"


class Flow:
    """The pages so far and where the next line goes (points from the top)."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self.canvases: list[Canvas] = []
        self.y = HEIGHT
        self.new_page()

    @property
    def canvas(self) -> Canvas:
        return self.canvases[-1]

    def new_page(self) -> None:
        self.canvases.append(Canvas(self._press, WIDTH, HEIGHT))
        self.y = TOP

    def need(self, height: float) -> bool:
        """Go to a new page unless this height is left; True when there is a new one."""
        if self.y + height <= HEIGHT - BOTTOM:
            return False
        self.new_page()
        return True

    def space(self, height: float) -> None:
        self.y += height

    def line(self, text: str, x: float, width: float, size: float, colour: str = BLACK) -> None:
        """One line at the present height; the height stays."""
        self.canvas.text(text, Area(x, self.y, width, size * LINE_HEIGHT), Setting(size, colour=colour))

    def paragraph(self, text: str, x: float, width: float, size: float, colour: str = BLACK) -> None:
        """Wrapped lines, over as many pages as they take."""
        for line in lines_of(text, width, size):
            self.need(size * LINE_HEIGHT)
            self.line(line, x, width, size, colour)
            self.y += size * LINE_HEIGHT


def lines_of(text: str, width: float, size: float) -> list[str]:
    """The text as it will be drawn, in lines that fit."""
    return wrapped(readable(text, multi_line=True), width, size)
