"""Both systems of coordinates, moving in, and overlap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paraph.fields import FormField, OffThePages, PageSize, Place, PlacedField, PlannedField, Spot, land, overlapping

LETTER, SIDEWAYS = PageSize(612, 792), PageSize(792, 612)


def landed(pages: list[PageSize], **spot: Any) -> tuple[Place, bool]:
    asked = Spot(**{"document_index": 0, "page": None, "x": 0, "y": 0, "width": 40, "height": 40} | spot)
    found = land(PlannedField(FormField("a", "text", 0), asked), pages)
    return found.placed.place, found.was_moved


@pytest.mark.parametrize(
    ("pages", "spot", "place"),
    [
        ([LETTER], {"page": 1, "x": 10, "y": 20}, (1, 10, 20)),
        ([LETTER, LETTER], {"page": 2, "x": 612 - 36, "y": 792 - 36}, (2, 576, 756)),
        ([LETTER], {"x": 100, "y": 0}, (1, 0, 0)),
        ([LETTER], {"x": 200, "y": 80}, (1, 90, 72)),
        ([SIDEWAYS], {"x": 0, "y": 0}, (1, 0, 0)),
        ([LETTER, SIDEWAYS, LETTER], {"x": 50, "y": 880 + 100}, (2, 45, 90)),
        ([LETTER, SIDEWAYS, LETTER], {"x": 150, "y": 880 + 680 + 100}, (3, 45, 90)),
    ],
)
def test_a_field_lands(pages: list[PageSize], spot: dict[str, Any], place: tuple[int, float, float]) -> None:
    found, was_moved = landed(pages, **spot)
    assert (found.page, found.x, found.y) == pytest.approx(place)
    assert (found.width, found.height) == (36, 36)
    assert not was_moved


@pytest.mark.parametrize(
    ("spot", "place"),
    [
        ({"page": 1, "x": 600, "y": 10}, (576, 10)),
        ({"page": 1, "x": -10, "y": 790}, (0, 756)),
        ({"x": 20, "y": 80}, (0, 72)),  # left of the old origin
    ],
)
def test_what_sticks_out_is_moved_in(spot: dict[str, Any], place: tuple[float, float]) -> None:
    found, was_moved = landed([LETTER], **spot)
    assert (found.x, found.y) == pytest.approx(place)
    assert was_moved


@pytest.mark.parametrize(
    "spot",
    [
        {"page": 2},
        {"page": 1, "x": 613},
        {"page": 1, "y": 793},
        {"page": 1, "x": -41},
        {"page": 1, "y": -41},
        {"y": 881},
        {"x": 781},
        {"y": 1e6},
    ],
)
def test_no_page_no_field(spot: dict[str, Any]) -> None:
    with pytest.raises(OffThePages) as caught:
        landed([LETTER], **spot)
    assert "“a”" in caught.value.sentence


numbers = st.floats(-2000, 4000, allow_nan=False)
sides = st.floats(0.1, 3000, allow_nan=False)
sizes = st.lists(st.builds(PageSize, st.floats(5, 2000), st.floats(5, 2000)), min_size=1, max_size=3)


@given(sizes, st.none() | st.integers(1, 4), numbers, numbers, sides, sides)
def test_a_landed_field_lies_on_its_page(
    pages: list[PageSize], page: int | None, x: float, y: float, width: float, height: float
) -> None:
    try:
        found, _ = landed(pages, page=page, x=x, y=y, width=width, height=height)
    except OffThePages:
        return
    sheet = pages[found.page - 1]
    assert 0 <= found.x <= found.x + found.width <= sheet.width + 1e-6
    assert 0 <= found.y <= found.y + found.height <= sheet.height + 1e-6


def placed(number: int, x: float, y: float, width: float, height: float) -> PlacedField:
    return PlacedField(FormField(f"f{number}", "text", 0), Place(0, 1, x, y, width, height))


spots = st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(4, 30), st.integers(4, 30))


@given(st.lists(spots, max_size=25))
def test_an_overlap_is_seen_if_there_is_one(boxes: list[tuple[int, int, int, int]]) -> None:
    fields = [placed(number, *box) for number, box in enumerate(boxes)]
    there_is_one = any(
        min(a[0] + a[2], b[0] + b[2]) > max(a[0], b[0]) and min(a[1] + a[3], b[1] + b[3]) > max(a[1], b[1])
        for place, a in enumerate(boxes)
        for b in boxes[:place]
    )
    assert bool(overlapping(fields, 5)) is there_is_one


def test_fields_of_different_pages_do_not_overlap() -> None:
    one, other = placed(1, 0, 0, 9, 9), placed(2, 0, 0, 9, 9)
    elsewhere = PlacedField(other.field, Place(1, 1, 0, 0, 9, 9))
    assert overlapping([one, elsewhere], 5) == []
    assert overlapping([one, other], 5) == [(one, other)]
