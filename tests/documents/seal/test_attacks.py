"""Every attack of the table is seen on files of the higher levels too, and those that only they invite (T23)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import DocumentSecurityStore

from paraph.documents import Level, SealingIdentity
from paraph.documents.plans import Verdict
from tests.documents.attacks import ATTACKS, EVIL_OBJECT, STRANGER, bare_revision, byte_range, revised
from tests.documents.seal.conftest import ABOVE_PLAIN, SealDesk
from tests.helpers.pki import World

COVERED_LATER: dict[str, Callable[[bytes], bytes]] = {
    name: attack for name, attack in ATTACKS.items() if not name.startswith("signature corrupted")
}


@pytest.fixture(scope="module", autouse=True)
def stranger(tmp_path_factory: pytest.TempPathFactory) -> None:
    STRANGER[:] = [SealingIdentity.load_or_create(tmp_path_factory.mktemp("stranger"), "Acme Seal")]


@pytest.fixture
def judged(levels: SealDesk, tmp_path: Path) -> Callable[[bytes], Verdict]:
    def judge(data: bytes) -> Verdict:
        (tmp_path / "changed.pdf").write_bytes(data)
        return levels.desk.verify(tmp_path / "changed.pdf", levels.identity)

    return judge


@pytest.mark.parametrize("level", ABOVE_PLAIN)
def test_every_attack_is_seen(
    level: Level, sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict]
) -> None:
    good = sealed_at[level]
    assert judged(good).intact
    for name, attack in COVERED_LATER.items():
        changed = attack(good)
        assert changed != good, name
        verdict = judged(changed)
        assert not verdict.intact, name
        assert verdict.reasons, name


@pytest.mark.parametrize("level", ABOVE_PLAIN)
def test_every_byte_of_the_signature_counts(
    level: Level, sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict]
) -> None:
    """The seal's own room is covered by no seal: certificate, timestamp, its certificates, padding."""
    good = sealed_at[level]
    _, start, end, _ = byte_range(good)
    used = len(good[start + 1 : end - 1].rstrip(b"0"))
    for place in range(start + 3, start + used, used // 22):
        digit = b"1" if good[place : place + 1] != b"1" else b"2"
        assert not judged(good[:place] + digit + good[place + 1 :]).intact, place - start


def cms_of(good: bytes) -> tuple[int, int, cms.ContentInfo]:
    _, start, end, _ = byte_range(good)
    return start, end, cms.ContentInfo.load(bytes.fromhex(good[start + 1 : end - 1].decode()))


def with_cms(good: bytes, change: Callable[[cms.SignerInfo], None]) -> bytes:
    start, end, content = cms_of(good)
    change(content["content"]["signer_infos"][0])
    spelled = content.dump(force=True).hex().encode()
    return good[: start + 1] + spelled.ljust(end - start - 2, b"0") + good[end - 1 :]


def with_token(good: bytes, token: cms.ContentInfo) -> bytes:
    def change(signer: cms.SignerInfo) -> None:
        signer["unsigned_attrs"] = cms.CMSAttributes(
            [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]
        )

    return with_cms(good, change)


def token_for(world: World, digest: bytes) -> cms.ContentInfo:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    question = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True, "nonce": 9})
    return tsp.TimeStampResp.load(world.timestamp(question.dump()))["time_stamp_token"]


def without_token(signer: cms.SignerInfo) -> None:
    signer["unsigned_attrs"] = None


def end_of_seal(data: bytes) -> int:
    _, _, second, rest = byte_range(data)
    return second + rest


def test_a_timestamp_cannot_be_taken_out(sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict]) -> None:
    """No signature covers it; but the file says, within the sealed bytes, that there is one."""
    verdict = judged(with_cms(sealed_at["PAdES-B-T"], without_token))
    assert verdict.reasons == ("level_lower_than_stated",)
    assert verdict.level == "PAdES-B-B"


def test_a_timestamp_cannot_be_exchanged(
    sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict], world: World
) -> None:
    import hashlib

    good = sealed_at["PAdES-B-T"]
    other = judged(with_token(good, token_for(world, b"\x07" * 32)))
    assert "timestamp_not_trusted" in other.reasons
    signature = cms_of(good)[2]["content"]["signer_infos"][0]["signature"].native
    by_stranger = token_for(World(world.base), hashlib.sha256(signature).digest())
    assert "timestamp_not_trusted" in judged(with_token(good, by_stranger)).reasons
    # a later one by the same authority, with certificates that nobody needs
    assert "timestamp_holds_more" in judged(with_token(good, bloated(world, signature))).reasons


