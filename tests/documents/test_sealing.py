"""The sealed file: one certification signature that others accept and that every published attack breaks."""

import io
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
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
from tests.documents.attacks import ATTACKS, STRANGER, byte_range
from tests.documents.conftest import Desk
from tests.documents.samples import text_pdf_bytes


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


@pytest.fixture(scope="module", autouse=True)
def stranger(tmp_path_factory: pytest.TempPathFactory) -> None:
    STRANGER[:] = [SealingIdentity.load_or_create(tmp_path_factory.mktemp("stranger"), "Paraph Test")]


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
