"""Several normalised documents as one, in order."""

from contextlib import ExitStack
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary

from paraph.documents.rejected import DocumentFailure


def merge(paths: list[Path], opened: ExitStack) -> tuple[pikepdf.Pdf, tuple[int, ...]]:
    """The first document with the pages of the others behind its own, and the page (from 1) where each
    starts. All stay open until the stack closes."""
    if not paths:
        raise DocumentFailure("nothing_to_assemble")
    base = opened.enter_context(pikepdf.open(paths[0]))
    starts = [1]
    for path in paths[1:]:
        starts.append(len(base.pages) + 1)
        other = opened.enter_context(pikepdf.open(path))
        base.pages.extend(other.pages)
        _bring_layers(base, other)
    if "/PageLabels" in base.Root:
        del base.Root["/PageLabels"]  # the labels of one document would count on through the others
    return base, tuple(starts)


def _bring_layers(base: pikepdf.Pdf, other: pikepdf.Pdf) -> None:
    """Hidden layers stay hidden: intake left them all in the form {OCGs, D: {OFF, Locked}}."""
    brought = other.Root.get("/OCProperties")
    if not isinstance(brought, pikepdf.Dictionary):
        return
    if "/OCProperties" not in base.Root:
        empty = Dictionary(OFF=Array([]), Locked=Array([]), Order=Array([]))
        base.Root["/OCProperties"] = Dictionary(OCGs=Array([]), D=empty)
    ours = base.Root["/OCProperties"]
    _append(base, ours, brought, "/OCGs")
    for key in ("/OFF", "/Locked"):
        _append(base, ours["/D"], brought["/D"], key)


def _append(base: pikepdf.Pdf, ours: pikepdf.Object, theirs: pikepdf.Object, key: str) -> None:
    if key not in ours:
        ours[key] = Array([])
    for group in list(theirs.get(key, Array([]))):
        ours[key].append(base.copy_foreign(group))
