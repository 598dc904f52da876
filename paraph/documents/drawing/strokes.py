"""A drawn signature as smooth lines."""

from itertools import pairwise

from paraph.documents.drawing.canvas import Area
from paraph.documents.lettering.setting import number
from paraph.documents.shapes import Point, Strokes

PEN_SHARE = 0.022
"""Pen width as a share of the drawing's height."""
MIN_PEN, MAX_PEN = 0.6, 2.2


def stroke_operators(drawing: Strokes, area: Area, page_height: float, colour: str) -> list[str]:
    """Operators with y upwards; the drawing keeps the shape of the pad it came from."""
    aspect = drawing.aspect or area.width / area.height
    width = min(area.width, area.height * aspect)
    height = width / aspect
    left, top = area.x + (area.width - width) / 2, area.y + (area.height - height) / 2
    pen = min(max(height * PEN_SHARE, MIN_PEN), MAX_PEN)
    operators = [f"{colour} 1 J 1 j {number(pen)} w"]
    for line in drawing.lines:
        points = [(left + x * width, page_height - top - y * height) for x, y in line]
        if points:
            operators += [*_path(points), "S"]
    return operators


def _path(points: list[Point]) -> list[str]:
    """Through the midpoints of the given points, which are the bends (quadratic, raised to cubic)."""
    path = [f"{_at(points[0])} m"]
    current = points[0]
    for bend, following in pairwise(points[1:]):
        end = ((bend[0] + following[0]) / 2, (bend[1] + following[1]) / 2)
        path.append(f"{_at(_towards(current, bend))} {_at(_towards(end, bend))} {_at(end)} c")
        current = end
    # a single point is a dot: a line of no length with round caps
    return [*path, f"{_at(points[-1])} l"]


def _towards(start: Point, bend: Point) -> Point:
    return (start[0] + (bend[0] - start[0]) * 2 / 3, start[1] + (bend[1] - start[1]) * 2 / 3)


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
