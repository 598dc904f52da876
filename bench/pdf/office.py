"""Times Office files on their whole way in: check, one run of LibreOffice in its sandbox, intake of the PDF.

    python -m bench.pdf.office [rounds]      (needs LibreOffice and bubblewrap)

Nobody else converts here, so these rows have no peers. Figures: milliseconds of wall clock, median / best.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from paraph.documents import DocumentWorkers, OfficeConverter, missing_programs
from tests.documents.office import docx_of_pages

PAGES = (2, 100, 200)


async def office_rows(rounds: int) -> dict[str, list[float]]:
    """Milliseconds by what was converted, after one round that does not count; empty where nothing converts."""
    if missing_programs():
        return {}
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in", Path(folder) / "out.pdf"
        async with DocumentWorkers(office=OfficeConverter.found()) as workers:
            for pages in PAGES:
                source.write_bytes(docx_of_pages(pages))
                times = found[f"DOCX of {pages} pages"] = []
                for place in range(rounds + 1):
                    begin = time.perf_counter()
                    taken = await workers.intake(source, target)
                    if place:
                        times.append((time.perf_counter() - begin) * 1000)
                assert taken.page_count == pages, f"{taken.page_count} pages instead of {pages}"
    return found


if __name__ == "__main__":
    for title, times in asyncio.run(office_rows(int(sys.argv[1]) if len(sys.argv) > 1 else 7)).items():
        print(f"{title:42}{statistics.median(times):>10.0f} / {min(times):.0f}")
