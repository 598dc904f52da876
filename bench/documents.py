"""Times the documents room against its own libraries doing the bare minimum.

    python bench/documents.py [rounds]

The reference of each step is what cannot be avoided: opening and saving with the same parser (intake and
stamp), and hashing plus one P-256 signature (seal). All times are milliseconds of wall clock: median, best.
"""

import asyncio
import hashlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pikepdf
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pikepdf import Dictionary, Name

from paraph.documents import (
    Assembly,
    Box,
    CompletionPlan,
    DocumentWorkers,
    Mark,
    PlainText,
    SealingIdentity,
    SourceDocument,
    TypedText,
)

PAGES = (1, 10, 100)
MARKS = 20
KEY = ec.generate_private_key(ec.SECP256R1())


def sample(pages: int) -> bytes:
    pdf, output = pikepdf.new(), io.BytesIO()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(pages):
        page = pdf.add_blank_page(page_size=(595, 842))
        lines = "".join(f"(Clause {row} of page {number}, to be read with care.) Tj 0 -14 Td " for row in range(50))
        page.obj["/Resources"] = Dictionary(Font=Dictionary(F=font))
        page.obj["/Contents"] = pdf.make_stream(f"BT /F 10 Tf 60 780 Td {lines} ET".encode())
    pdf.save(output)
    return output.getvalue()


def reopened(data: bytes) -> None:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(io.BytesIO(), object_stream_mode=pikepdf.ObjectStreamMode.generate)


def signed(data: bytes) -> None:
    KEY.sign(hashlib.sha256(data).digest(), ec.ECDSA(hashes.SHA256()))


async def timed(rounds: int, work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        await work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), min(times)


def report(step: str, ours: tuple[float, float], reference: tuple[float, float]) -> None:
    ratio = ours[1] / reference[1]
    print(
        f"{step:28} {ours[0]:8.1f} {ours[1]:8.1f}   reference {reference[0]:8.2f} {reference[1]:8.2f}   x{ratio:.1f}"
    )


async def bench(pages: int, rounds: int, workers: DocumentWorkers, folder: Path) -> None:
    source, taken = folder / "source.pdf", folder / "taken.pdf"
    data = sample(pages)
    source.write_bytes(data)
    identity = SealingIdentity.load_or_create(folder / "keys", "Bench")
    document = await workers.intake(source, taken)
    marks = tuple(
        Mark(0, Box(number % pages + 1, 60, 60 + 30 * number, 200, 26), content)
        for number, content in enumerate(
            [TypedText("Ann Example", "caveat"), PlainText("张伟 محمد 2026")] * (MARKS // 2)
        )
    )
    assembly = Assembly((SourceDocument(taken, document.sha256),), marks)
    plan = CompletionPlan(assembly, identity)

    async def reference_save() -> None:
        reopened(data)

    async def reference_seal() -> None:
        signed(data)

    steps = {
        "intake": (lambda: workers.intake(source, folder / "a.pdf"), reference_save),
        f"stamp {MARKS}": (lambda: workers.current_state(assembly, folder / "b.pdf"), reference_save),
        "stamp, seal and verify": (lambda: workers.complete(plan, folder / "c.pdf"), reference_seal),
        "verify": (lambda: workers.verify(folder / "c.pdf", identity.roots), reference_seal),
        "render page 1 at 900 px": (lambda: workers.render_page(taken, 1, 900), reference_save),
    }
    for step, (ours, reference) in steps.items():
        report(f"{pages:4} pages, {step}", await timed(rounds, ours), await timed(rounds, reference))


async def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with DocumentWorkers() as workers:
            for pages in PAGES:
                await bench(pages, rounds, workers, Path(folder))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
