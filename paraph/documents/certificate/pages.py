"""The parts of the certificate in their order."""

from typing import Final

from paraph.documents.certificate.flow import (
    BLACK,
    FOOTER_TOP,
    GREY,
    INNER,
    MARGIN,
    WIDTH,
    Flow,
    lines_of,
)
from paraph.documents.drawing import Canvas, Press, draw_content
from paraph.documents.drawing.canvas import Area
from paraph.documents.lettering import Setting
from paraph.documents.lettering.setting import LINE_HEIGHT
from paraph.documents.shapes import Certificate, CertificateSection, LogEntry

TITLE_SIZE: Final = 20.0
HEADING_SIZE: Final = 11.5
TEXT_SIZE: Final = 8.5
FOOTER_SIZE: Final = 7.5
LABEL_WIDTH: Final = 140.0
COLUMN_GAP: Final = 10.0
ROW_GAP: Final = 2.5
SECTION_GAP: Final = 14.0
KEEP_WITH_HEADING: Final = 40.0
"""A heading is not left alone at the foot of a page."""
PICTURE_WIDTH: Final = 180.0
PICTURE_HEIGHT: Final = 54.0
SEQUENCE_WIDTH: Final = 30.0
TIME_WIDTH: Final = 118.0
HASH_WIDTH: Final = 96.0


def draw_certificate(press: Press, certificate: Certificate) -> list[Canvas]:
    """The certificate's pages, drawn but not yet added to the document."""
    flow = Flow(press)
    flow.paragraph(certificate.title, MARGIN, INNER, TITLE_SIZE)
    if certificate.subtitle:
        flow.space(ROW_GAP)
        flow.paragraph(certificate.subtitle, MARGIN, INNER, HEADING_SIZE, GREY)
    for section in certificate.sections:
        _draw_section(flow, section)
    if certificate.log:
        _draw_log(flow, certificate)
    _draw_footers(flow.canvases, certificate.footer)
    return flow.canvases


def _draw_section(flow: Flow, section: CertificateSection) -> None:
    _draw_heading(flow, section.heading)
    for label, value in section.rows:
        _draw_row(flow, label, value)
    if section.picture is not None:
        flow.need(PICTURE_HEIGHT + ROW_GAP)
        flow.line(section.picture_label, MARGIN, LABEL_WIDTH, TEXT_SIZE, GREY)
        area = Area(MARGIN + LABEL_WIDTH + COLUMN_GAP, flow.y, PICTURE_WIDTH, PICTURE_HEIGHT)
        flow.canvas.frame(area, grey=0.8, thickness=0.5)
        draw_content(section.picture, flow.canvas, _inside(area))
        flow.space(PICTURE_HEIGHT + ROW_GAP)


def _draw_heading(flow: Flow, heading: str) -> None:
    flow.space(SECTION_GAP)
    flow.need(KEEP_WITH_HEADING)
    flow.paragraph(heading, MARGIN, INNER, HEADING_SIZE)
    flow.space(2)
    flow.canvas.rule(MARGIN, flow.y, INNER)
    flow.space(4)


def _draw_row(flow: Flow, label: str, value: str) -> None:
    flow.need(TEXT_SIZE * LINE_HEIGHT)
    # a label longer than its column is set smaller; only values wrap
    flow.line(label, MARGIN, LABEL_WIDTH, TEXT_SIZE, GREY)
    x = MARGIN + LABEL_WIDTH + COLUMN_GAP
    flow.paragraph(value or "–", x, WIDTH - MARGIN - x, TEXT_SIZE)
    flow.space(ROW_GAP)


def _draw_log(flow: Flow, certificate: Certificate) -> None:
    _draw_heading(flow, certificate.log_heading)
    for entry in certificate.log:
        _draw_entry(flow, entry)


def _draw_entry(flow: Flow, entry: LogEntry) -> None:
    time_x = MARGIN + SEQUENCE_WIDTH
    text_x = time_x + TIME_WIDTH
    hash_x = WIDTH - MARGIN - HASH_WIDTH
    width = hash_x - text_x - COLUMN_GAP
    flow.need(TEXT_SIZE * LINE_HEIGHT * min(len(lines_of(entry.text, width, TEXT_SIZE)), 6))
    flow.line(str(entry.sequence), MARGIN, SEQUENCE_WIDTH - 4, TEXT_SIZE, GREY)
    flow.line(entry.time, time_x, TIME_WIDTH - 6, TEXT_SIZE, GREY)
    flow.line(entry.hash_prefix, hash_x, HASH_WIDTH, TEXT_SIZE, GREY)
    flow.paragraph(entry.text or "–", text_x, width, TEXT_SIZE, BLACK)
    flow.space(1)
    flow.canvas.rule(MARGIN, flow.y, INNER, grey=0.88)
    flow.space(ROW_GAP)


def _draw_footers(canvases: list[Canvas], footer: str) -> None:
    for number, canvas in enumerate(canvases, 1):
        canvas.rule(MARGIN, FOOTER_TOP - 4, INNER)
        count = f"{number} / {len(canvases)}"
        left = Area(MARGIN, FOOTER_TOP, INNER - 60, 12)
        right = Area(WIDTH - MARGIN - 50, FOOTER_TOP, 50, 12)
        canvas.text(footer, left, Setting(FOOTER_SIZE, colour=GREY))
        canvas.text(count, right, Setting(FOOTER_SIZE, colour=GREY, align="right"))


def _inside(area: Area) -> Area:
    return Area(area.x + 4, area.y + 4, area.width - 8, area.height - 8)
