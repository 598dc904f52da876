"""Every level with every key, and every kind of page: four programs that are not ours accept the output.

`pdfsig` (poppler, NSS), `openssl cms -cades`, pyHanko's validation by EN 319 102-1, and `qpdf --check`.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import crl, ocsp, pem, x509
from cryptography.hazmat.primitives.asymmetric import rsa
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.ades import ades_basic_validation, ades_lta_validation, ades_with_time_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from paraph.documents import LEVELS, Level, SealingIdentity
from tests.documents.attacks import byte_range
from tests.documents.samples import pdf_bytes, picture, text_pdf, text_pdf_bytes
from tests.documents.seal.conftest import SealDesk
from tests.helpers.pki import PASSPHRASE, World, p256, rsa2048
from tests.helpers.softhsm import SoftToken

KEYS = ("p256", "rsa2048", "rsa4096", "pkcs11")


def rotated() -> bytes:
    pdf = text_pdf(2)
    for page, turn in zip(pdf.pages, (90, 270), strict=True):
        page.obj["/Rotate"] = turn
        page.obj["/CropBox"] = Array([20, 30, 500, 700])
    return pdf_bytes(pdf)


def form() -> bytes:
    pdf = text_pdf()
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T="name",
            V="Filled in",
            DA="/F 10 Tf 0 g",
            Rect=Array([60, 60, 260, 90]),
        )
    )
    pdf.pages[0].obj["/Annots"] = Array([field])
    fonts = Dictionary(Font=pdf.pages[0].obj["/Resources"]["/Font"])
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([field]), DR=fonts, NeedAppearances=True)
    return pdf_bytes(pdf)


def scan() -> bytes:
    """A page that is one photograph of 0.4 MB."""
    from PIL import Image

    noise = Image.frombytes("L", (640, 900), os.urandom(640 * 900))
    output = io.BytesIO()
    noise.save(output, "JPEG", quality=88)
    assert output.tell() > 400_000
    return output.getvalue()


PAGES: dict[str, Callable[[], bytes]] = {
    "text": lambda: text_pdf_bytes(1),
    "rotated": rotated,
    "form": form,
    "scan": scan,
    "picture": lambda: picture((800, 600)),
    "many": lambda: text_pdf_bytes(60),
}
CASES = [
    *((level, key, "text") for level in LEVELS for key in KEYS),
    *((level, "p256", kind) for level in ("PAdES-B-B", "PAdES-B-LTA") for kind in PAGES if kind != "text"),
]


@pytest.fixture(scope="module")
def identities(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SealingIdentity]:
    folder = tmp_path_factory.mktemp("identities")
    keys = {"p256": p256(), "rsa2048": rsa2048(), "rsa4096": rsa.generate_private_key(65537, 4096)}
    made = {
        name: SealingIdentity.from_pkcs12(
            world.pkcs12(folder / f"{name}.p12", world.certified(f"Seal {name}", key)), PASSPHRASE
        )
        for name, key in keys.items()
    }
    holder = world.certified("Seal token", rsa2048())
    (folder / "token.pem").write_bytes(holder.pem + world.intermediate.pem + world.root.pem)
    token = SoftToken.of_this_process()
    made["pkcs11"] = SealingIdentity.from_token(folder / "token.pem", token.take(holder, "seal"))
    return made


@pytest.mark.parametrize(("level", "key", "kind"), CASES, ids=["-".join(case) for case in CASES])
def test_others_accept_it(
    level: Level,
    key: str,
    kind: str,
    identities: dict[str, SealingIdentity],
    levels: SealDesk,
    world: World,
    tmp_path: Path,
) -> None:
    path, done = levels.by(identities[key]).seal(tmp_path, level, PAGES[kind]())
    assert done.level == level
    data = path.read_bytes()
    assert subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=False).returncode == 0
    accepted_by_poppler(path, level)
    accepted_by_openssl(data, identities[key], tmp_path)
    accepted_as_ades(data, level, world)


def accepted_by_poppler(path: Path, level: Level) -> None:
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid" in said
    assert "SHA-256" in said
    assert ("Total document signed" in said) is (level in ("PAdES-B-B", "PAdES-B-T", "PAdES-B-LTA"))


def accepted_by_openssl(data: bytes, identity: SealingIdentity, folder: Path) -> None:
    start, gap_start, gap_end, rest = byte_range(data)
    (folder / "signed").write_bytes(data[start:gap_start] + data[gap_end : gap_end + rest])
    content = bytes.fromhex(data[gap_start + 1 : gap_end - 1].decode())
    (folder / "cms").write_bytes(content[: 4 + int.from_bytes(content[2:4], "big")])
    (folder / "root").write_bytes(identity.roots[0])
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "cms", "-content", "signed"]
    command += ["-binary", "-CAfile", "root", "-purpose", "any", "-out", "out"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "CAdES Verification successful" in done.stderr


def accepted_as_ades(data: bytes, level: Level, world: World) -> None:
    """Offline; from B-LT on, with proof of not being revoked demanded of every certificate."""
    proven = level in ("PAdES-B-LT", "PAdES-B-LTA")
    root = x509.Certificate.load(pem.unarmor(world.root.pem)[2])
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[root]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO if proven else NO_REVOCATION),
    )
    offline = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    reader = PdfFileReader(io.BytesIO(data))
    (seal,) = reader.embedded_regular_signatures
    specification = SignatureValidationSpec(policy, offline, local_knowledge=proofs_in(reader))
    digest = seal.compute_digest()
    if level == "PAdES-B-LTA":
        found = asyncio.run(ades_lta_validation(seal, PdfSignatureValidationSpec(specification)))
    elif level == "PAdES-B-B":
        found = asyncio.run(ades_basic_validation(seal.signed_data, specification, raw_digest=digest))
    else:
        found = asyncio.run(ades_with_time_validation(seal.signed_data, specification, raw_digest=digest))
        assert found.best_signature_time < datetime.now(UTC)
    assert found.ades_subindic == AdESPassed.OK, found.failure_msg
    assert bool(re.search(rb"/DocTimeStamp", data)) is (level == "PAdES-B-LTA")
    assert ("/DSS" in reader.root) is proven


def proofs_in(reader: PdfFileReader) -> LocalKnowledge:
    if "/DSS" not in reader.root:
        return LocalKnowledge()
    store = DocumentSecurityStore.read_dss(reader)
    answers = [ocsp.OCSPResponse.load(one.get_object().data) for one in store.ocsps]
    lists = [crl.CertificateList.load(one.get_object().data) for one in store.crls]
    return LocalKnowledge(
        known_ocsps=[one for answer in answers for one in OCSPContainer.load_multi(answer)],
        known_crls=[CRLContainer(one) for one in lists],
        known_certs=list(store.load_certs()),
    )
