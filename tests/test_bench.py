"""The arithmetic behind the bench's table; what it measures is never asserted."""

from __future__ import annotations

import os
import time

import pytest

from bench.measuring import Slice, Slices, Table, cpu_seconds, percentile, ratio, resident_mb, spread


def turn(rate: int, errors: int = 0) -> Slice:
    return Slice(calls=rate * 2, seconds=2, p50_ms=1, p99_ms=5, errors=errors)


def test_a_table_sets_words_left_and_figures_right() -> None:
    table = Table("case", "who", "rate", words=2)
    table.row("bearer", "ours", "1,200")
    table.row("", "the other", "90")
    assert table.lines() == ["case    who         rate", "bearer  ours       1,200", "        the other     90"]
    with pytest.raises(ValueError, match="4 cells for 3 columns"):
        table.row("1", "2", "3", "4")


def test_ratios() -> None:
    assert [ratio(300, 100), ratio(1234, 100), ratio(1, 3)] == ["3.00 x", "12.3 x", "0.33 x"]
    assert ratio(5, 0) == ratio(0, 5) == "-"


def test_percentiles_and_spread() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1)] == [50, 95, 99, 100]
    assert percentile([], 0.5) == 0
    assert spread([10, 10, 10]) == 0
    assert spread([8, 10, 12]) == pytest.approx(0.1)


def test_a_turn_with_errors_is_no_measurement() -> None:
    slices = Slices([turn(100), turn(1000, errors=1), turn(120)])
    assert slices.rate == 110
    assert slices.errors == 1


def test_shares_compare_turns_of_the_same_round() -> None:
    quiet_then_busy, reference = Slices([turn(50), turn(10)]), Slices([turn(100), turn(20)])
    assert quiet_then_busy.share_of(reference) == 0.5
    assert Slices([turn(50, errors=1)]).share_of(reference) == 0


def test_work_shows_in_processor_time_and_memory() -> None:
    before, end = cpu_seconds([os.getpid()]), time.process_time() + 0.1
    while time.process_time() < end:
        pass
    assert cpu_seconds([os.getpid()]) - before >= 0.08
    assert resident_mb([os.getpid()])[0] > 10
