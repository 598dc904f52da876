"""A drawn signature: what is refused, what is kept, how it is trimmed to its ink."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paraph.documents import Strokes
from paraph.signing.drawing import MAX_LINES, MAX_POINTS, Drawing, Unusable, read_drawing, svg_path, trimmed

LINE = [[0.1, 0.5], [0.4, 0.2], [0.9, 0.6]]


def sent(lines: object = None, aspect: object = 2) -> str:
    return json.dumps({"lines": [LINE] if lines is None else lines, "aspect": aspect})


def test_a_drawing_is_read_as_it_was_sent() -> None:
    drawing = read_drawing(sent())
    assert drawing.lines == (((0.1, 0.5), (0.4, 0.2), (0.9, 0.6)),)
    assert drawing.aspect == 2
    assert read_drawing(drawing.as_json()) == drawing


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "not json",
        "\ud800",
        sent([]),
        sent([[]]),
        sent([LINE, []]),
        sent([[[0.1]]]),
        sent([[[0.1, 0.2, 0.3]]]),
        sent([[["0.1", "0.2"]]]),
        sent([[[0.1, 1.01]]]),
        sent([[[-0.01, 0.5]]]),
        '{"lines": [[[NaN, 0.5]]], "aspect": 2}',
        '{"lines": [[[1e999, 0.5]]], "aspect": 2}',
        sent(aspect=0),
        sent(aspect=-2),
        sent(aspect=1e9),
        sent(aspect=None),
        sent([LINE] * (MAX_LINES + 1)),
        sent([[[0.5, 0.5]] * (MAX_POINTS + 1)]),
        "[" * 5000,
        '{"lines":' + "[" * 5000,
        " " * 300_000,
    ],
)
def test_what_is_no_drawing_is_refused_in_words(text: str) -> None:
    with pytest.raises(Unusable, match=r"[A-Z].*\."):
        read_drawing(text)


def test_the_largest_drawing_is_taken() -> None:
    points = MAX_POINTS // MAX_LINES
    drawing = read_drawing(sent([[[0.123456, 0.654321]] * points] * MAX_LINES))
    assert sum(len(line) for line in drawing.lines) == MAX_POINTS


def test_trimming_cuts_the_empty_paper_away() -> None:
    small = Drawing((((0.4, 0.45), (0.6, 0.55)),), 2.0)
    tight = trimmed(small)
    xs = [x for line in tight.lines for x, _ in line]
    assert min(xs) < 0.15
    assert max(xs) > 0.85


def test_a_dot_stays_small() -> None:
    tight = trimmed(Drawing((((0.5, 0.5),),), 2.0))
    assert tight.aspect == pytest.approx(1)
    assert tight.lines == (((0.5, 0.5),),)


@given(
    st.lists(
        st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20).map(tuple),
        min_size=1,
        max_size=8,
    ).map(tuple),
    st.floats(0.2, 20),
)
def test_trimming_always_gives_strokes_the_documents_room_takes(
    lines: tuple[tuple[tuple[float, float], ...], ...], aspect: float
) -> None:
    tight = trimmed(Drawing(lines, aspect))
    strokes = Strokes(tight.lines, tight.aspect)
    assert [len(line) for line in strokes.lines] == [len(line) for line in lines]
    assert math.isfinite(tight.aspect)
    assert svg_path(tight, 100, 50).count("M") == len(lines)


def test_trimming_keeps_the_shape() -> None:
    square = Drawing((((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0)),), 2.0)
    tight = trimmed(square)
    (a, b, c, _) = tight.lines[0]
    width, height = (b[0] - a[0]) * tight.aspect, c[1] - b[1]
    assert width == pytest.approx(height, rel=1e-2)
