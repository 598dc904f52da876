"""Counting pages without trusting the tree that holds them."""

from typing import Final

import pikepdf

from paraph.documents.rejected import Rejected

MAX_DEPTH: Final = 200
MAX_NODES: Final = 4000
"""Inner nodes of the tree; real files have a tenth of their page count."""


def check_page_tree(pdf: pikepdf.Pdf, max_pages: int) -> None:
    """Raises Rejected for loops, depth, width, no pages, and more than max_pages.

    Does not touch pdf.pages before the count is known: that would build the whole list."""
    if not pdf.Root.is_indirect:
        pdf.trailer["/Root"] = pdf.make_indirect(pdf.Root)
    root = pdf.Root.get("/Pages")
    if not isinstance(root, pikepdf.Dictionary):
        raise Rejected("no_pages")
    leaves = _count_leaves(root, max_pages)
    if leaves == 0 or len(pdf.pages) == 0:
        raise Rejected("no_pages")
    if len(pdf.pages) > max_pages:
        raise Rejected("too_many_pages")


def _count_leaves(root: pikepdf.Object, max_pages: int) -> int:
    leaves, nodes = 0, 0
    seen: set[tuple[int, int]] = set()
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary):
            continue
        kids = node.get("/Kids")
        if not isinstance(kids, pikepdf.Array):
            leaves += 1
            if leaves > max_pages:
                raise Rejected("too_many_pages")
            continue
        nodes += 1
        if depth > MAX_DEPTH or nodes > MAX_NODES or node.objgen in seen:
            raise Rejected("page_tree_damaged")
        if len(kids) > max_pages + MAX_NODES:
            raise Rejected("too_many_pages")
        if node.is_indirect:
            seen.add(node.objgen)
        waiting += [(kid, depth + 1) for kid in reversed(list(kids))]
    return leaves
