"""The statement that 15 USC 7001(c)(1)(B) asks for: shown before consent, kept by version, named by its hash.

A version is a file that is never edited once published: consent events name its SHA-256, so that anybody can show
later which words the signer agreed to. New words are a new file.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "disclosures"
CURRENT: Final = {language: f"{language}-2026-11" for language in ("ar", "de", "en", "es", "fr", "ja", "pt")}
"""The version in force, by language: the same statement in each."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text below it; the first section of a disclosure is its title and introduction."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One version in one language; ``sha256`` (hexadecimal) is of the file's bytes."""

    version: str
    locale: str
    sha256: str
    sections: tuple[Section, ...]


@functools.cache
def current_disclosure(locale: str) -> Disclosure:
    """Return the disclosure in force in ``locale`` (``de-DE``); English when it is not written in that language."""
    version = CURRENT.get(locale.partition("-")[0], CURRENT["en"])
    return read_disclosure(version)


@functools.cache
def read_disclosure(version: str) -> Disclosure:
    """Return a published version; FileNotFoundError when there was never one of that name."""
    data = (FOLDER / f"{version}.txt").read_bytes()
    title, introduction, *rest = data.decode().strip().split("\n\n")
    parts = [part.partition("\n") for part in rest]
    sections = (Section(title, introduction), *(Section(heading, text) for heading, _, text in parts))
    return Disclosure(version, version.partition("-")[0], hashlib.sha256(data).hexdigest(), sections)
