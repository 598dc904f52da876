"""Large files are stamped and sealed on the disk: what is in memory does not grow with them (T30)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

MEBIBYTE = 1 << 20
PAGES = 24
PAGE_BYTES = 2 * MEBIBYTE

MEASURE = """
import json, sys
from pathlib import Path
from paraph.documents.identity import SealingIdentity
from paraph.documents.levels import B_B
from paraph.documents.limits import Limits
from paraph.documents.plans import Assembly, SealOrder, SourceDocument
from paraph.documents.rehearsal import rehearse
from paraph.documents.seal_policy import SealPolicy
from paraph.documents.shapes import Box, Mark, PlainText
from paraph.documents.storing import fingerprint
from paraph.documents.tasks import TASKS

def grown(task, *arguments):
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = status("VmRSS")
    result = TASKS[task](Limits(), *arguments)
    return result, status("VmHWM") - before

def status(name):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) // 1024

rehearse()
folder = Path(sys.argv[1])
source, target = folder / "scan.pdf", folder / "out.pdf"
identity = SealingIdentity.load_or_create(folder / "keys", "Large")
mark = Mark(0, Box(1, 60, 700, 200, 30), PlainText("Ann"))
plan = Assembly((SourceDocument(source, fingerprint(source).sha256),), (mark,))
assembled, stamping = grown("assemble", plan, None, (), target)
outcome, sealing = grown("seal", target, assembled, SealOrder(identity, "x", B_B, SealPolicy()))
verdict, verifying = grown("verify", target, identity.roots, ())
print(json.dumps({
    "size": outcome.completed.byte_count, "stamping": stamping, "sealing": sealing, "verifying": verifying,
    "intact": verdict.intact,
}))
"""


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages that are one picture of noise each, as a scanner gives them, normalised as intake would leave them."""
    folder = tmp_path_factory.mktemp("scan")
    with pikepdf.new() as pdf:
        for _ in range(PAGES):
            page = pdf.add_blank_page(page_size=(595, 842))
            image = pikepdf.Stream(pdf, os.urandom(PAGE_BYTES))
            image.stream_dict = pikepdf.Dictionary(
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=1024,
                Height=2048,
                ColorSpace=pikepdf.Name.DeviceGray,
                BitsPerComponent=8,
            )
            page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=pdf.make_indirect(image)))
            page.obj["/Contents"] = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")
            page.obj["/CropBox"] = page.obj["/MediaBox"]
            page.obj["/Rotate"] = 0
        pdf.save(folder / "scan.pdf")
    return folder


def test_memory_does_not_grow_with_the_file(scan: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(scan)], capture_output=True, text=True, timeout=120, check=True
    )
    found = json.loads(done.stdout)
    assert found["intact"]
    assert found["size"] > PAGES * PAGE_BYTES
    assert found["sealing"] < 12, found
    assert found["verifying"] < 12, found
    assert found["stamping"] < 24, found
