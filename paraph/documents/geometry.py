"""Where a point of the page as shown lies in the page's own space. Standard library only.

Two spaces: *shown* (points, origin bottom left of what a reader sees, y upwards) and *user* (the PDF's).
"""

from dataclasses import dataclass

Matrix = tuple[float, float, float, float, float, float]
Rectangle = tuple[float, float, float, float]
"""Left, bottom, right, top."""


def upright(corners: Rectangle) -> Rectangle:
    """The same rectangle with its corners in order."""
    left, bottom, right, top = corners
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def intersection(one: Rectangle, other: Rectangle) -> Rectangle:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def bounds_after(matrix: Matrix, rectangle: Rectangle) -> Rectangle:
    """The upright rectangle around a rectangle that a matrix has moved."""
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in rectangle[0::2] for y in rectangle[1::2]]
    ys = [b * x + d * y + f for x in rectangle[0::2] for y in rectangle[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its visible box in user space, and its rotation (0, 90, 180 or 270, clockwise)."""

    box: Rectangle
    rotation: int

    @property
    def width(self) -> float:
        """As shown."""
        return self._size[self.rotation % 180 != 0]

    @property
    def height(self) -> float:
        """As shown."""
        return self._size[self.rotation % 180 == 0]

    @property
    def _size(self) -> tuple[float, float]:
        left, bottom, right, top = self.box
        return right - left, top - bottom

    @property
    def shown_to_user(self) -> Matrix:
        left, bottom, right, top = self.box
        return {
            0: (1.0, 0.0, 0.0, 1.0, left, bottom),
            90: (0.0, 1.0, -1.0, 0.0, right, bottom),
            180: (-1.0, 0.0, 0.0, -1.0, right, top),
            270: (0.0, -1.0, 1.0, 0.0, left, top),
        }[self.rotation]

    @property
    def user_to_shown(self) -> Matrix:
        """The way back."""
        left, bottom, right, top = self.box
        return {
            0: (1.0, 0.0, 0.0, 1.0, -left, -bottom),
            90: (0.0, -1.0, 1.0, 0.0, -bottom, right),
            180: (-1.0, 0.0, 0.0, -1.0, right, top),
            270: (0.0, 1.0, -1.0, 0.0, top, -left),
        }[self.rotation]

    def as_seen(self, rectangle: Rectangle) -> Rectangle:
        """A rectangle of user space as (left, top, right, bottom), in points from the top left of what is shown."""
        left, bottom, right, top = bounds_after(self.user_to_shown, rectangle)
        return left, self.height - top, right, self.height - bottom
