"""A small world of authorities on the loopback: a CA with OCSP and CRLs, timestamp authorities good and bad.

Everything is made anew for each test session; nothing of it is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = timedelta(days=1)
PASSPHRASE = "open sesame"
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Holder:
    """Somebody with a key and a certificate."""

    key: Key
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass(frozen=True)
class Wanted:
    """What a certificate shall be."""

    name: str
    key: Key
    ca: bool = False
    purposes: tuple[x509.ObjectIdentifier, ...] = ()
    life: timedelta = 365 * DAY
    since: timedelta = DAY
    unchecked: bool = False


@dataclass
class World:
    """Root, intermediate, their servers, and whoever gets a certificate here. ``base``: address of the servers."""

    base: str
    revoked: set[int] = field(default_factory=set)
    is_down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    @cached_property
    def root(self) -> Holder:
        return self._certified(Wanted("World Root", p256(), ca=True, life=9000 * DAY), None)

    @cached_property
    def intermediate(self) -> Holder:
        return self._certified(Wanted("World Intermediate", p256(), ca=True, life=8000 * DAY), self.root)

    @cached_property
    def responders(self) -> dict[str, Holder]:
        purposes = (ExtendedKeyUsageOID.OCSP_SIGNING,)
        return {
            name: self._certified(Wanted(f"OCSP {name}", p256(), purposes=purposes, unchecked=True), issuer)
            for name, issuer in (("root", self.root), ("intermediate", self.intermediate))
        }

    @cached_property
    def tsa(self) -> Holder:
        return self.authority("World TSA")

    def authority(self, name: str, **how: Any) -> Holder:
        """A timestamp authority."""
        purposes = (ExtendedKeyUsageOID.TIME_STAMPING,)
        return self.certified(name, rsa2048(), **({"purposes": purposes} | how))

    def certified(self, name: str, key: Key, **how: Any) -> Holder:
        """A certificate by the intermediate, checked by OCSP and CRL."""
        return self._certified(Wanted(name, key, **how), self.intermediate)

    def pkcs12(self, path: Path, holder: Holder) -> Path:
        """The holder's key with its whole chain, in a file."""
        secret = serialization.BestAvailableEncryption(PASSPHRASE.encode())
        chain = [self.intermediate.certificate, self.root.certificate]
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(b"seal", holder.key, holder.certificate, chain, secret)
        )
        return path

    def _certified(self, wanted: Wanted, issuer: Holder | None) -> Holder:
        now, public = datetime.now(UTC), wanted.key.public_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wanted.name)])
        signer = wanted.key if issuer is None else issuer.key
        granted = {"key_cert_sign", "crl_sign"} if wanted.ca else {"digital_signature", "content_commitment"}
        if wanted.purposes:
            granted = {"digital_signature"}
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name if issuer is None else issuer.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - wanted.since)
            .not_valid_after(now - wanted.since + wanted.life)
            .add_extension(x509.BasicConstraints(wanted.ca, None), critical=True)
            .add_extension(x509.KeyUsage(**{usage: usage in granted for usage in USAGES}), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if wanted.purposes:
            critical = ExtendedKeyUsageOID.TIME_STAMPING in wanted.purposes
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(wanted.purposes)), critical=critical)
        if wanted.unchecked:
            builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
        elif issuer is not None:
            builder = self._checked(builder, "root" if issuer is self.root else "intermediate")
        return Holder(wanted.key, builder.sign(signer, hashes.SHA256()))

    def _checked(self, builder: x509.CertificateBuilder, issuer: str) -> x509.CertificateBuilder:
        answers = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{self.base}/ocsp/{issuer}")
        )
        lists = x509.DistributionPoint(
            [x509.UniformResourceIdentifier(f"{self.base}/crl/{issuer}")], None, None, None
        )
        return builder.add_extension(x509.AuthorityInformationAccess([answers]), critical=False).add_extension(
            x509.CRLDistributionPoints([lists]), critical=False
        )

    def revocation_list(self, issuer: str) -> bytes:
        holder, now = getattr(self, issuer), datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(holder.certificate.subject)
            .last_update(now - timedelta(hours=1))
            .next_update(now + 7 * DAY)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(holder.key.public_key()), critical=False
            )
        )
        for serial in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - DAY)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(holder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def ocsp_answer(self, issuer: str, question: bytes) -> bytes:
        asked, now = ocsp.load_der_ocsp_request(question), datetime.now(UTC)
        responder, is_revoked = self.responders[issuer], asked.serial_number in self.revoked
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now - timedelta(minutes=5),
            next_update=now + DAY,
            revocation_time=now - DAY if is_revoked else None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        signed = builder.certificates([responder.certificate]).sign(responder.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)

    def timestamp(self, question: bytes, holder: Holder | None = None) -> bytes:
        """A good answer to a timestamp request, by the world's own authority unless told otherwise."""
        return self._stamper(holder or self.tsa).request_tsa_response(tsp.TimeStampReq.load(question)).dump()

    def _stamper(self, holder: Holder) -> Any:
        others = SimpleCertificateStore()
        others.register(asn1_x509.Certificate.load(_der(self.intermediate.certificate)))
        key = holder.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return DummyTimeStamper(
            tsa_cert=asn1_x509.Certificate.load(_der(holder.certificate)),
            tsa_key=asn1_keys.PrivateKeyInfo.load(key),
            certs_to_embed=others,
        )

    def misbehave(self, how: str, question: bytes) -> bytes:
        """An answer that no careful client believes."""
        return MISCHIEF[how](self, question)


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa2048() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _changed(world: World, question: bytes, **changes: Any) -> bytes:
    request = tsp.TimeStampReq.load(question)
    for name, value in changes.items():
        request[name] = value
    return world.timestamp(request.dump())


def _wrong_imprint(world: World, question: bytes) -> bytes:
    imprint = tsp.TimeStampReq.load(question)["message_imprint"].copy()
    imprint["hashed_message"] = b"\x01" * 32
    return _changed(world, question, message_imprint=imprint)


def _refusal(_world: World, _question: bytes) -> bytes:
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["no"]})
    return tsp.TimeStampResp({"status": status}).dump()


