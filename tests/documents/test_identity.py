"""The sealing identity: made once, kept secret, refused when unfit."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from paraph.documents import Assembly, CompletionPlan, SealingIdentity, SealingIdentityError
from tests.documents.conftest import Desk
from tests.documents.samples import text_pdf_bytes


def test_the_second_start_finds_what_the_first_made(tmp_path: Path) -> None:
    first = SealingIdentity.load_or_create(tmp_path / "keys", "Example Ltd")
    assert SealingIdentity.load_or_create(tmp_path / "keys", "Another Name") == first
    assert first.subject == "CN=Example Ltd"
    assert first.issuer == "CN=Example Ltd Root CA"


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    SealingIdentity.load_or_create(tmp_path / "keys", "Example")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"root.key.pem", "seal.key.pem", "root.cert.pem", "seal.cert.pem"} <= set(modes)


def test_the_key_is_not_in_the_identity(tmp_path: Path) -> None:
    identity = SealingIdentity.load_or_create(tmp_path / "keys", "Example")
    assert "PRIVATE" not in repr(identity)
    assert not any(b"PRIVATE" in pem for pem in (identity.certificate, *identity.chain, *identity.roots))


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    code = (
        "import sys, hashlib; from pathlib import Path; from paraph.documents import SealingIdentity; "
        "print(hashlib.sha256(SealingIdentity.load_or_create(Path(sys.argv[1]), 'X').certificate).hexdigest())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "keys")], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    assert len({process.communicate()[0] for process in started}) == 1
    assert all(process.returncode == 0 for process in started)


@pytest.mark.parametrize("damage", ["seal.key.pem", "seal.cert.pem", "root.cert.pem"])
def test_a_damaged_identity_is_refused_and_never_replaced(damage: str, tmp_path: Path) -> None:
    SealingIdentity.load_or_create(tmp_path, "Example")
    (tmp_path / damage).write_text("damaged")
    with pytest.raises(SealingIdentityError):
        SealingIdentity.load_or_create(tmp_path, "Example")
    assert (tmp_path / damage).read_text() == "damaged"


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    SealingIdentity.load_or_create(tmp_path / "a", "Example")
    SealingIdentity.load_or_create(tmp_path / "b", "Example")
    (tmp_path / "a/seal.key.pem").write_bytes((tmp_path / "b/seal.key.pem").read_bytes())
    with pytest.raises(SealingIdentityError, match="not a pair"):
        SealingIdentity.load_or_create(tmp_path / "a", "Example")


def test_problems_are_told_in_a_sentence(tmp_path: Path) -> None:
    identity = SealingIdentity.load_or_create(tmp_path, "Example")
    now = datetime.now(UTC)
    assert identity.problem(now) is None
    assert "expired" in (identity.problem(now + timedelta(days=365 * 13)) or "")
    assert "valid only from" in (identity.problem(now - timedelta(days=2)) or "")
    identity.key_file.unlink()
    assert "cannot be read" in (identity.problem(now) or "")


def bundle(path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> Path:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bought Seal")])
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = serialization.BestAvailableEncryption(b"open sesame")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, secret))
    return path


@pytest.mark.parametrize(
    "key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())], ids=["rsa", "p384"]
)
def test_a_bought_certificate_seals_too(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, desk: Desk, tmp_path: Path
) -> None:
    identity = SealingIdentity.from_pkcs12(bundle(tmp_path / "seal.p12", key), "open sesame")
    assert "sesame" not in repr(identity)
    document = desk.document(text_pdf_bytes(), tmp_path / "in.pdf")
    done = desk.complete(CompletionPlan(Assembly((document,)), identity), tmp_path / "out.pdf")
    assert done.sealed_by == "Common Name: Bought Seal"
    assert desk.verify(tmp_path / "out.pdf", identity).intact


def test_a_wrong_passphrase_or_an_unfit_key_is_refused(tmp_path: Path) -> None:
    path = bundle(tmp_path / "seal.p12", rsa.generate_private_key(65537, 2048))
    with pytest.raises(SealingIdentityError, match="cannot be opened"):
        SealingIdentity.from_pkcs12(path, "wrong")
    with pytest.raises(SealingIdentityError, match="cannot be opened"):
        SealingIdentity.from_pkcs12(tmp_path / "missing.p12", "wrong")
    small = bundle(tmp_path / "small.p12", rsa.generate_private_key(65537, 1024))
    with pytest.raises(SealingIdentityError, match="2048"):
        SealingIdentity.from_pkcs12(small, "open sesame")
