"""The visual order of a line: Unicode's bidirectional algorithm, by python-bidi."""

import unicodedata
from typing import Any, Final

import bidi.algorithm as uba

from paraph.documents.lettering.readable import JOINERS

RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN", "RLE", "RLO"})

Run = tuple[str, bool]
"""Characters in logical order, and whether they run right to left."""


def visual_runs(line: str, base_level: int | None = None) -> list[Run]:
    """The runs of a line from left to right as they are seen. base_level: 0 for a paragraph that runs to the right,
    1 to the left, None for what its first strong character says."""
    if not has_right_to_left(line):
        return [(line, False)]
    level = uba.get_base_level(line) if base_level is None else base_level
    return [(text, bool(level % 2)) for text, level in _reordered(_level_runs(line, level))]


def as_written(seen: str, base_level: int) -> str:
    """The text in the order of writing that is seen like this from left to right, in such a paragraph: ordering is
    nearly its own reverse."""
    return "".join(text[::-1] if backwards else text for text, backwards in visual_runs(seen, base_level))


def is_mostly_right_to_left(text: str) -> bool:
    """Whether more of its letters run to the left than to the right."""
    classes = [unicodedata.bidirectional(character) for character in text]
    return sum(one in {"R", "AL"} for one in classes) > classes.count("L")


def has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text)


def is_right_to_left(line: str) -> bool:
    """Whether the paragraph's own direction (its first strong character) is right to left."""
    return bool(uba.get_base_level(line) % 2)


def _level_runs(line: str, base_level: int) -> list[tuple[str, int]]:
    storage: dict[str, Any] = uba.get_empty_storage()
    storage["base_level"] = base_level
    storage["base_dir"] = ("L", "R")[storage["base_level"]]
    uba.get_embedding_levels(line, storage)
    for entry in storage["chars"]:
        entry["type"] = entry["orig"] = _class_of(entry["ch"])
    uba.explicit_embed_and_overrides(storage)
    uba.resolve_weak_types(storage)
    uba.resolve_neutral_types(storage, False)
    uba.resolve_implicit_levels(storage, False)
    runs: list[tuple[str, int]] = []
    for entry in storage["chars"]:
        if runs and runs[-1][1] == entry["level"]:
            runs[-1] = (runs[-1][0] + entry["ch"], entry["level"])
        else:
            runs.append((entry["ch"], entry["level"]))
    return runs


def _class_of(character: str) -> str:
    """The bidirectional class that the algorithm shall see. Joiners go with the letter before them, where
    rule X9 would drop them; what this Python's tables do not know yet counts as a letter."""
    if character in JOINERS:
        return "NSM"
    return unicodedata.bidirectional(character) or "L"


def _reordered(runs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Rule L2: from the highest level down to the lowest odd one, reverse each stretch at or above it."""
    levels = [level for _, level in runs]
    odd = [level for level in levels if level % 2]
    for level in range(max(levels, default=0), min(odd, default=max(levels, default=0) + 1) - 1, -1):
        start = 0
        while start < len(runs):
            end = start
            while end < len(runs) and runs[end][1] >= level:
                end += 1
            runs[start:end] = reversed(runs[start:end])
            start = max(end, start + 1)
    return runs
