"""The page for those who sign where no field was placed."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pikepdf

from paraph.documents.drawing import Canvas, Press
from paraph.documents.drawing.canvas import Area
from paraph.documents.lettering import Setting
from paraph.documents.limits import Limits
from paraph.documents.proof import prove_texts
from paraph.documents.shapes import Box, PageGeometry, PlacedPage, SignaturePagePlan, SignatureRow
from paraph.documents.storing import store

MARGIN: Final = 54.0
TITLE_HEIGHT: Final = 30.0
INTRODUCTION_HEIGHT: Final = 34.0
ROW_HEIGHT: Final = 104.0
ROW_GAP: Final = 16.0
SIGNATURE_SHARE: Final = 0.62
"""Of the page's inner width; the rest is the date."""
BOX_TOP: Final = 36.0
BOX_HEIGHT: Final = 52.0
GAP: Final = 18.0
GREY: Final = "0.4 g"


def build_signature_page(_limits: Limits, plan: SignaturePagePlan, target: Path) -> PlacedPage:
    """Draw the page, or as many as the rows need, to target."""
    boxes: list[Box] = []
    dates: list[Box] = []
    with pikepdf.new() as pdf:
        press = Press(pdf)
        canvases = []
        for number, (canvas, rows) in enumerate(_sheets(press, plan), 1):
            for top, row in rows:
                signature, date = _draw_row(canvas, plan, row, top)
                boxes.append(Box(number, signature.x, signature.y, signature.width, signature.height))
                dates.append(Box(number, date.x, date.y, date.width, date.height))
            canvas.as_page()
            canvases.append(canvas)
        press.finish()
        output = io.BytesIO()
        pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    prove_texts(output.getvalue(), {index: canvas.texts for index, canvas in enumerate(canvases)})
    stored = store(target, output.getvalue())
    pages = (PageGeometry(plan.width, plan.height, 0),) * len(canvases)
    return PlacedPage(stored.sha256, stored.byte_count, len(pages), pages, tuple(boxes), tuple(dates))


def _sheets(press: Press, plan: SignaturePagePlan) -> Iterator[tuple[Canvas, list[tuple[float, SignatureRow]]]]:
    """Each page with its rows and where they start."""
    waiting = list(plan.rows)
    while True:
        canvas = Canvas(press, plan.width, plan.height)
        top = _draw_head(canvas, plan)
        room = max(1, int((plan.height - MARGIN - top + ROW_GAP) // (ROW_HEIGHT + ROW_GAP)))
        here, waiting = waiting[:room], waiting[room:]
        yield canvas, [(top + index * (ROW_HEIGHT + ROW_GAP), row) for index, row in enumerate(here)]
        if not waiting:
            return


def _draw_head(canvas: Canvas, plan: SignaturePagePlan) -> float:
    """Title and introduction; returns where the rows begin."""
    width = plan.width - 2 * MARGIN
    canvas.text(plan.title, Area(MARGIN, MARGIN, width, TITLE_HEIGHT), Setting(18, fixed_top=True))
    top = MARGIN + TITLE_HEIGHT
    if plan.introduction:
        area = Area(MARGIN, top, width, INTRODUCTION_HEIGHT)
        canvas.text(plan.introduction, area, Setting(10, multi_line=True, colour=GREY, fixed_top=True))
        top += INTRODUCTION_HEIGHT
    canvas.rule(MARGIN, top, width)
    return top + ROW_GAP


def _draw_row(canvas: Canvas, plan: SignaturePagePlan, row: SignatureRow, top: float) -> tuple[Area, Area]:
    """One person's row; returns where the signature and the date go."""
    inner = plan.width - 2 * MARGIN
    width = inner * SIGNATURE_SHARE
    canvas.text(row.name, Area(MARGIN, top, inner, 18), Setting(12, fixed_top=True))
    canvas.text(row.caption, Area(MARGIN, top + 16, inner, 14), Setting(9, colour=GREY, fixed_top=True))
    signature = Area(MARGIN, top + BOX_TOP, width, BOX_HEIGHT)
    date = Area(MARGIN + width + GAP, top + BOX_TOP, inner - width - GAP, BOX_HEIGHT)
    for area, label in ((signature, plan.signature_label), (date, plan.date_label)):
        canvas.rule(area.x, area.y + area.height, area.width, grey=0.2, thickness=0.8)
        below = Area(area.x, area.y + area.height + 2, area.width, 12)
        canvas.text(label, below, Setting(8, colour=GREY, fixed_top=True))
    return signature, date
