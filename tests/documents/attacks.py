"""The published attacks on sealed files, and some of our own: each takes a good file and gives a bad one."""

import io
import re
from collections.abc import Callable

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm

from paraph.documents import SealingIdentity
from paraph.documents.sealing.signer import SealSigner
from tests.documents.samples import text_pdf_bytes

PAY = b"BT /F 40 Tf 72 400 Td (PAY 1,000,000) Tj ET"
EVIL_OBJECT = b"\n4 0 obj\n<</Length 43>>\nstream\n" + PAY + b"\nendstream\nendobj\n"


def byte_range(data: bytes) -> tuple[int, int, int, int]:
    found = re.search(rb"/ByteRange\s*\[([^\]]*)\]", data)
    assert found
    start, length, second, rest = (int(number) for number in found[1].split())
    return start, start + length, second, rest


def revised(change: Callable[[IncrementalPdfFileWriter], None]) -> Callable[[bytes], bytes]:
    def attack(good: bytes) -> bytes:
        writer, output = IncrementalPdfFileWriter(io.BytesIO(good), strict=False), io.BytesIO()
        change(writer)
        writer.write(output)
        return output.getvalue()

    return attack


def replace_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.find_page_for_modification(0)[0].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=PAY))
    writer.update_container(page)


def add_annotation(writer: IncrementalPdfFileWriter) -> None:
    page = writer.find_page_for_modification(0)[0].get_object()
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject([generic.FloatObject(edge) for edge in (50, 50, 300, 100)]),
            pdf_name("/Contents"): generic.TextStringObject("I owe you"),
        }
    )
    page["/Annots"] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def change_information(writer: IncrementalPdfFileWriter) -> None:
    writer.set_info(writer.add_object(generic.DictionaryObject({pdf_name("/Title"): generic.TextStringObject("x")})))


def add_script(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("app.alert(1)")}
    )
    writer.update_root()


def remove_permissions(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Perms"]
    writer.update_root()


def bare_revision(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(generic.DictionaryObject({pdf_name("/X"): pdf_name("/Y")}))


def second_signature(good: bytes) -> bytes:
    """By somebody else, over a revision that first drops the prohibition."""
    return signed_by_another(revised(remove_permissions)(good))


def signed_by_another(data: bytes) -> bytes:
    output = io.BytesIO()
    with_field = fields.SigFieldSpec("Evil", on_page=0, box=(50, 50, 300, 300))
    metadata = signers.PdfSignatureMetadata(field_name="Evil")
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    signers.PdfSigner(metadata, SealSigner(STRANGER[0]), new_field_spec=with_field).sign_pdf(writer, output=output)
    return output.getvalue()


STRANGER: list[SealingIdentity] = []
"""Filled by the fixture `stranger`: somebody else with a certificate of the same name."""


def resealed_by_a_stranger(_good: bytes) -> bytes:
    output = io.BytesIO()
    metadata = signers.PdfSignatureMetadata(
        field_name="ParaphSeal",
        certify=True,
        subfilter=fields.SigSeedSubFilter.PADES,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(text_pdf_bytes()))
    signers.PdfSigner(metadata, SealSigner(STRANGER[0])).sign_pdf(writer, output=output)
    return output.getvalue()


def flipped(good: bytes) -> bytes:
    changed = bytearray(good)
    changed[900] ^= 1
    return bytes(changed)


def padding_changed(good: bytes) -> bytes:
    _, _, end, _ = byte_range(good)
    return good[: end - 10] + b"1" + good[end - 9 :]


def cms_corrupted(position: int) -> Callable[[bytes], bytes]:
    def attack(good: bytes) -> bytes:
        _, start, _, _ = byte_range(good)
        place = start + 1 + position
        return good[:place] + (b"1" if good[place : place + 1] != b"1" else b"2") + good[place + 1 :]

    return attack


def range_replaced(text: bytes) -> Callable[[bytes], bytes]:
    def attack(good: bytes) -> bytes:
        found = re.search(rb"/ByteRange\s*\[[^\]]*\]", good)
        assert found
        return good[: found.start()] + text.ljust(len(found[0]))[: len(found[0])] + good[found.end() :]

    return attack


def contents_renamed(good: bytes) -> bytes:
    _, start, _, _ = byte_range(good)
    place = good.rindex(b"/Contents", 0, start + 1)
    return good[:place] + b"/Cont3nts" + good[place + 9 :]


def contents_zeroed(good: bytes) -> bytes:
    _, start, end, _ = byte_range(good)
    return good[: start + 1] + b"0" * (end - start - 2) + good[end - 1 :]


def contents_emptied(good: bytes) -> bytes:
    _, start, end, _ = byte_range(good)
    return good[:start] + b"<>" + b" " * (end - start - 2) + good[end:]


def second_range_moved(good: bytes) -> bytes:
    start, gap, end, rest = byte_range(good)
    moved = b"/ByteRange [%d %d %d %d]" % (start, gap, end + len(EVIL_OBJECT), rest)
    changed = range_replaced(moved)(good)
    return changed[:end] + EVIL_OBJECT + changed[end:]


def rewritten(good: bytes) -> bytes:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(good)) as pdf:
        pdf.save(output)
    return output.getvalue()


def seal_stripped(good: bytes) -> bytes:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(good)) as pdf:
        del pdf.Root["/AcroForm"], pdf.Root["/Perms"], pdf.pages[0].obj["/Annots"]
        pdf.save(output)
    return output.getvalue()


def before_the_seal(good: bytes) -> bytes:
    return good[: good.index(b"%%EOF") + 6]


def added_page(good: bytes) -> bytes:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(good)) as pdf:
        pdf.add_blank_page()
        pdf.save(output)
    return output.getvalue()


ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    "one bit flipped": flipped,
    "padding in the signature changed": padding_changed,
    **{f"signature corrupted at {position}": cms_corrupted(position) for position in range(3, 2300, 131)},
    "newline appended": lambda good: good + b"\n",
    "garbage appended": lambda good: good + b"%" + b"A" * 1000 + b"\n",
    "object appended without a table": lambda good: good + EVIL_OBJECT,
    "object and trailer appended": lambda good: good + EVIL_OBJECT + b"trailer\n<</Root 1 0 R>>\n%%EOF\n",
    "empty revision appended": revised(bare_revision),
    "page replaced in a revision": revised(replace_page),
    "annotation added in a revision": revised(add_annotation),
    "information changed in a revision": revised(change_information),
    "script added in a revision": revised(add_script),
    "prohibition removed in a revision": revised(remove_permissions),
    "second signature by a stranger": second_signature,
    "sealed again by a stranger of the same name": resealed_by_a_stranger,
    "byte range renamed": lambda good: good.replace(b"/ByteRange", b"/ByteRang3", 1),
    "byte range null": range_replaced(b"/ByteRange null"),
    "byte range of nothing": range_replaced(b"/ByteRange [0 0 0 0]"),
    "byte range negative": range_replaced(b"/ByteRange [0 -1 -1 -1]"),
    "signature renamed": contents_renamed,
    "signature of zeros": contents_zeroed,
    "signature empty": contents_emptied,
    "second range moved": second_range_moved,
    "page added": added_page,
    "rewritten whole": rewritten,
    "seal stripped": seal_stripped,
    "cut before the seal": before_the_seal,
    "cut in the middle": lambda good: good[: len(good) // 2],
    "emptied": lambda good: b"",
}
