"""One pass over every object: what unpacks to too much, and what reaches out of the file."""

import zlib
from typing import Final

import pikepdf
from pikepdf import Name

from paraph.documents.intake.actions import keep_action, text_of
from paraph.documents.intake.facts import Facts
from paraph.documents.intake.opening import MAX_STREAM_BYTES
from paraph.documents.rejected import Rejected

MAX_OBJECTS: Final = 500_000
MAX_FLATE_RATIO: Final = 1032
"""The best that deflate can do: a shorter stream cannot exceed the cap and is not tested."""
STEP_BYTES: Final = 1 << 20
FLATE: Final = ("/FlateDecode", "/Fl")


def check_objects(pdf: pikepdf.Pdf) -> None:
    """Raises Rejected when there are too many objects to go through."""
    if len(pdf.objects) > MAX_OBJECTS:
        raise Rejected("too_many_objects")


def strip_objects(pdf: pikepdf.Pdf, facts: Facts) -> None:
    """Refuse decompression bombs; drop external streams, actions, private data; count signatures."""
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            _check_stream(item, facts)
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            _strip(item, facts)


def _check_stream(stream: pikepdf.Stream, facts: Facts) -> None:
    for key in ("/F", "/FFilter", "/FDecodeParms"):
        if key in stream:
            del stream[key]
            facts.took_out("external_stream")
    filters = stream.get("/Filter")
    first = filters[0] if isinstance(filters, pikepdf.Array) and len(filters) else filters
    if not isinstance(first, Name) or str(first) not in FLATE:
        return
    raw = stream.read_raw_bytes()
    if len(raw) * MAX_FLATE_RATIO > MAX_STREAM_BYTES and _inflates_beyond(raw, MAX_STREAM_BYTES):
        raise Rejected("content_too_large")


def _inflates_beyond(raw: bytes, most: int) -> bool:
    inflater, total = zlib.decompressobj(), 0
    try:
        total += len(inflater.decompress(raw, STEP_BYTES))
        while inflater.unconsumed_tail and not inflater.eof and total <= most:
            total += len(inflater.decompress(inflater.unconsumed_tail, STEP_BYTES))
    except zlib.error:
        return False
    return total > most


def _strip(item: pikepdf.Object, facts: Facts) -> None:
    if text_of(item.get("/FT")) == "/Sig" and "/V" in item:
        facts.had_signatures += 1
    for key, kind in (("/AA", "additional_action"), ("/AF", "associated_file"), ("/PieceInfo", "")):
        if key in item:
            del item[key]
            if kind:
                facts.took_out(kind)
    if isinstance(item.get("/PA"), pikepdf.Dictionary):
        del item["/PA"]
    action = item.get("/A")
    if isinstance(action, pikepdf.Dictionary) and "/S" in action and not keep_action(action, facts):
        del item["/A"]
