"""The sides of the documents case: long-lived processes that do a step when they are told to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NODE = ("node", "--max-old-space-size=6000")


class Side:
    """Lines of JSON in, lines of JSON out."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def do(self, **order: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


def sides(material: Path, peers: Path) -> dict[str, Side]:
    """Ours and the peers, warmed by nothing yet."""
    node = [*NODE, str(peers / "peer.mjs")]
    found = {name: Side([*node, name, str(peers), str(material)]) for name in ("libpdf", "pdflib")}
    return {"ours": Side([sys.executable, "-m", "bench.pdf.ours", str(material)])} | found
