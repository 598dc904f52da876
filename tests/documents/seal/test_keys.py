"""Every kind of key that seals, and words for each that cannot."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from paraph.documents import DocumentFailure, SealingIdentity, SealingIdentityError, TokenKey
from tests.documents.seal.conftest import SealDesk
from tests.helpers.pki import PASSPHRASE, Holder, World, p256, rsa2048
from tests.helpers.softhsm import SoftToken


@pytest.fixture(scope="module")
def token() -> SoftToken:
    return SoftToken.of_this_process()


def certificates(folder: Path, world: World, holder: Holder) -> Path:
    path = folder / "chain.pem"
    path.write_bytes(holder.pem + world.intermediate.pem + world.root.pem)
    return path


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_key_in_a_token_seals(kind: str, token: SoftToken, world: World, levels: SealDesk, tmp_path: Path) -> None:
    holder = world.certified("Token Seal", rsa2048() if kind == "rsa" else p256())
    key = token.take(holder, f"seal-{kind}")
    identity = SealingIdentity.from_token(certificates(tmp_path, world, holder), key)
    assert key.pin not in repr(identity)
    assert levels.desk.run(levels.desk.workers.key_problem(identity)) == ""
    path, done = levels.by(identity).seal(tmp_path, "PAdES-B-T")
    assert done.sealed_by == "Common Name: Token Seal"
    verdict = levels.desk.verify(path, identity)
    assert (verdict.reasons, verdict.level) == ((), "PAdES-B-T")


def test_a_token_that_cannot_seal_is_told_in_words(
    token: SoftToken, world: World, levels: SealDesk, tmp_path: Path
) -> None:
    holder, other = world.certified("One", p256()), world.certified("Other", p256())
    key = token.take(holder, "one")
    chain = certificates(tmp_path, world, holder)

    def problem(wrong: TokenKey, file: Path = chain) -> str:
        return levels.desk.run(levels.desk.workers.key_problem(SealingIdentity.from_token(file, wrong)))

    assert problem(key) == ""
    assert problem(replace(key, pin="000000")) == "The PIN of the token “paraph-test” is wrong or locked."
    assert problem(replace(key, token="gone")) == f"No token “gone” is connected to {key.module}."
    assert problem(replace(key, label="gone")) == "The token “paraph-test” holds no private key “gone”."
    assert "cannot be loaded" in problem(replace(key, module=chain))
    mixed = certificates(tmp_path, world, other)
    assert problem(key, mixed) == "The sealing key and the sealing certificate are not a pair."
    with pytest.raises(SealingIdentityError, match="does not exist"):
        SealingIdentity.from_token(chain, replace(key, module=tmp_path / "none.so"))
    identity = SealingIdentity.from_token(chain, replace(key, pin="000000"))
    with pytest.raises(DocumentFailure, match=r"sealing_failed: The PIN of the token"):
        levels.by(identity).seal(tmp_path, "PAdES-B-B")
    assert not (tmp_path / "out.pdf").exists()


def test_a_token_key_that_does_not_belong_to_the_certificate_seals_nothing(
    token: SoftToken, world: World, levels: SealDesk, tmp_path: Path
) -> None:
    key = token.take(world.certified("Mine", p256()), "mixed up")
    identity = SealingIdentity.from_token(certificates(tmp_path, world, world.certified("Yours", p256())), key)
    with pytest.raises(DocumentFailure, match="does not verify"):
        levels.by(identity).seal(tmp_path, "PAdES-B-B")


def test_a_chain_in_a_pkcs12_file_is_kept(world: World, tmp_path: Path) -> None:
    holder = world.certified("Seal", rsa.generate_private_key(65537, 4096))
    identity = SealingIdentity.from_pkcs12(world.pkcs12(tmp_path / "seal.p12", holder), PASSPHRASE)
    assert identity.chain == (world.intermediate.pem, world.root.pem)
    assert identity.roots == (world.root.pem,)
    assert identity.revocation_hosts() == {"127.0.0.1"}


def test_a_wrong_passphrase_is_told_as_such(world: World, tmp_path: Path) -> None:
    path = world.pkcs12(tmp_path / "seal.p12", world.certified("Seal", p256()))
    with pytest.raises(SealingIdentityError, match="the passphrase is wrong, or the file is damaged"):
        SealingIdentity.from_pkcs12(path, "wrong")
    with pytest.raises(SealingIdentityError, match="no such file"):
        SealingIdentity.from_pkcs12(tmp_path / "none.p12", "wrong")
    path.write_bytes(b"nonsense")
    with pytest.raises(SealingIdentityError, match="cannot be opened"):
        SealingIdentity.from_pkcs12(path, PASSPHRASE)


def test_a_key_of_a_curve_that_readers_do_not_know_is_refused(world: World, tmp_path: Path) -> None:
    holder = world.certified("Seal", ec.generate_private_key(ec.SECP256K1()))
    with pytest.raises(SealingIdentityError, match="P-256"):
        SealingIdentity.from_pkcs12(world.pkcs12(tmp_path / "seal.p12", holder), PASSPHRASE)


def test_a_certificate_signed_with_sha_1_is_refused(tmp_path: Path) -> None:
    """T32. No library makes one any more; openssl does."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -sha1 -keyout ca.key -out ca.pem -subj /CN=Old -days 9"
    command += " && openssl req -newkey rsa:2048 -nodes -keyout k.pem -out r.pem -subj /CN=Seal"
    command += " && openssl x509 -req -in r.pem -CA ca.pem -CAkey ca.key -sha1 -set_serial 5 -days 9 -out c.pem"
    subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True)
    key = serialization.load_pem_private_key((tmp_path / "k.pem").read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((tmp_path / "c.pem").read_bytes())
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Seal"
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA1)
    secret = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    bundle = pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, secret)  # type: ignore[arg-type]
    (tmp_path / "seal.p12").write_bytes(bundle)
    with pytest.raises(SealingIdentityError, match="SHA1"):
        SealingIdentity.from_pkcs12(tmp_path / "seal.p12", PASSPHRASE)


def test_seals_of_a_former_identity_stay_believed(levels: SealDesk, tmp_path: Path) -> None:
    """T31: who changes the certificate does not lose the past."""
    former = SealingIdentity.load_or_create(tmp_path / "former", "Former")
    path, _ = levels.by(former).seal(tmp_path, "PAdES-B-B")
    present = SealingIdentity.load_or_create(tmp_path / "present", "Present")
    assert levels.desk.verify(path, present).reasons == ("signer_not_trusted",)
    assert levels.desk.verify(path, present.trusting(*former.roots)).intact


def test_a_seal_outlives_its_certificate(world: World, levels: SealDesk, tmp_path: Path) -> None:
    """T31: what counts is that the certificate was valid when it sealed."""
    import time
    from datetime import timedelta

    life = timedelta(seconds=6)
    holder = world.certified("Brief Seal", p256(), since=timedelta(seconds=1), life=life)
    identity = SealingIdentity.from_pkcs12(world.pkcs12(tmp_path / "seal.p12", holder), PASSPHRASE)
    path, _ = levels.by(identity).seal(tmp_path, "PAdES-B-T")
    until = holder.certificate.not_valid_after_utc.timestamp() + 1.1
    time.sleep(max(0.0, until - time.time()))
    verdict = levels.desk.verify(path, identity)
    assert (verdict.reasons, verdict.notes) == ((), ("certificate_expired_since",))
