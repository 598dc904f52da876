"""Fault points: off unless the operator says twice that this server is there to be broken; all in the table."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import paraph
from paraph.kit import faults
from paraph.kit.faults import LABELS, STOPPED_AT, FaultInjected, Point, arm, fault_point, read_points
from paraph.kit.settings import Settings, SettingsError, load_settings

SOURCE = Path(paraph.__file__).parent


@pytest.fixture(autouse=True)
def disarmed(tmp_path: Path) -> Iterator[None]:
    yield
    arm("", tmp_path)


def labels_in(file: Path) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    named = [one for one in calls if isinstance(one.func, ast.Name) and one.func.id == "fault_point"]
    return [ast.literal_eval(one.args[0]) for one in named]


def test_every_fault_point_of_the_program_is_in_the_table_and_the_other_way_round() -> None:
    used = [label for file in SOURCE.rglob("*.py") if file.name != "faults.py" for label in labels_in(file)]
    assert set(used) == set(LABELS)
    # each step is one place; the two engines commit, and the two stores store, in their own ways
    twice = {"commit.before", "commit.after", "file.written", "file.placed"}
    assert {label for label in used if used.count(label) > 1} == twice


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PARAPH_FAULT_POINTS": "commit.after"}, "they need PARAPH_TESTING=true"),
        ({"PARAPH_CLOCK_OFFSET_SECONDS": "60"}, "they need PARAPH_TESTING=true"),
        ({"PARAPH_FAULT_POINTS": "commit.after", "PARAPH_TESTING": "no"}, "they need PARAPH_TESTING=true"),
        ({"PARAPH_FAULT_POINTS": "commit.never", "PARAPH_TESTING": "1"}, "there is no fault point commit.never"),
        ({"PARAPH_FAULT_POINTS": "commit.after#0", "PARAPH_TESTING": "1"}, "is not a fault point such as"),
        ({"PARAPH_FAULT_POINTS": "commit.after=melt", "PARAPH_TESTING": "1"}, "is not a fault point such as"),
        ({"PARAPH_CLOCK_OFFSET_SECONDS": "-1", "PARAPH_TESTING": "1"}, "must be 0 or more"),
    ],
)
def test_a_server_is_broken_only_on_purpose(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence.replace("(", r"\(")):
        load_settings(environ)


def test_what_the_setting_says() -> None:
    assert Settings(testing=True, fault_points="commit.after").fault_points == "commit.after"
    assert read_points(" job.done[mail.deliver]#2=stop, commit.after") == (
        Point("job.done", "mail.deliver", 2, "stop"),
        Point("commit.after"),
    )
    assert read_points("") == ()


def test_it_strikes_once_at_the_passing_that_was_named(tmp_path: Path) -> None:
    arm("job.done[mail.deliver]#2=fail", tmp_path)
    fault_point("job.done", "mail.deliver")
    fault_point("job.done", "events.deliver")
    fault_point("job.claimed", "mail.deliver")
    with pytest.raises(FaultInjected, match=r"job\.done"):
        fault_point("job.done", "mail.deliver")
    fault_point("job.done", "mail.deliver")


def test_a_stopped_process_goes_on_once_its_marker_is_gone(tmp_path: Path) -> None:
    arm("commit.before=stop", tmp_path)
    stopped = threading.Thread(target=fault_point, args=("commit.before",), daemon=True)
    stopped.start()
    marker = tmp_path / STOPPED_AT
    deadline = time.monotonic() + 30
    while not (marker.exists() and marker.read_text()) and time.monotonic() < deadline:
        time.sleep(0.005)  # it is there a moment before it says where
    assert marker.read_text() == "commit.before"
    assert stopped.is_alive()
    marker.unlink()
    stopped.join(30)
    assert not stopped.is_alive()


def test_off_it_is_one_look_at_a_variable() -> None:
    """No timing is asserted: with nothing armed, the body is a single comparison."""
    body = ast.parse(Path(faults.__file__).read_text()).body
    function = next(one for one in body if isinstance(one, ast.FunctionDef) and one.name == "fault_point")
    _docstring, only = function.body
    assert isinstance(only, ast.If)
    assert ast.unparse(only.test) == "_armed is not None"