def _broken_signature(world: World, question: bytes) -> bytes:
    response = tsp.TimeStampResp.load(world.timestamp(question))
    signer = response["time_stamp_token"]["content"]["signer_infos"][0]
    signer["signature"] = bytes(signer["signature"])[:-1] + b"\0"
    return response.dump(force=True)


def _stranger(world: World, question: bytes) -> bytes:
    return World(world.base).timestamp(question)


MISCHIEF: dict[str, Callable[[World, bytes], bytes]] = {
    "wrong_imprint": _wrong_imprint,
    "wrong_nonce": lambda world, question: _changed(world, question, nonce=7),
    "expired": lambda world, question: world.timestamp(
        question, world.authority("Old TSA", since=20 * DAY, life=10 * DAY)
    ),
    "not_for_timestamps": lambda world, question: world.timestamp(question, world.certified("Other", rsa2048())),
    "stranger": _stranger,
    "refusal": _refusal,
    "broken_signature": _broken_signature,
    "garbage": lambda _world, _question: b"<html>It works!</html>",
    "empty": lambda _world, _question: b"",
    "cut": lambda world, question: world.timestamp(question)[:400],
}


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: World

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.world.asked.append(self.path)
        if self.path in self.world.is_down:
            self.send_error(503)
            return
        self._reply(self.world.revocation_list(self.path.removeprefix("/crl/")))

    def do_POST(self) -> None:
        question = self.rfile.read(int(self.headers["Content-Length"]))
        kind, _, rest = self.path.strip("/").partition("/")
        self.world.asked.append(self.path)
        if self.path in self.world.is_down or rest == "down":
            self.send_error(503)
        elif kind == "ocsp":
            self._reply(self.world.ocsp_answer(rest, question))
        elif rest == "slow":
            time.sleep(3)
            with suppress(OSError):  # the client has hung up
                self._reply(b"")
        elif rest.startswith("good"):
            self._reply(self.world.timestamp(question))
        else:
            self._reply(self.world.misbehave(rest, question))

    def _reply(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[World]:
    """The world on a free port: /tsa/good, /tsa/<mischief>, /tsa/slow, /tsa/down, /ocsp/…, /crl/…."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Door) as server:
        world = World(f"http://127.0.0.1:{server.server_address[1]}")
        server.RequestHandlerClass = type("Door", (_Door,), {"world": world})
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # callers may die while they ask
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield world
        finally:
            server.shutdown()
