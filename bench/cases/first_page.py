"""How soon a signer sees the first page of the document, and what was transferred before; beside pdf.js.

A fresh browser profile on a phone's screen each time. Paraph sends a picture; with pdf.js the browser is sent the
file and draws it.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench.install import node_peer
from bench.measuring import Table, median, ratio
from bench.outside import PDF, NothingMoves, people, world
from bench.paraphs import paraph
from bench.setting import Setting
from tests.helpers.browser import chromium

SCREEN = {"width": 412, "height": 915}
SCALE = 2
PATIENCE_SECONDS = 30
GOAL = "goal: at most 0.5 s, at most 200 KB before the picture"
WATCH = """
document.addEventListener("load", (event) => {
  if (window.shownAt || !event.target.matches?.(".paper-image")) return;
  window.picture = event.target.currentSrc;
  requestAnimationFrame(() => requestAnimationFrame(() => { window.shownAt ??= performance.now(); }));
}, true);
"""
MEASURE = """() => {
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const picture = all.find((entry) => entry.name === window.picture);
  const begins = picture?.responseStart ?? Infinity;
  const before = all.filter((entry) => entry !== picture && entry.responseEnd <= begins);
  const bytes = (entries) => entries.reduce((sum, entry) => sum + entry.transferSize, 0);
  return {ms: window.shownAt ?? 0, before: bytes(before), picture: picture ? bytes([picture]) : 0};
}"""
Seen = dict[str, float]


class _Static(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def log_message(self, *_: Any) -> None:
        return


def run(setting: Setting) -> None:
    """Open both in turn, and say what was seen."""
    count = setting.rounds.count
    with world(setting.folder) as outside, paraph(setting.folder / "sqlite", settings=outside.mail_settings) as found:
        prepared = people(found, outside, "links", count=count + 1)
        pages = [found.host.url + signer["base"] for signer in prepared.ready]
        with _pdfjs() as peer, chromium() as browser:
            pairs = [(_open(browser, page), _open(browser, peer)) for page in pages][1:]
    table = Table("first page", "median ms", "best ms", "KB before", "KB picture")
    for place, name in enumerate(("Paraph, SQLite, 1 process", "pdf.js, display layer alone, static files")):
        seen = [pair[place] for pair in pairs]
        times, before, picture = ([one[key] for one in seen] for key in ("ms", "before", "picture"))
        sizes = [f"{median(values) / 1000:.0f}" for values in (before, picture)]
        table.row(name, f"{median(times):.0f}", f"{min(times):.0f}", *sizes)
    compared = median(ours["ms"] / theirs["ms"] for ours, theirs in pairs)
    table.row("ours : pdf.js", ratio(compared, 1))
    setting.report.say(f"First page on the screen of a phone, {PDF.stat().st_size // 1000} KB PDF, loopback; {GOAL}")
    setting.report.tell(table.lines())


def _open(browser: Browser, url: str) -> Seen:
    context = browser.new_context(viewport=SCREEN, device_scale_factor=SCALE, is_mobile=True)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(url)
        for _ in range(PATIENCE_SECONDS * 20):
            seen: Seen = page.evaluate(MEASURE)
            if seen["ms"]:
                return seen
            page.wait_for_timeout(50)
        raise NothingMoves(f"{url} showed no page")
    finally:
        context.close()


@contextmanager
def _pdfjs() -> Iterator[str]:
    folder = node_peer("pdfjs")
    shutil.copy(PDF, folder / "document.pdf")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Static, directory=str(Path(folder))))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/viewer.html"
    finally:
        server.shutdown()
        server.server_close()
