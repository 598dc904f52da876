"""Drawing on pages: a canvas for whole pages and for what is laid over existing ones."""

from paraph.documents.drawing.canvas import Canvas
from paraph.documents.drawing.content import draw_content
from paraph.documents.drawing.press import Press

__all__ = ["Canvas", "Press", "draw_content"]
"""Press: what all pages of a document share. Canvas: one page's worth of drawing."""
