"""Our side of the documents bench as a long-lived process, like the peers: lines of JSON in, lines of JSON out.

    python -m bench.pdf.ours MATERIAL_FOLDER

The room's own tasks run here without their children, so that code is compared with code; what a child adds is a row
of its own in the table.
"""

import asyncio
import json
import resource
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pikepdf

from paraph.documents import (
    Assembly,
    Authority,
    Box,
    Mark,
    Picture,
    PlainText,
    SealingIdentity,
    SealPolicy,
    SourceDocument,
    TypedText,
)
from paraph.documents.limits import Limits
from paraph.documents.plans import Assembled, SealOrder
from paraph.documents.rehearsal import rehearse
from paraph.documents.sealing.revisions import add_signature
from paraph.documents.sealing.signer import SealSigner
from paraph.documents.shapes import Certificate, CertificateSection, LogEntry
from paraph.documents.storing import fingerprint
from paraph.documents.tasks import TASKS

LIMITS = Limits(max_bytes=1 << 30, max_pages=10_000)
SCRIPTS = ("محمد", "张伟", "नमस्ते", "שלום", "한글", "สวัสดี")
LEVELS = {"B-T": "PAdES-B-T", "B-LT": "PAdES-B-LT", "B-LTA": "PAdES-B-LTA"}


class Ours:
    """Each step takes the file and where to write, and returns the milliseconds that count."""

    def __init__(self, material: Path) -> None:
        self.material = material
        self.words = json.loads((material / "words.json").read_text())
        self.own = SealingIdentity.from_pkcs12(material / "own.p12", "bench")
        self.bought = SealingIdentity.from_pkcs12(material / "bought.p12", "bench")
        self.signer = SealSigner(self.own)
        self.hashes: dict[Path, str] = {}
        for module in ("authorities", "revocation"):
            import_module(f"paraph.documents.sealing.{module}").fetch = fetched  # type: ignore[attr-defined]

    def open(self, file: Path, _out: Path, _tsa: str) -> Callable[[], object]:
        def work() -> None:
            with pikepdf.open(file) as pdf:
                len(pdf.pages)

        return work

    def stamp(self, file: Path, out: Path, _tsa: str) -> Callable[[], object]:
        plan = self._assembly(file)
        return lambda: TASKS["assemble"](LIMITS, plan, None, (), out)

    def seal(self, file: Path, out: Path, _tsa: str) -> Callable[[], object]:
        """The signature alone with a key that is open, as libpdf makes its own."""
        shutil.copy(file, out)
        return lambda: asyncio.run(add_signature(out, self.signer, "Signed by all parties", None))

    def seal_checked(self, file: Path, out: Path, _tsa: str) -> Callable[[], object]:
        """What we really do: the file is held against its hash before, and verified after."""
        shutil.copy(file, out)
        assembled = self._assembled(file)
        order = SealOrder(self.own, "Signed by all parties", "PAdES-B-B", SealPolicy())
        return lambda: TASKS["seal"](LIMITS, out, assembled, order)

    def complete(self, file: Path, out: Path, _tsa: str) -> Callable[[], object]:
        """Stamp, certificate of completion, proof that every text is there, seal, verification."""
        plan = self._assembly(file)
        rows = CertificateSection("Signer", tuple((word, word) for word in self.words))
        certificate = Certificate("Certificate of completion", (rows,), "Log", (LogEntry(1, "now", "Sent", "ab"),))
        order = SealOrder(self.own, "Signed by all parties", "PAdES-B-B", SealPolicy())

        def work() -> None:
            TASKS["seal"](LIMITS, out, TASKS["assemble"](LIMITS, plan, certificate, (), out), order)

        return work

    def level(self, name: str, file: Path, out: Path, tsa: str) -> Callable[[], object]:
        shutil.copy(file, out)
        assembled, authority = self._assembled(file), Authority.at(tsa)
        policy = SealPolicy(LEVELS[name], authorities=(authority,), roots=self.bought.roots)  # type: ignore[arg-type]
        order = SealOrder(self.bought, "Signed by all parties", policy.level, policy, (authority,))
        return lambda: TASKS["seal"](LIMITS, out, assembled, order)

    def verify(self, file: Path, out: Path, tsa: str) -> Callable[[], object]:
        self.seal(file, out, tsa)()
        return lambda: TASKS["verify"](LIMITS, out, self.own.roots, ())

    def intake(self, file: Path, out: Path, _tsa: str) -> Callable[[], object]:
        return lambda: TASKS["intake"](LIMITS, file, out)

    def render(self, file: Path, _out: Path, _tsa: str) -> Callable[[], object]:
        return lambda: TASKS["render_page"](LIMITS, file, 1, 900)

    def _assembly(self, file: Path) -> Assembly:
        if file not in self.hashes:
            self.hashes[file] = fingerprint(file).sha256
        with pikepdf.open(file) as pdf:
            pages = len(pdf.pages)
        return Assembly((SourceDocument(file, self.hashes[file]),), tuple(self._marks(pages)))

    def _marks(self, pages: int) -> list[Mark]:
        made = []
        for place, word in enumerate(self.words):
            page = 1 + (place * pages // 20 if pages > 1 else 0)
            box = Box(page, 60 + place % 2 * 250, 40 + place // 2 * 68, 200, 40)
            content: Any = PlainText(f"{word} {SCRIPTS[place % 6]}")
            if place % 7 == 6:
                content = Picture(self.material / "signature.png")
            elif place % 7 == 5:
                content = TypedText(word, "dancing-script")
            made.append(Mark(0, box, content))
        return made

    def _assembled(self, file: Path) -> Assembled:
        found = fingerprint(file)
        return Assembled(found.sha256, found.byte_count, 1, (1,))


def fetched(url: str, headers: dict[str, str], body: bytes | None, seconds: float) -> bytes:
    """In place of the line to the parent, which this process has not."""
    request = urllib.request.Request(url, data=body, headers=dict(headers))
    with urllib.request.urlopen(request, timeout=seconds) as answer:
        return bytes(answer.read())


def measured(work: Callable[[], object]) -> dict[str, float]:
    used, begin = time.process_time(), time.perf_counter()
    work()
    return {"ms": (time.perf_counter() - begin) * 1000, "cpu": (time.process_time() - used) * 1000}


def main(material: Path) -> None:
    rehearse()
    ours = Ours(material)
    for line in sys.stdin:
        order = json.loads(line)
        step, file, out = order["step"], Path(order["file"]), Path(order["out"])
        try:
            if step in LEVELS:
                work = ours.level(step, file, out, order["tsa"])
            else:
                work = getattr(ours, step.replace("-", "_"))(file, out, order["tsa"])
            answer: dict[str, object] = dict(measured(work))
        except Exception as problem:
            answer = {"error": f"{type(problem).__name__}: {problem}"[:200]}
        answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
