"""Two customers of one authority: the same root vouches for both, and only one of them is this server."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from sqlalchemy import delete

from paraph.documents import OFFLINE_VERIFIER, OwnSeals, SealingIdentity, Verdict
from paraph.joining import SEAL
from paraph.kit.installation import installation_marks
from paraph.signature_requests import chain_of
from paraph.signature_requests.queries import find_request
from tests.documents.samples import text_pdf_bytes
from tests.evidence.test_verify import flipped, shown, told
from tests.harness import running_server
from tests.helpers import requests
from tests.helpers.accounts import fresh_address, make_person
from tests.helpers.pki import PASSPHRASE, Holder, World, p256, serving
from tests.helpers.process import installation
from tests.helpers.requests import Sent


class Customer:
    """A server that seals with a bought certificate, and one sealed request with two documents."""

    def __init__(self, world: World, name: str, folder: Path) -> None:
        self.holder: Holder = world.certified(name, p256())
        self.data = folder / "data"
        self.bought = bought(world, self.holder, folder / "seal.p12")
        with running_server(self.data, **self.bought) as server:
            self.key = make_person(server, "Alice").api_key
            signer = {"name": "Jack", "email_address": fresh_address("jack")}
            two = [("a.pdf", text_pdf_bytes(1)), ("b.pdf", text_pdf_bytes(1))]
            client = server.api(self.key)
            self.sent: Sent = requests.complete(server, client, signers=[signer], files=two)
            self.sealed = fetch(client, self.sent)
            with zipfile.ZipFile(io.BytesIO(fetch(client, self.sent, file_type="zip"))) as archive:
                self.part = archive.read("a.pdf")
            self.bundle = client.get(f"/v3/signature_request/evidence/{self.sent.id}").content
            events = server.read(lambda tx: chain_of(tx, find_request(tx, self.sent.id).id))
            self.fact: dict[str, Any] = next(event.facts for event in events if event.kind == "sealed")

    def copy(self, folder: Path) -> Path:
        """A data folder of its own, as that server left it."""
        shutil.copytree(self.data, folder)
        return folder


def bought(world: World, holder: Holder, path: Path) -> dict[str, Any]:
    return {"seal_pkcs12": world.pkcs12(path, holder), "seal_pkcs12_passphrase": PASSPHRASE}


def fetch(client: httpx.Client, sent: Sent, **how: str) -> bytes:
    answer = client.get(f"/v3/signature_request/files/{sent.id}", params=how)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def ours(world: World, tmp_path_factory: pytest.TempPathFactory) -> Customer:
    return Customer(world, "Acme Seal", tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def stranger(world: World, tmp_path_factory: pytest.TempPathFactory) -> Customer:
    return Customer(world, "Mallory Seal", tmp_path_factory.mktemp("stranger"))


def test_another_customer_of_the_same_authority_is_somebody_else(ours: Customer, stranger: Customer) -> None:
    with running_server(ours.data, **ours.bought) as server:
        for data in (stranger.sealed, stranger.part):
            found = told(server, data)
            assert (found["outcome"], found["is_sealed_here"], found["is_unchanged"]) == (
                "sealed_by_another",
                False,
                False,
            )
            assert found["message"] == (
                "This file was validly sealed, but by somebody else (Common Name: Mallory Seal), not by this server."
            )
            assert [reason["code"] for reason in found["reasons"]] == ["certificate_of_another"]
            assert found["seal"]["certificate_sha256"] == fingerprint(stranger.holder)
            assert found["signature_request"] is None
        page = shown(server, stranger.sealed).text
        assert "Not from this server" in page
        assert "by somebody else (Common Name: Mallory Seal)" in page
        assert "by an authority known here" in page
        assert "Who signed" not in page
        changed = told(server, flipped(stranger.sealed))
        assert (changed["outcome"], changed["is_sealed_here"]) == ("changed", False)
        for data in (ours.sealed, ours.part):
            found = told(server, data)
            assert (found["outcome"], found["is_sealed_here"]) == ("sealed_unchanged", True)
            assert found["reasons"] == []
        for data, is_ours in ((ours.part, True), (stranger.part, False)):
            more = told(server, data + b"\n")
            assert (more["outcome"], more["is_sealed_here"]) == ("changed", is_ours)


def test_the_command_line_says_the_same(ours: Customer, stranger: Customer, tmp_path: Path) -> None:
    place = installation(
        tmp_path,
        data_dir=str(ours.data),
        seal_pkcs12=str(ours.bought["seal_pkcs12"]),
        seal_pkcs12_passphrase=PASSPHRASE,
    )
    (tmp_path / "theirs.pdf").write_bytes(stranger.sealed)
    (tmp_path / "ours.pdf").write_bytes(ours.sealed)
    assert "has not been changed since" in place.cli("verify", str(tmp_path / "ours.pdf")).stdout
    refused = place.cli("verify", str(tmp_path / "theirs.pdf"), check=False)
    assert refused.returncode == 1
    assert "by somebody else (Common Name: Mallory Seal)" in refused.stdout
    assert stranger.sent.id not in refused.stdout
    lost = installation(tmp_path, data_dir=str(ours.data), seal_pkcs12=str(tmp_path / "lost.p12"))
    unable = lost.cli("verify", str(tmp_path / "ours.pdf"), check=False)
    assert (unable.returncode, "lost.p12 cannot be opened" in unable.stderr) == (2, True)
    assert "Traceback" not in unable.stderr


def test_old_files_stay_ours_when_the_certificate_is_renewed(
    ours: Customer, stranger: Customer, world: World, tmp_path: Path
) -> None:
    """By the same authority or by another, and with nothing set for it."""
    elsewhere = World(world.base)
    data = ours.copy(tmp_path / "data")
    for place, authority in enumerate((world, elsewhere)):
        renewed = bought(authority, authority.certified("Acme Seal", p256()), tmp_path / f"{place}.p12")
        with running_server(data, **renewed) as server:
            assert told(server, ours.part)["outcome"] == "sealed_unchanged", "not in the records: by its seal alone"
            assert told(server, stranger.part)["outcome"] == "sealed_by_another"
    shutil.rmtree(data / "keys/sealed-with")
    with running_server(data, **renewed) as server:
        assert told(server, ours.part)["outcome"] == "sealed_unchanged", "the database remembers it too"
        assert told(server, stranger.part)["outcome"] == "sealed_by_another"
        seals = installation_marks.c.name.startswith(SEAL)
        assert server.write(lambda tx: tx.changed(delete(installation_marks).where(seals))) == 3
    shutil.rmtree(data / "keys/sealed-with")
    with running_server(data, **renewed) as server:
        assert told(server, ours.part)["outcome"] == "sealed_by_another", "neither place remembers it"
        assert told(server, ours.sealed)["outcome"] == "sealed_unchanged", "the records know it by its hash"
        assert told(server, ours.sealed)["reasons"][0]["code"] == "signer_not_trusted"


def test_former_certificates_can_be_named_besides_their_roots(
    ours: Customer, stranger: Customer, world: World, tmp_path: Path
) -> None:
    """For seals that were made before certificates were remembered, or on another machine."""
    roots, both = tmp_path / "roots.pem", tmp_path / "both.pem"
    roots.write_bytes(world.root.pem)
    both.write_bytes(world.root.pem + ours.holder.pem)
    with running_server(tmp_path / "a", seal_former_roots=roots) as server:
        assert told(server, ours.sealed)["outcome"] == "sealed_by_another"
    with running_server(tmp_path / "b", seal_former_roots=both) as server:
        assert told(server, ours.sealed)["outcome"] == "sealed_unchanged"
        assert told(server, stranger.sealed)["outcome"] == "sealed_by_another"
        assert server.kit.service(SealingIdentity).roots[1:] == (world.root.pem,), "a certificate vouches for nobody"


def test_the_root_of_the_first_run_is_ours_alone(ours: Customer, world: World, tmp_path: Path) -> None:
    """What it vouches for stays genuine after a certificate was bought, even if nothing was remembered."""
    with running_server(tmp_path / "data") as server:
        client = server.api(make_person(server, "Alice").api_key)
        own = fetch(client, requests.complete(server, client))
        kept = list((tmp_path / "data/keys/sealed-with").iterdir())
        assert [path.name for path in kept] == [f"{server.kit.service(SealingIdentity).fingerprint}.pem"]
        assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
        assert b"PRIVATE" not in kept[0].read_bytes()
    kept[0].unlink()
    place = installation(
        tmp_path,
        data_dir=str(tmp_path / "data"),
        seal_pkcs12=str(ours.bought["seal_pkcs12"]),
        seal_pkcs12_passphrase=PASSPHRASE,
    )
    (tmp_path / "own.pdf").write_bytes(own)
    answer = json.loads(place.cli("verify", str(tmp_path / "own.pdf"), "--json").stdout)
    assert (answer["outcome"], answer["is_archived"]) == ("sealed_unchanged", None)


def test_a_certificate_is_remembered_once_and_whole(world: World, tmp_path: Path) -> None:
    holder = world.certified("Acme Seal", p256())
    identity = SealingIdentity.from_pkcs12(world.pkcs12(tmp_path / "seal.p12", holder), PASSPHRASE)
    own, verdict = OwnSeals(tmp_path / "kept"), Verdict("sealed_intact", (), "", 0, certificate_sha256="")
    named = replace(verdict, certificate_sha256=identity.fingerprint)
    assert not own.made(named)

    async def at_once() -> None:
        await asyncio.gather(*(asyncio.to_thread(own.remember, identity) for _ in range(8)))

    asyncio.run(at_once())
    (only,) = (tmp_path / "kept").iterdir()
    assert only.read_bytes() == holder.pem + world.intermediate.pem + world.root.pem
    assert own.made(named)
    assert not own.made(verdict), "a file without a readable seal has no certificate"
    assert OwnSeals(tmp_path, roots=frozenset([""])).made(verdict) is False


# --- the bundle --------------------------------------------------------------------------------------------


def check_bundle(bundle: bytes, folder: Path, *options: str) -> tuple[int, str]:
    (folder / "evidence.zip").write_bytes(bundle)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-P", str(OFFLINE_VERIFIER), *options, str(folder / "evidence.zip")]
    done = subprocess.run(command, cwd="/", env=clean, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_a_bundle_of_another_customer_passes_by_the_root_but_not_by_the_certificate(
    ours: Customer, stranger: Customer, world: World, tmp_path: Path
) -> None:
    (tmp_path / "root.pem").write_bytes(world.root.pem)
    (tmp_path / "acme.pem").write_bytes(ours.holder.pem)
    by_root = ("--root", str(tmp_path / "root.pem"))
    by_certificate = (*by_root, "--certificate", str(tmp_path / "acme.pem"))
    code, said = check_bundle(stranger.bundle, tmp_path, *by_root)
    assert code == 0, said
    assert f"note   sealed by Common Name: Mallory Seal, certificate SHA-256 {fingerprint(stranger.holder)}" in said
    code, said = check_bundle(stranger.bundle, tmp_path, *by_certificate)
    assert code == 1
    assert "WRONG  the certificate of the seal is one that you gave: Common Name: Mallory Seal" in said
    (tmp_path / "none.pem").write_text("none")
    assert check_bundle(ours.bundle, tmp_path, "--certificate", str(tmp_path / "none.pem"))[0] == 2
    code, said = check_bundle(ours.bundle, tmp_path, *by_certificate)
    assert code == 0, said
    assert "note" not in said
    assert "ok     the chain names the certificate of the seal" in said


def test_the_chain_names_the_certificate(ours: Customer) -> None:
    assert ours.fact["certificate"] == fingerprint(ours.holder)


def fingerprint(holder: Holder) -> str:
    return holder.certificate.fingerprint(hashes.SHA256()).hex()
