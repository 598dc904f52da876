"""Times the documents room beside its peers on the same files, in one run, and writes the table down.

    python bench/documents.py [rounds [file ...]]      (files: text_10 text_100 text_500 scan_100 scan_500)

Peers: @libpdf/core, and pdf-lib with @signpdf, in Node, exactly pinned in bench/peers/package.json and installed into
bench/.peers. Every side is a long-lived process that has been warmed up; they take turns at each step, so that a busy
moment of the machine hits all alike. Figures: milliseconds of wall clock, median / best; the ratios also of processor
time, which a busy machine disturbs least. Nobody converts or sanitises where sides are compared; ours shapes eight
scripts where the peers draw one, proves each text afterwards, and makes a certification (DocMDP) where theirs are
plain signatures. Rows of Office files (bench/office.py) need LibreOffice.
"""

import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from bench.material import make  # noqa: E402
from bench.office import office_rows  # noqa: E402
from paraph.documents import Assembly, CompletionPlan, DocumentWorkers, Limits, SealingIdentity, SourceDocument  # noqa: E402
from paraph.documents.storing import fingerprint  # noqa: E402
from tests.helpers.pki import serving  # noqa: E402

PEERS = HERE / ".peers"
FILES = ("text_10", "text_100", "text_500", "scan_100", "scan_500")
LARGE = "scan_500"
LARGE_ROUNDS = 2
Contender = tuple[str, str, str]
"""What the row is called, which process, which step."""
TABLE: tuple[tuple[str, tuple[Contender, ...]], ...] = (
    ("open and count pages", (("ours", "ours", "open"), ("libpdf", "libpdf", "open"), ("pdf-lib", "pdflib", "open"))),
    ("stamp 20 and save", (("ours", "ours", "stamp"), ("libpdf", "libpdf", "stamp"), ("pdf-lib", "pdflib", "stamp"))),
    (
        "sign B-B, RSA-2048",
        (
            ("ours", "ours", "seal"),
            ("libpdf", "libpdf", "seal"),
            ("signpdf plain", "pdflib", "seal-plain"),
            ("signpdf + pdf-lib", "pdflib", "seal"),
        ),
    ),
    (
        "whole completion",
        (("ours", "ours", "complete"), ("libpdf", "libpdf", "complete"), ("pdf-lib + signpdf", "pdflib", "complete")),
    ),
)
LEVEL_TABLE = tuple(
    (f"sign {level}, RSA-2048", (("ours", "ours", level), ("libpdf", "libpdf", level)))
    for level in ("B-T", "B-LT", "B-LTA")
)
OURS_ALONE = ("intake", "render", "seal-checked", "verify")
TOO_LARGE_FOR = {("pdflib", "open"), ("pdflib", "stamp"), ("pdflib", "seal"), ("pdflib", "complete")}
"""pdf-lib keeps several copies of 200 MB; its figures at 40 MB say enough."""


class Side:
    """A process that does steps when told to."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

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


class Bench:
    def __init__(self, material: Path, tsa: str, rounds: int) -> None:
        self.material, self.tsa, self.rounds = material, tsa, rounds
        node = ["node", "--max-old-space-size=6000", str(HERE / "peers" / "peer.mjs")]
        self.sides = {
            "ours": Side([sys.executable, str(HERE / "ours.py"), str(material)]),
            **{name: Side([*node, name, str(PEERS), str(material)]) for name in ("libpdf", "pdflib")},
        }
        self.lines: list[str] = []
        self.cpu: dict[tuple[str, str], list[float]] = {}
        """Of the comparison that is being made."""

    def say(self, line: str = "") -> None:
        print(line, flush=True)
        self.lines.append(line)

    def once(self, side: str, step: str, file: str) -> dict[str, Any]:
        out = self.material / f"out-{side}.pdf"
        return self.sides[side].do(step=step, file=str(self.material / f"{file}.pdf"), out=str(out), tsa=self.tsa)

    def turns(self, contenders: tuple[Contender, ...], file: str) -> dict[str, list[float] | str]:
        """Each contender's milliseconds, in turn, after one round that does not count; or what went wrong."""
        found: dict[str, list[float] | str] = {name: [] for name, _, _ in contenders}
        rounds = LARGE_ROUNDS if file == LARGE else self.rounds
        warm = file == LARGE  # every step has run on a smaller file by then
        for place in range(warm, rounds + 1):
            for name, side, step in contenders:
                times = found[name]
                if isinstance(times, str):
                    continue
                if file == LARGE and (side, step) in TOO_LARGE_FOR:
                    found[name] = "-"
                    continue
                answer = self.once(side, step, file)
                if "error" in answer:
                    found[name] = "failed: " + answer["error"]
                elif place:
                    times.append(answer["ms"])
                    self.cpu.setdefault((name, file), []).append(answer["cpu"])
        return found

    def compare(self, title: str, contenders: tuple[Contender, ...], files: tuple[str, ...]) -> None:
        self.cpu.clear()
        cells = {file: self.turns(contenders, file) for file in files}
        for name, _, _ in contenders:
            self.say(row(f"{title}: {name}", [shown(cells[file][name]) for file in files]))
        for name, _, _ in contenders[1:]:
            ratios = [ratio(cells[file]["ours"], cells[file][name]) for file in files]
            self.say(row(f"  ours : {name}", ratios))
            self.say(row(f"  ours : {name}, processor", [self.cpu_ratio(name, file) for file in files]))
        for file in files:
            for name, found in cells[file].items():
                if isinstance(found, str) and found.startswith("failed"):
                    self.say(f"    {name} on {file} {found}")

    def cpu_ratio(self, name: str, file: str) -> str:
        ours, theirs = self.cpu.get(("ours", file), []), self.cpu.get((name, file), [])
        return ratio(ours, theirs) if ours and theirs else "-"

    def peaks(self) -> None:
        """Fresh processes, one step each on the largest file: what they hold at their peak."""
        for name, step in (("ours", "seal"), ("ours", "complete"), ("libpdf", "seal"), ("pdflib", "seal-plain")):
            alone = Bench(self.material, self.tsa, 1)
            before = alone.once(name, "open", "text_10")["peak_mb"]
            after = alone.once(name, step, LARGE)
            self.say(
                row(
                    f"peak memory, {LARGE}, {step}: {name}",
                    [f"{after['peak_mb']} MB", f"+{after['peak_mb'] - before} MB"],
                )
            )
            alone.end()

    def end(self) -> None:
        for side in self.sides.values():
            side.end()


