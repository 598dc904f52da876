"""Times the documents room beside its peers on the same files, in one run.

Peers: @libpdf/core, and pdf-lib with @signpdf, in Node. Every side is a long-lived process that has been warmed up;
they take turns at each step, so that a busy moment of the machine hits all alike. Figures: milliseconds of wall
clock, median / best; the ratios also of processor time, which a busy machine disturbs least. Nobody converts or
sanitises where sides are compared; ours shapes eight scripts where the peers draw one, proves each text afterwards,
and makes a certification (DocMDP) where theirs are plain signatures. Rows of Office files need LibreOffice.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.install import node_peer
from bench.measuring import Report, versions_of
from bench.pdf.material import make
from bench.pdf.office import office_rows
from bench.pdf.sides import Side, sides
from bench.setting import Setting
from paraph.documents import Assembly, CompletionPlan, DocumentWorkers, Limits, SealingIdentity, SourceDocument
from paraph.documents.storing import fingerprint
from tests.helpers.pki import serving

FILES = ("text_10", "text_100", "text_500", "scan_100", "scan_500")
QUICK_FILES = ("text_10", "scan_100")
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


class Bench:
    """The comparison on one set of files; ``peers`` is the folder with their modules."""

    def __init__(self, material: Path, tsa: str, rounds: int, peers: Path, report: Report) -> None:
        self.material, self.tsa, self.rounds = material, tsa, rounds
        self.peers, self.report = peers, report
        self.sides: dict[str, Side] = sides(material, peers)
        self.cpu: dict[tuple[str, str], list[float]] = {}
        """Of the comparison that is being made."""

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
            self.report.say(row(f"{title}: {name}", [shown(cells[file][name]) for file in files]))
            used = [shown(self.cpu.get((name, file), "-")) for file in files]
            self.report.say(row(f"{title}: {name}, CPU", used))
        for name, _, _ in contenders[1:]:
            ratios = [ratio(cells[file]["ours"], cells[file][name]) for file in files]
            self.report.say(row(f"  ours : {name}", ratios))
            self.report.say(row(f"  ours : {name}, CPU", [self.cpu_ratio(name, file) for file in files]))
        for file in files:
            for name, found in cells[file].items():
                if isinstance(found, str) and found.startswith("failed"):
                    self.report.say(f"    {name} on {file} {found}")

    def cpu_ratio(self, name: str, file: str) -> str:
        ours, theirs = self.cpu.get(("ours", file), []), self.cpu.get((name, file), [])
        return ratio(ours, theirs) if ours and theirs else "-"

    def peaks(self) -> None:
        """Fresh processes, one step each on the largest file: what they hold at their peak."""
        for name, step in (("ours", "seal"), ("ours", "complete"), ("libpdf", "seal"), ("pdflib", "seal-plain")):
            alone = Bench(self.material, self.tsa, 1, self.peers, self.report)
            before = alone.once(name, "open", "text_10")["peak_mb"]
            after = alone.once(name, step, LARGE)
            self.report.say(
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
    return f"{title:44}" + "".join(f"{cell:>18}" for cell in cells)


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
    data, times = bytes(64 << 20), []
    for _ in range(20):
        begin = time.perf_counter()
        hashlib.sha256(data).digest()
        times.append((time.perf_counter() - begin) * 1000)
    quartiles = statistics.quantiles(times, n=4)
    either_way = (quartiles[2] - quartiles[0]) / statistics.median(times) * 50
    middle, best = statistics.median(times), min(times)
    return (
        f"noise, documents: SHA-256 of 64 MB: median {middle:.0f} ms, best {best:.0f}, quartiles ±{either_way:.0f} %"
    )


def versions(peers: Path) -> list[str]:
    """The exact versions of everybody but the interpreters."""
    pinned: dict[str, str] = json.loads((peers / "package.json").read_text())["dependencies"]
    ours = versions_of(("pikepdf", "pypdfium2", "pyhanko", "uharfbuzz", "cryptography"))
    return [ours, ", ".join(f"{name} {number}" for name, number in pinned.items())]


def run(setting: Setting) -> None:
    """Compare step by step, then what only we do, then peak memory."""
    peers, files = node_peer("documents"), QUICK_FILES if setting.rounds.is_quick else FILES
    with tempfile.TemporaryDirectory() as folder, serving() as world:
        make(Path(folder), world)
        bench = Bench(Path(folder), f"{world.base}/tsa/good", setting.rounds.count, peers, setting.report)
        _say_head(bench, files)
        for title, contenders in TABLE:
            bench.compare(title, contenders, files)
        for title, contenders in LEVEL_TABLE:
            bench.compare(title, contenders, files[:1])
        _say_ours_alone(bench, files)
        if LARGE in files:
            bench.peaks()
        bench.end()


def _say_head(bench: Bench, files: tuple[str, ...]) -> None:
    bench.report.tell([*versions(bench.peers), noise()])
    bench.report.say(
        f"documents: milliseconds, median / best of {bench.rounds} ({LARGE_ROUNDS} for {LARGE}), sides in turn; "
        "in the lines with a colon, below 1.00 ours is faster"
    )
    bench.report.say(row("", list(files)))
    sizes = [f"{(bench.material / f'{file}.pdf').stat().st_size / 1e6:.1f} MB" for file in files]
    bench.report.say(row("size", sizes))


def _say_ours_alone(bench: Bench, files: tuple[str, ...]) -> None:
    for step in OURS_ALONE:
        cells = [shown(bench.turns((("ours", "ours", step),), file)["ours"]) for file in files]
        bench.report.say(row(f"ours alone: {step}", cells))
    children = [asyncio.run(in_children(bench, file)) for file in files]
    bench.report.say(row("ours alone: completion in two children", children))
    for title, times in asyncio.run(office_rows(bench.rounds)).items():
        bench.report.say(row(f"ours alone: {title}", [shown(times)]))