def bloated(world: World, signature: bytes) -> cms.ContentInfo:
    import hashlib

    from asn1crypto import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    token = token_for(world, hashlib.sha256(signature).digest())
    stray = x509.Certificate.load(World(world.base).root.certificate.public_bytes(Encoding.DER))
    token["content"]["certificates"].append(cms.CertificateChoices("certificate", stray))
    return token


@pytest.mark.parametrize("level", ["PAdES-B-LT", "PAdES-B-LTA"])
def test_proofs_cannot_be_cut_off(
    level: Level, sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict]
) -> None:
    cut = judged(sealed_at[level][: end_of_seal(sealed_at[level])])
    assert cut.reasons == ("level_lower_than_stated",)
    assert cut.level == "PAdES-B-T"


def hidden_before_the_proofs(good: bytes) -> bytes:
    """The proofs written again, behind an object that only a forgiving reader finds."""
    store = DocumentSecurityStore.read_dss(IncrementalPdfFileWriter(io.BytesIO(good)).prev)
    output = io.BytesIO(good[: end_of_seal(good)] + EVIL_OBJECT + b"startxref\n%d\n%%%%EOF\n" % start_of_table(good))
    DocumentSecurityStore.add_dss(
        output,
        None,
        certs=store.load_certs(),
        ocsps=[one.get_object().data for one in store.ocsps] and parsed_ocsps(store),
        crls=[],
        strict=False,
        force_write=True,
    )
    return output.getvalue()


def parsed_ocsps(store: DocumentSecurityStore) -> list[object]:
    from asn1crypto import ocsp

    return [ocsp.OCSPResponse.load(one.get_object().data) for one in store.ocsps]


def start_of_table(good: bytes) -> int:
    sealed = good[: end_of_seal(good)]
    return int(sealed[sealed.rindex(b"startxref") + 9 : sealed.rindex(b"%%EOF")])


def test_nothing_hides_between_seal_and_proofs(
    sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict]
) -> None:
    good = sealed_at["PAdES-B-LT"]
    assert "changed_after_sealing" in judged(hidden_before_the_proofs(good)).reasons


class OtherAuthority(TimeStamper):
    """Anybody can have a timestamp put over anything."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._world.timestamp(req.dump()))


def timestamped(data: bytes, world: World) -> bytes:
    output = io.BytesIO(data)
    writer = IncrementalPdfFileWriter(output, strict=False)
    PdfTimeStamper(OtherAuthority(world), field_name="Later").timestamp_pdf(writer, "sha256", in_place=True)
    return output.getvalue()


@pytest.mark.parametrize("level", ABOVE_PLAIN)
def test_a_timestamp_over_an_attack_does_not_heal_it(
    level: Level, sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict], world: World
) -> None:
    good = sealed_at[level]
    for name in ("page replaced in a revision", "annotation added in a revision", "script added in a revision"):
        changed = timestamped(ATTACKS[name](good), world)
        assert not judged(changed).intact, name
    assert not judged(timestamped(revised(bare_revision)(good), world)).intact


def test_a_signature_field_that_waits_is_a_change(
    sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict]
) -> None:
    from pyhanko.sign.fields import append_signature_field

    def add(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Sign here", on_page=0, box=(50, 50, 300, 300)))

    assert not judged(revised(add)(sealed_at["PAdES-B-LTA"])).intact


def test_a_store_of_rubbish_is_a_change(sealed_at: dict[Level, bytes], judged: Callable[[bytes], Verdict]) -> None:
    def add(writer: IncrementalPdfFileWriter) -> None:
        rubbish = writer.add_object(generic.StreamObject(stream_data=b"BT (PAY) Tj ET"))
        writer.root["/DSS"]["/Certs"].append(rubbish)
        writer.update_container(writer.root["/DSS"]["/Certs"])

    assert not judged(revised(add)(sealed_at["PAdES-B-LT"])).intact