def shown(found: list[float] | str) -> str:
    if isinstance(found, str):
        return found if found == "-" else "failed"
    return f"{statistics.median(found):.1f} / {min(found):.1f}"


def ratio(ours: list[float] | str, theirs: list[float] | str) -> str:
    if isinstance(ours, str) or isinstance(theirs, str):
        return "-"
    return f"{statistics.median(ours) / statistics.median(theirs):.2f} / {min(ours) / min(theirs):.2f}"


def row(title: str, cells: list[str]) -> str:
    return f"{title:42}" + "".join(f"{cell:>18}" for cell in cells)


async def in_children(bench: Bench, file: str) -> str:
    """The whole completion as the server does it: two children, one that opens documents and one that seals."""
    source = bench.material / f"{file}.pdf"
    identity = SealingIdentity.from_pkcs12(bench.material / "own.p12", "bench")
    plan = CompletionPlan(Assembly((SourceDocument(source, fingerprint(source).sha256),)), identity)
    times: list[float] = []
    async with DocumentWorkers(Limits(max_bytes=1 << 30)) as workers:
        for place in range((LARGE_ROUNDS if file == LARGE else bench.rounds) + 1):
            begin = time.perf_counter()
            await workers.complete(plan, bench.material / "out.pdf")
            if place:
                times.append((time.perf_counter() - begin) * 1000)
    return shown(times)


def noise() -> str:
    """How much one and the same work varies here: SHA-256 of 64 MB, twenty times."""
    import hashlib

    data, times = bytes(64 << 20), []
    for _ in range(20):
        begin = time.perf_counter()
        hashlib.sha256(data).digest()
        times.append((time.perf_counter() - begin) * 1000)
    quartiles = statistics.quantiles(times, n=4)
    spread = (quartiles[2] - quartiles[0]) / statistics.median(times) * 100
    middle, best = statistics.median(times), min(times)
    return f"SHA-256 of 64 MB: median {middle:.0f} ms, best {best:.0f}, quartiles ±{spread / 2:.0f} %"


def install_peers() -> None:
    wanted = HERE / "peers" / "package.json"
    kept = PEERS / "package.json"
    if not kept.exists() or kept.read_text() != wanted.read_text():
        PEERS.mkdir(exist_ok=True)
        shutil.copy(wanted, kept)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"], cwd=PEERS, check=True
        )


def machine() -> list[str]:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "?",
    )
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    pinned = json.loads((HERE / "peers" / "package.json").read_text())["dependencies"]
    ours = ", ".join(
        f"{name} {version(name)}" for name in ("pikepdf", "pypdfium2", "pyhanko", "uharfbuzz", "cryptography")
    )
    when, load = datetime.now(UTC), os.getloadavg()[0]
    return [
        f"{when:%Y-%m-%d %H:%M} UTC, {model}, {os.cpu_count()} cores, load {load:.1f}, {platform.platform()}",
        f"Python {platform.python_version()}, {ours}",
        f"Node {node}, " + ", ".join(f"{name} {number}" for name, number in pinned.items()),
    ]


def main(rounds: int, files: tuple[str, ...] = FILES) -> None:
    install_peers()
    with tempfile.TemporaryDirectory() as folder, serving() as world:
        material = Path(folder)
        make(material, world)
        bench = Bench(material, f"{world.base}/tsa/good", rounds)
        for line in machine():
            bench.say(line)
        bench.say(f"Noise: {noise()}")
        bench.say(
            f"Milliseconds, median / best of {rounds} ({LARGE_ROUNDS} for {LARGE}), sides in turn; "
            "in the lines with a colon, below 1.00 ours is faster."
        )
        bench.say()
        sizes = [f"{(material / f'{file}.pdf').stat().st_size / 1e6:.1f} MB" for file in files]
        bench.say(row("", list(files)))
        bench.say(row("size", sizes))
        for title, contenders in TABLE:
            bench.compare(title, contenders, files)
        for title, contenders in LEVEL_TABLE:
            bench.compare(title, contenders, files[:1])
        for step in OURS_ALONE:
            cells = [shown(bench.turns((("ours", "ours", step),), file)["ours"]) for file in files]
            bench.say(row(f"ours alone: {step}", cells))
        bench.say(
            row("ours alone: completion in two children", [asyncio.run(in_children(bench, file)) for file in files])
        )
        for title, times in asyncio.run(office_rows(rounds)).items():
            bench.say(row(f"ours alone: {title}", [shown(times)]))
        if LARGE in files:
            bench.peaks()
        bench.end()
    if files != FILES:
        return
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{datetime.now(UTC):%Y-%m-%d}-documents.txt").write_text("\n".join(bench.lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9, tuple(sys.argv[2:]) or FILES)
