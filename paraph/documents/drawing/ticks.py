"""Check boxes and radio circles."""

from paraph.documents.drawing.canvas import Area
from paraph.documents.lettering.setting import number
from paraph.documents.shapes import Tick

CIRCLE = 0.5523
"""How far the handles of a quarter circle reach, in radii."""


def tick_operators(tick: Tick, area: Area, page_height: float) -> list[str]:
    """Operators with y upwards, in the largest square in the middle of the area."""
    side = min(area.width, area.height)
    left = area.x + (area.width - side) / 2
    bottom = page_height - area.y - (area.height + side) / 2
    operators = ["0 G 0 g"]
    if tick.framed:
        operators += [f"{number(side * 0.06)} w", _outline(tick, left, bottom, side), "S"]
    if tick.ticked:
        operators += _filled(tick, left, bottom, side)
    return operators


def _outline(tick: Tick, left: float, bottom: float, side: float) -> str:
    if tick.round:
        return _circle(left + side / 2, bottom + side / 2, side * 0.47)
    inset = side * 0.03
    inner = number(side - 2 * inset)
    return f"{number(left + inset)} {number(bottom + inset)} {inner} {inner} re"


def _filled(tick: Tick, left: float, bottom: float, side: float) -> list[str]:
    if tick.round:
        return [_circle(left + side / 2, bottom + side / 2, side * 0.26), "f"]
    points = [(0.2, 0.5), (0.42, 0.25), (0.8, 0.78)]
    start, *rest = [f"{number(left + x * side)} {number(bottom + y * side)}" for x, y in points]
    return [f"{number(side * 0.12)} w 1 J 1 j {start} m", *(f"{point} l" for point in rest), "S"]


def _circle(x: float, y: float, radius: float) -> str:
    k = CIRCLE * radius
    bends = (
        (x + radius, y + k, x + k, y + radius, x, y + radius),
        (x - k, y + radius, x - radius, y + k, x - radius, y),
        (x - radius, y - k, x - k, y - radius, x, y - radius),
        (x + k, y - radius, x + radius, y - k, x + radius, y),
    )
    curves = " ".join(f"{' '.join(map(number, bend))} c" for bend in bends)
    return f"{number(x + radius)} {number(y)} m {curves}"
