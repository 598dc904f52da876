"""The offline verifier believes a good bundle and sees what was changed in a bad one; it knows nothing of us."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from paraph.documents import OFFLINE_VERIFIER, Attachment, Level
from tests.documents.attacks import ATTACKS
from tests.documents.samples import text_pdf_bytes
from tests.documents.seal.conftest import SealDesk
from tests.helpers.pki import World

REQUEST = "f" * 40
Files = dict[str, bytes]


def chain_of(*facts: dict[str, object]) -> list[dict[str, object]]:
    chain, previous = [], bytes(32)
    for place, fact in enumerate(facts, 1):
        whole = {**fact, "request": REQUEST, "sequence": place, "time": 1790000000 + place}
        canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(previous + canonical.encode()).digest()
        chain.append({"sequence": place, "canonical": canonical, "hash": previous.hex()})
    return chain


def bundle_at(level: Level, levels: SealDesk, world: World, folder: Path) -> Files:
    plan = levels.plan(folder, level, text_pdf_bytes(1))
    shown = plan.assembly.documents[0]
    begun = ({"event": "created"}, {"event": "prepared", "files": [{"shown": shown.sha256}]}, {"event": "all_signed"})
    embedded = chain_of(*begun)
    head = str(embedded[-1]["hash"])
    inner = json.dumps({"events": embedded, "head": head}).encode()
    plan = replace(
        plan,
        assembly=replace(plan.assembly, properties={"AuditChainHead": head}),
        attachments=(Attachment("audit-chain.json", inner, "application/json"),),
    )
    done = levels.desk.complete(plan, folder / "sealed.pdf")
    chain = chain_of(*begun, {"event": "sealed", "sha256": done.sha256}, {"event": "downloaded"})
    return with_manifest(
        {
            "README.txt": b"Read me.",
            "sealed.pdf": (folder / "sealed.pdf").read_bytes(),
            "chain.json": json.dumps(chain).encode(),
            "certificates/seal.pem": levels.identity.certificate,
            "certificates/chain-1.pem": world.intermediate.pem,
            "certificates/root-1.pem": world.root.pem,
            "certificates/timestamp-root-1.pem": world.root.pem,
            "documents/01.pdf": shown.path.read_bytes(),
            "verify_evidence.py": OFFLINE_VERIFIER.read_bytes(),
        }
    )


def with_manifest(files: Files) -> Files:
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items() if path != "manifest.json"}
    manifest = {"format": "paraph-evidence-1", "signature_request_id": REQUEST, "files": hashes}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def zipped(files: Files, folder: Path) -> Path:
    path = folder / "evidence.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def run(bundle: Path, *options: str) -> tuple[int, str]:
    """As a stranger would: in another folder, without this package."""
    script = bundle.parent / "verify_evidence.py"
    script.write_bytes(OFFLINE_VERIFIER.read_bytes())
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-P", "-X", "frozen_modules=on", str(script), *options, str(bundle)]
    done = subprocess.run(command, cwd="/", env=clean, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def good(levels: SealDesk, world: World, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return bundle_at("PAdES-B-LT", levels, world, tmp_path_factory.mktemp("bundle"))


def test_it_needs_only_public_packages() -> None:
    text = OFFLINE_VERIFIER.read_text()
    assert "import paraph" not in text
    assert "from paraph" not in text


@pytest.mark.parametrize("level", ["PAdES-B-B", "PAdES-B-T", "PAdES-B-LTA"])
def test_a_good_bundle_of_every_level_holds(level: Level, levels: SealDesk, world: World, tmp_path: Path) -> None:
    code, said = run(zipped(bundle_at(level, levels, world, tmp_path), tmp_path))
    assert code == 0, said
    assert "WRONG" not in said
    assert level in said
    assert said.endswith("Everything holds.\n")


def test_an_unpacked_bundle_holds_and_another_root_does_not_vouch(good: Files, world: World, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    for name, data in good.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (tmp_path / "root.pem").write_bytes(world.root.pem)
    (tmp_path / "other.pem").write_bytes(World("http://nowhere").root.pem)
    assert run(folder, "--root", str(tmp_path / "root.pem"))[0] == 0
    code, said = run(folder, "--root", str(tmp_path / "other.pem"))
    assert code == 1
    assert "WRONG  that certificate leads to a trusted root" in said


def changed_chain(change: Callable[[list[dict[str, object]]], object]) -> Callable[[Files], Files]:
    def apply(files: Files) -> Files:
        chain = json.loads(files["chain.json"])
        change(chain)
        return {**files, "chain.json": json.dumps(chain).encode()}

    return apply


def forged_after_the_seal(files: Files) -> Files:
    begun = [json.loads(one["canonical"]) for one in json.loads(files["chain.json"])]
    begun[0]["event"] = "made up"
    for fact in begun:
        for name in ("request", "sequence", "time"):
            fact.pop(name)
    return {**files, "chain.json": json.dumps(chain_of(*begun)).encode()}


FORGERIES: dict[str, tuple[Callable[[Files], Files], str]] = {
    "seal attacked": (
        lambda files: {**files, "sealed.pdf": ATTACKS["page replaced in a revision"](files["sealed.pdf"])},
        "nothing but proofs follows the seal",
    ),
    "one bit": (lambda files: {**files, "sealed.pdf": ATTACKS["one bit flipped"](files["sealed.pdf"])}, "sealed"),
    "newline": (lambda files: {**files, "sealed.pdf": files["sealed.pdf"] + b"\n"}, "nothing but proofs"),
    "orphan": (
        lambda files: {**files, "sealed.pdf": ATTACKS["empty revision appended"](files["sealed.pdf"])},
        "nothing but proofs",
    ),
    "event altered": (
        changed_chain(lambda chain: chain[1].update(canonical=str(chain[1]["canonical"]).replace("1", "2"))),
        "the audit chain is whole",
    ),
    "event left out": (changed_chain(lambda chain: chain.pop(1)), "the audit chain is whole"),
    "chain forged": (forged_after_the_seal, "it begins with the chain in the sealed file"),
    "document exchanged": (
        lambda files: {**files, "documents/01.pdf": text_pdf_bytes(2)},
        "the documents are those that were shown",
    ),
    "certificate exchanged": (
        lambda files: {**files, "certificates/seal.pem": files["certificates/root-1.pem"]},
        "it was made with certificates/seal.pem",
    ),
    "chain of another file": (
        changed_chain(lambda chain: chain.pop() and chain.pop()),
        "the chain names the sealed file",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_bundle_is_seen_even_with_a_new_manifest(name: str, good: Files, tmp_path: Path) -> None:
    forge, words = FORGERIES[name]
    code, said = run(zipped(with_manifest(forge(good)), tmp_path))
    assert code == 1, said
    assert any(line.startswith("WRONG") and words in line for line in said.splitlines()), said


def test_files_are_held_against_the_manifest(good: Files, tmp_path: Path) -> None:
    _, said = run(zipped({**good, "README.txt": b"Pay me."}, tmp_path))
    assert "WRONG  no file was changed: README.txt" in said
    _, said = run(zipped({**good, "more.txt": b""}, tmp_path))
    assert "WRONG  no other file is here: more.txt" in said
    _, said = run(zipped({name: data for name, data in good.items() if name != "README.txt"}, tmp_path))
    assert "WRONG  every file of the manifest is here: README.txt" in said


def test_what_is_no_bundle_is_told_so(good: Files, tmp_path: Path) -> None:
    (tmp_path / "evidence.zip").write_bytes(b"nonsense")
    assert run(tmp_path / "evidence.zip")[0] == 2
    assert run(zipped({**good, "../evil": b""}, tmp_path))[0] == 2
    assert run(zipped({**good, "manifest.json": b"[]"}, tmp_path))[0] == 2
    assert run(zipped({**good, "manifest.json": b'{"files":{},"format":"x"}'}, tmp_path))[0] == 2
    broken = with_manifest({**good, "sealed.pdf": b"%PDF-1.7\n"})
    assert run(zipped(broken, tmp_path))[0] == 1
