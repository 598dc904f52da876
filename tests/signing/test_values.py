"""Typed names, the disclosure, and the bounded folder of page pictures."""

from __future__ import annotations

import asyncio
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from paraph.signing import PageImages, current_disclosure, page_images, read_disclosure
from paraph.signing.disclosure import CURRENT, FOLDER
from paraph.signing.page_images import WIDTHS, nearest_width
from paraph.signing.refusals import NotYet
from paraph.signing.values import FACES, MAX_TEXT, decode, encode, read_typed

STATIC = Path(__file__).parents[2] / "paraph" / "signing" / "static"


@pytest.mark.parametrize("text", ["Jill Signer", "  Jill \t Signer\n", "Zoë O’Neil", "李小龍", "محمد", "J", "🐙"])
def test_a_name_of_any_script_is_taken(text: str) -> None:
    assert read_typed(text, "caveat").text == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "face"),
    [
        ("", "caveat"),
        ("   ", "caveat"),
        ("\u200b\u200d", "caveat"),
        ("a\x00b", "caveat"),
        ("a\ud800", "caveat"),
        ("x" * (MAX_TEXT + 1), "caveat"),
        ("Jill", ""),
        ("Jill", "comic-sans"),
    ],
)
def test_what_is_no_name_is_refused(text: str, face: str) -> None:
    with pytest.raises(NotYet) as refused:
        read_typed(text, face)
    assert refused.value.problem.field == "typed"


def test_what_is_kept_is_read_back() -> None:
    typed = read_typed("Jill", "allura")
    assert decode(encode(typed)) == typed


def test_the_browser_has_every_face_that_the_pdf_has() -> None:
    for face in FACES:
        assert (STATIC / "faces" / f"{face}.woff2").read_bytes()[:4] == b"wOF2"
        assert f".face-{face} " in (STATIC / "signing.css").read_text()


def test_the_disclosure_says_what_the_law_asks_for() -> None:
    disclosure = current_disclosure("en")
    words = " ".join(f"{section.heading} {section.text}" for section in disclosure.sections).lower()
    for said in ("on paper", "withdraw", "this document", "address changes", "web browser", "pdf", "fee"):
        assert said in words, said
    assert disclosure.sha256 == hashlib.sha256((FOLDER / f"{disclosure.version}.txt").read_bytes()).hexdigest()
    assert current_disclosure("tlh") == disclosure


PUBLISHED = {
    "ar-2026-11": "90bafcb39288bbee197bec785e59c405f359c88311419f5ffec657d87b9dbf4d",
    "de-2026-11": "029b39cd26ebb0ad2a6c92424fa05307c64938cadc70614e97e9a96d90f864e9",
    "en-2026-11": "cb802be47bffeb703d4d3cd661852363701658cddf3ec4279e6d29dae0737fc5",
    "es-2026-11": "d7a95eb70c0ca6017bc0b82e2435c037f9b303e750e81091c60dcf10de29b304",
    "fr-2026-11": "1e218d6c47e119f6e6d762875d1cf0d382b754942ce1bb3d7fefd96dbcc7a1f6",
    "ja-2026-11": "b583e808607fdb1dc7f66d9fbb7d77b404ef13f087470556516688e38c68728d",
    "pt-2026-11": "b9933fedef73d844b85127f45698f27aa972f0c620bab53d3fecef245fb6dd20",
}


def test_published_disclosures_never_change() -> None:
    assert {version: read_disclosure(version).sha256 for version in PUBLISHED} == PUBLISHED
    assert set(CURRENT.values()) <= set(PUBLISHED)


def test_widths_are_few() -> None:
    assert [nearest_width(asked) for asked in (0, 1, 480, 481, 1200, 99_999)] == [480, 480, 480, 800, 1200, 1600]
    assert max(WIDTHS) == 1600


def test_a_picture_is_drawn_once_for_all_who_ask(tmp_path: Path) -> None:
    images, drawn = PageImages(tmp_path / "pages"), []

    async def draw() -> bytes:
        drawn.append(1)
        await asyncio.sleep(0.01)
        return b"picture"

    async def ask_ten_times() -> list[bytes]:
        return await asyncio.gather(*(images.get("ab" * 32, 1, 480, draw) for _ in range(10)))

    assert asyncio.run(ask_ten_times()) == [b"picture"] * 10
    assert len(drawn) == 1


def test_a_failed_drawing_is_tried_again(tmp_path: Path) -> None:
    images = PageImages(tmp_path)

    async def fail() -> bytes:
        raise RuntimeError("no")

    async def draw() -> bytes:
        return b"picture"

    async def both() -> bytes:
        with pytest.raises(RuntimeError):
            await images.get("ab" * 32, 1, 480, fail)
        return await images.get("ab" * 32, 1, 480, draw)

    assert asyncio.run(both()) == b"picture"


def test_sweeping_disturbs_nobody_who_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads and processes share the folder, and each looks at its size now and then."""
    monkeypatch.setattr(page_images, "SWEEP_EVERY", 1)
    (tmp_path / "crashed.draft").write_bytes(bytes(100))
    os.utime(tmp_path / "crashed.draft", (0, 0))
    both = [PageImages(tmp_path, most_bytes=2_000) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        kept = [pool.submit(both[place % 2]._keep, tmp_path / f"{place}.jpg", bytes(100)) for place in range(400)]
    assert [one.exception() for one in kept if one.exception() is not None] == []
    assert sum(entry.stat().st_size for entry in os.scandir(tmp_path)) <= 2_000
    assert not (tmp_path / "crashed.draft").exists()


def test_the_folder_never_grows_beyond_its_bound(tmp_path: Path) -> None:
    images = PageImages(tmp_path, most_bytes=100_000)

    async def draw() -> bytes:
        return bytes(10_000)

    async def many() -> None:
        for page in range(1, 300):
            await images.get("ab" * 32, page, 480, draw)

    asyncio.run(many())
    kept = [entry.stat() for entry in os.scandir(tmp_path)]
    assert sum(stat.st_size for stat in kept) <= 100_000 + 64 * 10_000
    assert kept, "the newest stay"
    assert all(stat.st_mode & 0o077 == 0 for stat in kept)
