"""Glyphs taken out of content streams, and an equal move put in their place, so that nothing else shifts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

import pikepdf
from pikepdf import ContentStreamInstruction, Dictionary, Name, Operator

from paraph.documents.naming import free_name
from paraph.documents.text.tracing import Glyph, Stream

PLACING: Final = frozenset({"Td", "TD", "Tm", "T*", "'", '"', "BT", "ET"})

Dead = dict[int, dict[int, Glyph]]
"""By element, then by where the code starts."""


def remove_glyphs(pdf: pikepdf.Pdf, page: pikepdf.Page, streams: Sequence[Stream], glyphs: Iterable[Glyph]) -> None:
    """Rewrite the page without these glyphs. A form that holds some is copied for this page alone."""
    dead: dict[Stream, dict[int, Dead]] = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for glyph in glyphs:
        dead[glyph.stream][glyph.instruction][glyph.element][glyph.start] = glyph
    calls: dict[Stream, dict[int, pikepdf.Object]] = defaultdict(dict)
    for stream in reversed(streams):  # children before those that draw them
        if stream not in dead and stream not in calls:
            continue
        edits = {place: _without(stream, place, gone) for place, gone in dead[stream].items()}
        resources = _own_resources(stream, calls[stream], edits)
        data = pikepdf.unparse_content_stream(_edited(stream, edits))
        if stream.parent is None:
            page.obj["/Resources"] = resources
            page.obj["/Contents"] = pdf.make_stream(data)
        else:
            calls[stream.parent][stream.caller] = _copied(pdf, stream, data, resources)


def _edited(
    stream: Stream, edits: dict[int, list[ContentStreamInstruction]]
) -> list[ContentStreamInstruction | pikepdf.ContentStreamInlineImage]:
    result: list[ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    for place, instruction in enumerate(stream.instructions):
        result += edits.get(place, [instruction])
    return result


def _own_resources(
    stream: Stream, calls: dict[int, pikepdf.Object], edits: dict[int, list[ContentStreamInstruction]]
) -> pikepdf.Object:
    """The stream's resources with the new forms in; its calls of them go into edits."""
    if not calls:
        return stream.resources
    own = Dictionary(dict(stream.resources.items()))  # others may share the old one
    objects = Dictionary(dict(own.get("/XObject", Dictionary()).items()))
    for place, form in calls.items():
        name = free_name(objects, "/ParaphForm")
        objects[name] = form
        edits[place] = [ContentStreamInstruction([Name(name)], Operator("Do"))]
    own["/XObject"] = objects
    return own


def _copied(pdf: pikepdf.Pdf, stream: Stream, data: bytes, resources: pikepdf.Object) -> pikepdf.Object:
    assert stream.form is not None
    kept = {key: value for key, value in stream.form.items() if key not in {"/Length", "/Filter", "/DecodeParms"}}
    copied = pdf.make_stream(data, Dictionary(kept))
    copied["/Resources"] = resources
    return pdf.make_indirect(copied)


def _without(stream: Stream, place: int, dead: Dead) -> list[ContentStreamInstruction]:
    instruction = stream.instructions[place]
    assert isinstance(instruction, ContentStreamInstruction)
    operator, operands = str(instruction.operator), list(instruction.operands)
    elements = list(operands[-1]) if operator == "TJ" else [operands[-1]]
    shown: list[pikepdf.Object | float] = []
    for number, element in enumerate(elements):
        if number in dead and isinstance(element, pikepdf.String):
            shown += _cut(bytes(element), dead[number])
        else:
            shown.append(element)
    before = []
    if operator == '"':
        before += [_instruction("Tw", operands[0]), _instruction("Tc", operands[1])]
    if operator in {"'", '"'}:
        before.append(_instruction("T*"))
    if not any(isinstance(element, pikepdf.String) for element in shown) and _starts_anew(stream, place):
        return before  # a move that leads nowhere confuses readers
    return [*before, ContentStreamInstruction([pikepdf.Array(shown)], Operator("TJ"))]


def _starts_anew(stream: Stream, place: int) -> bool:
    """Whether what is shown next has a place of its own."""
    for following in islice(stream.instructions, place + 1, None):
        operator = str(following.operator)
        if operator in PLACING:
            return True
        if operator in {"Tj", "TJ"}:
            return False
    return True


def _cut(data: bytes, dead: dict[int, Glyph]) -> list[pikepdf.Object | float]:
    """What is left of a string, as elements of a TJ array."""
    pieces: list[pikepdf.Object | float] = []
    kept, move, start = b"", 0.0, 0
    step = next(iter(dead.values())).byte_count
    while start < len(data):
        if start in dead:
            if kept:
                pieces.append(pikepdf.String(kept))
                kept = b""
            move += dead[start].move
        else:
            if move:
                pieces.append(round(move, 3))
                move = 0.0
            kept += data[start : start + step]
        start += step
    if kept:
        pieces.append(pikepdf.String(kept))
    if move:
        pieces.append(round(move, 3))
    return pieces


def _instruction(operator: str, *operands: pikepdf.Object) -> ContentStreamInstruction:
    return ContentStreamInstruction(list(operands), Operator(operator))
