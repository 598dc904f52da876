"""The sealed file: one certification signature that others accept and that every published attack breaks."""

import io
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from paraph.documents import (
    Assembly,
    Attachment,
    Box,
    Completed,
    CompletionPlan,
    DocumentFailure,
    Mark,
    PlainText,
    Rejected,
    SealingIdentity,
    TypedText,
)
from paraph.documents.sealing.signer import SealSigner, certificate_of
from tests.documents.conftest import Desk
from tests.documents.samples import text_pdf_bytes

PAY = b"BT /F 40 Tf 72 400 Td (PAY 1,000,000) Tj ET"
EVIL_OBJECT = b"\n4 0 obj\n<</Length 43>>\nstream\n" + PAY + b"\nendstream\nendobj\n"


@pytest.fixture(scope="module")
def sealed(desk: Desk, identity: SealingIdentity, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Completed]:
    folder = tmp_path_factory.mktemp("sealed")
    document = desk.document(text_pdf_bytes(3), folder / "in.pdf")
    marks = (
        Mark(0, Box(1, 60, 700, 200, 50), TypedText("Ann Example", "caveat")),
        Mark(0, Box(1, 300, 700, 200, 50), PlainText("2026-11-23")),
    )
    assembly = Assembly(
        (document,), marks, title="Agreement ✓ Ä", properties={"ParaphRequest": "f" * 40, "ParaphChainHead": "a" * 64}
    )
    chain = Attachment("audit-chain.json", b'[{"sequence":1}]', "application/json", "Audit events")
    plan = CompletionPlan(assembly, identity, attachments=(chain,))
    return folder / "out.pdf", desk.complete(plan, folder / "out.pdf")


def test_the_result_says_what_was_made(sealed: tuple[Path, Completed], identity: SealingIdentity) -> None:
    path, done = sealed
    assert done.level == "PAdES-B-B"
    assert done.sealed_by == "Common Name: Paraph Test"
    assert done.issued_by == "Common Name: Paraph Test Root CA"
    assert done.page_count == 3
    import hashlib

    data = path.read_bytes()
    assert done.sha256 == hashlib.sha256(data).hexdigest()
    assert done.content_sha256 == hashlib.sha256(data[: done.content_byte_count]).hexdigest()
    assert not [name for name in path.parent.iterdir() if "draft" in name.name]


def test_our_own_verdict_is_intact(sealed: tuple[Path, Completed], desk: Desk, identity: SealingIdentity) -> None:
    verdict = desk.verify(sealed[0], identity)
    assert verdict.intact
    assert verdict.reasons == ()
    assert verdict.sha256 == sealed[1].sha256
    assert verdict.properties["ParaphChainHead"] == "a" * 64
    assert verdict.properties["Title"] == "Agreement ✓ Ä"
    (chain,) = verdict.attachments
    assert (chain.name, chain.data, chain.media_type) == ("audit-chain.json", b'[{"sequence":1}]', "application/json")


