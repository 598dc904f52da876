"""python -m bench [case ...]: everything, or only these; see README.md in this folder."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

from .cases import CASES
from .database import postgres
from .install import wrk
from .measuring import Report, Rounds, describe_machine
from .setting import Setting


def main(names: list[str]) -> None:
    """Run the cases of these names, or all, and write down what they said."""
    unknown = [name for name in names if name not in CASES]
    if unknown:
        raise SystemExit(f"There is no case {', '.join(unknown)}; there are: {', '.join(CASES)}.")
    failed: list[str] = []
    rounds, report, generator = Rounds.from_environment(), Report(), wrk()
    report.tell(
        [*describe_machine(), f"{rounds}; load: {generator}, on the same {os.cpu_count()} cores as the servers"]
    )
    with tempfile.TemporaryDirectory(prefix="paraph-bench-") as folder, postgres() as server:
        report.tell([str(server), ""])
        for name in names or CASES:
            here = Path(folder) / name
            here.mkdir()
            _run_case(name, Setting(rounds, report, here, server), failed)
            report.say()
    print(f"written: {report.save(_description(names, rounds))}")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _run_case(name: str, setting: Setting, failed: list[str]) -> None:
    """A case that fails is told in the file, and the others go on: hours of measuring are not thrown away."""
    try:
        CASES[name](setting)
    except Exception as error:
        traceback.print_exc()
        setting.report.say(f"{name} FAILED, no figures: {type(error).__name__}: {error}")
        failed.append(name)


def _description(names: list[str], rounds: Rounds) -> str:
    words = os.environ.get("BENCH_DESCRIPTION") or "-".join(names or ["all"])
    return f"{words}-quick" if rounds.is_quick else words


if __name__ == "__main__":
    main(sys.argv[1:])
