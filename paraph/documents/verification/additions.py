"""What may follow a seal: proofs and timestamps, and nothing else whatever."""

import re
from collections.abc import Iterator
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DSSCompareRule,
    FormUpdatingRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.validation import EmbeddedPdfSignature

ENDING: Final = re.compile(rb"\s*(trailer)?\s*(<<.*>>)?\s*startxref\s+\d+\s+%%EOF\n", re.DOTALL)
MAX_ENDING_BYTES: Final = 4096
UPWARDS: Final = frozenset({"/P", "/Parent"})
"""Entries of a field that lead back into the document."""


NOTHING_BUT_PROOFS: Final = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),  # type: ignore[no-untyped-call]
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (XrefStreamRule(), ObjectStreamRule(), DSSCompareRule())
        ),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]  # type: ignore[no-untyped-call]
    ),
)
"""pyHanko's own policy less document information, metadata and values of form fields."""


def adds_nothing_else(reader: PdfFileReader, seal: EmbeddedPdfSignature) -> bool:
    """Whether every object that came after the seal belongs to the proofs or to a signature field; objects that
    nothing refers to are not shown by any reader, but they have no business there."""
    known = {*_reachable(reader), _key(reader.root_ref)}
    for number in range(seal.signed_revision + 1, reader.xrefs.total_revisions):
        table = reader.xrefs.get_xref_container_info(number).stream_ref
        containers = {_key(one) for one in reader.xrefs.explicit_refs_in_revision(number) if one == table}
        containers |= {(one, 0) for one in reader.xrefs.object_streams_used_in(number)}  # type: ignore[no-untyped-call]
        for reference in reader.xrefs.explicit_refs_in_revision(number):
            is_new = reader.xrefs.get_historical_ref(reference, seal.signed_revision) is None
            if is_new and _key(reference) not in known | containers:
                return False
    return True


def _reachable(reader: PdfFileReader) -> set[tuple[int, int]]:
    """What the proofs and the form consist of."""
    seen: set[tuple[int, int]] = set()
    waiting = [reader.root.raw_get(name) for name in ("/DSS", "/AcroForm") if name in reader.root]
    while waiting:
        found = waiting.pop()
        if isinstance(found, generic.IndirectObject):
            if (found.idnum, found.generation) in seen:
                continue
            seen.add((found.idnum, found.generation))
            found = found.get_object()  # type: ignore[no-untyped-call]
        if isinstance(found, generic.DictionaryObject):
            waiting += [found.raw_get(name) for name in found if name not in UPWARDS]
        elif isinstance(found, generic.ArrayObject):
            waiting += [found.raw_get(place) for place in range(len(found))]
    return seen


def _key(reference: generic.Reference) -> tuple[int, int]:
    return reference.idnum, reference.generation


def is_accounted_for(reader: PdfFileReader, last: EmbeddedPdfSignature) -> bool:
    """Whether every byte behind the last signature's own belongs to an object, table or trailer that the
    reader takes notice of: nothing lies in between for another reader to find, nothing after the end."""
    _, first, second, rest = last.byte_range
    start = second + rest
    spans = sorted(span for span in _spans(reader, last.signed_revision + 1) if span[0] >= start)
    stream = reader.stream
    for begin, end in spans:
        stream.seek(start)
        if begin < start or stream.read(begin - start).strip():
            return False
        start = end
    stream.seek(start)
    ending = stream.read(MAX_ENDING_BYTES)
    has_ended = ENDING.fullmatch(ending) is not None and b"obj" not in ending
    return bool(spans) and first > 0 and has_ended


def _spans(reader: PdfFileReader, revision: int) -> Iterator[tuple[int, int]]:
    """Where each object and table of this and later revisions begins and ends."""
    for number in range(revision, reader.xrefs.total_revisions):
        table = reader.xrefs.get_xref_container_info(number)
        if table.stream_ref is None:
            yield table.declared_startxref, table.end_location
        for reference in reader.xrefs.explicit_refs_in_revision(number):
            place = reader.xrefs.get_historical_ref(reference, number)
            if isinstance(place, int):
                reader.get_object(reference, revision=number)  # type: ignore[no-untyped-call]
                yield place, reader.stream.tell()