def test_pdfsig_accepts_it(sealed: tuple[Path, Completed]) -> None:
    shown = subprocess.run(["pdfsig", "-nocert", str(sealed[0])], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid" in shown
    assert "Total document signed" in shown
    assert "ETSI.CAdES.detached" in shown
    assert "SHA-256" in shown


def test_qpdf_finds_nothing_wrong(sealed: tuple[Path, Completed]) -> None:
    assert subprocess.run(["qpdf", "--check", str(sealed[0])], capture_output=True, check=False).returncode == 0


def test_pyhanko_accepts_it_as_a_certification(sealed: tuple[Path, Completed], identity: SealingIdentity) -> None:
    with sealed[0].open("rb") as file:
        reader = PdfFileReader(file, strict=True)
        (signature,) = reader.embedded_signatures
        trust = ValidationContext(trust_roots=[certificate_of(root) for root in identity.roots])
        status = validate_pdf_signature(signature, trust)
        assert status.bottom_line
        assert status.coverage.name == "ENTIRE_FILE"
        assert signature.docmdp_level == MDPPerm.NO_CHANGES
        assert reader.total_revisions == 2
        attributes = {str(item["type"].native) for item in signature.signer_info["signed_attrs"]}
        assert "signing_certificate_v2" in attributes
        assert signature.md_algorithm == "sha256"


def test_openssl_accepts_it_as_cades(
    sealed: tuple[Path, Completed], identity: SealingIdentity, tmp_path: Path
) -> None:
    """An implementation that shares no code with the one that signed."""
    data = sealed[0].read_bytes()
    start, gap_start, gap_end, rest = byte_range(data)
    (tmp_path / "signed").write_bytes(data[start:gap_start] + data[gap_end : gap_end + rest])
    content = bytes.fromhex(data[gap_start + 1 : gap_end - 1].decode())
    length = 4 + int.from_bytes(content[2:4], "big")
    (tmp_path / "cms").write_bytes(content[:length])
    (tmp_path / "root").write_bytes(identity.roots[0])
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "cms", "-content", "signed"]
    command += ["-binary", "-CAfile", "root", "-purpose", "any", "-out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "CAdES Verification successful" in done.stderr


def test_another_root_does_not_vouch_for_it(sealed: tuple[Path, Completed], desk: Desk, tmp_path: Path) -> None:
    other = SealingIdentity.load_or_create(tmp_path / "other", "Paraph Test")
    verdict = desk.verify(sealed[0], other)
    assert verdict.state == "not_intact"
    assert verdict.reasons == ("signer_not_trusted",)


# --- attacks ---


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


@pytest.fixture(scope="module", autouse=True)
def stranger(tmp_path_factory: pytest.TempPathFactory) -> None:
    STRANGER[:] = [SealingIdentity.load_or_create(tmp_path_factory.mktemp("stranger"), "Paraph Test")]


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


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_seen(
    name: str, sealed: tuple[Path, Completed], desk: Desk, identity: SealingIdentity, tmp_path: Path
) -> None:
    good = sealed[0].read_bytes()
    changed = ATTACKS[name](good)
    assert changed != good
    (tmp_path / "changed.pdf").write_bytes(changed)
    verdict = desk.verify(tmp_path / "changed.pdf", identity)
    assert not verdict.intact
    assert verdict.reasons


def test_an_unsealed_document_is_not_signed(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    (tmp_path / "plain.pdf").write_bytes(text_pdf_bytes())
    verdict = desk.verify(tmp_path / "plain.pdf", identity)
    assert (verdict.state, verdict.reasons, verdict.page_count) == ("not_signed", ("no_signature",), 1)


def test_an_approval_by_ourselves_is_no_seal(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    output = io.BytesIO()
    metadata = signers.PdfSignatureMetadata(field_name="Sig", subfilter=fields.SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(io.BytesIO(text_pdf_bytes()))
    signers.PdfSigner(metadata, SealSigner(identity)).sign_pdf(writer, output=output)
    (tmp_path / "approved.pdf").write_bytes(output.getvalue())
    assert desk.verify(tmp_path / "approved.pdf", identity).reasons == ("not_certified_against_changes",)


def test_a_sealed_file_sent_again_says_that_it_was_signed(
    sealed: tuple[Path, Completed], desk: Desk, tmp_path: Path
) -> None:
    taken = desk.intake(sealed[0].read_bytes(), tmp_path / "again.pdf")
    assert taken.had_signatures == 1
    assert "signatures_flattened" in taken.warnings


def test_no_seal_without_the_key(desk: Desk, tmp_path: Path) -> None:
    identity = SealingIdentity.load_or_create(tmp_path / "keys", "Gone")
    document = desk.document(text_pdf_bytes(), tmp_path / "in.pdf")
    identity.key_file.unlink()
    with pytest.raises(DocumentFailure) as failure:
        desk.complete(CompletionPlan(Assembly((document,)), identity), tmp_path / "out.pdf")
    assert failure.value.reason == "sealing_failed"
    assert not (tmp_path / "out.pdf").exists()
    assert not list(tmp_path.glob("*draft*"))


def test_a_changed_document_is_never_sealed(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    document = desk.document(text_pdf_bytes(), tmp_path / "in.pdf")
    (tmp_path / "in.pdf").write_bytes(text_pdf_bytes(2))
    with pytest.raises(Rejected) as refused:
        desk.complete(CompletionPlan(Assembly((document,)), identity), tmp_path / "out.pdf")
    assert refused.value.reason == "changed_since_intake"


def test_the_certificate_is_fit_for_sealing(identity: SealingIdentity) -> None:
    certificate = x509.load_pem_x509_certificate(identity.certificate)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    root = x509.load_pem_x509_certificate(identity.roots[0])
    certificate.verify_directly_issued_by(root)
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lifetime.days > 10 * 365
    assert root.not_valid_after_utc > certificate.not_valid_after_utc
