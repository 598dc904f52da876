"""The evidence bundle: who gets it, what is in it, and what the offline verifier says, in a process of its own."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evidence.conftest import Finished
from tests.helpers import requests
from tests.helpers.accounts import fresh_address, log_in, make_person
from tests.helpers.requests import accepted, audit_kinds, mails_to, post_send, signing_token


def fetch(finished: Finished) -> bytes:
    client = finished.server.api(finished.sender.api_key)
    answer = client.get(f"/v3/signature_request/evidence/{finished.sent.id}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


@pytest.fixture(scope="module")
def bundle(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, unpacked."""
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(io.BytesIO(fetch(finished))) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def verify(place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier of the bundle itself as a stranger would: no word of this server on its path."""
    script = place / "verify_evidence.py" if place.is_dir() else place.parent / "verify_evidence.py"
    command = [sys.executable, "-I", str(script), *more, str(place)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=script.parent, env={})


def test_a_stranger_can_check_it_without_the_server(finished: Finished, bundle: Path, tmp_path: Path) -> None:
    told = verify(bundle)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "Everything holds."), told.stdout + told.stderr
    assert "WRONG" not in told.stdout
    packed = tmp_path / "evidence.zip"
    packed.write_bytes(fetch(finished))
    shutil.copy(bundle / "verify_evidence.py", tmp_path)
    root = finished.server.kit.settings.data_dir / "keys" / "seal" / "root.cert.pem"
    assert verify(packed, "--root", str(root)).returncode == 0
    assert "paraph" not in re.sub(r"paraph-evidence-1", "", (bundle / "verify_evidence.py").read_text().lower())


def test_it_holds_what_the_page_says(finished: Finished, bundle: Path) -> None:
    held = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    held = {path for path in held if "__pycache__" not in path}
    assert held >= {"README.txt", "manifest.json", "sealed.pdf", "chain.json", "certificates/seal.pem"}
    assert held >= {"certificates/root-1.pem", "documents/01.pdf", "verify_evidence.py"}
    assert (bundle / "sealed.pdf").read_bytes() == finished.pdf
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["signature_request_id"] == finished.sent.id
    assert set(manifest["files"]) == held - {"manifest.json"}
    assert manifest["documents"][0] == {"path": "documents/01.pdf", "name": "nda.pdf"}
    kinds = [json.loads(event["canonical"])["event"] for event in json.loads((bundle / "chain.json").read_text())]
    assert kinds[0] == "created"
    assert kinds.index("all_signed") < kinds.index("sealed") < kinds.index("downloaded")
    assert "help@example.com" in (bundle / "README.txt").read_text()


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return tamper


def append(name: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes() + b"\n")

    return tamper


def swap_seal_certificate(folder: Path) -> None:
    shutil.copy(folder / "certificates/root-1.pem", folder / "certificates/seal.pem")


def drop_the_last_event(folder: Path) -> None:
    """So that the chain stays whole in itself, but no longer tells of the seal."""
    chain = json.loads((folder / "chain.json").read_text())
    cut = next(place for place, one in enumerate(chain) if '"event":"sealed"' in one["canonical"])
    (folder / "chain.json").write_text(json.dumps(chain[:cut]))


def fit_manifest(folder: Path) -> None:
    """A forger who changes a file changes its hash in the manifest too."""
    import hashlib

    manifest = json.loads((folder / "manifest.json").read_text())
    for path in manifest["files"]:
        manifest["files"][path] = hashlib.sha256((folder / path).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


TAMPERING: dict[str, tuple[Callable[[Path], None], str]] = {
    "sealed.pdf": (append("sealed.pdf"), "nothing but proofs follows the seal"),
    "chain.json": (change("chain.json", "Lease", "Gift!"), "the audit chain is whole"),
    "end of the chain": (drop_the_last_event, "the chain names the sealed file"),
    "documents": (append("documents/01.pdf"), "the documents are those that were shown"),
    "certificate": (swap_seal_certificate, "it was made with certificates/seal.pem"),
    "request": (change("manifest.json", '"signature_request_id": "', '"signature_request_id": "0'), "chain is whole"),
}


@pytest.mark.parametrize("part", TAMPERING)
def test_whatever_is_changed_is_named(bundle: Path, tmp_path: Path, part: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(bundle, folder)
    tamper, sentence = TAMPERING[part]
    tamper(folder)
    fit_manifest(folder)
    told = verify(folder)
    wrong = [line for line in told.stdout.splitlines() if line.startswith("WRONG")]
    assert told.returncode == 1
    assert any(sentence in line for line in wrong), told.stdout


def test_a_change_that_leaves_the_manifest_is_named_by_file(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(bundle, folder)
    append("README.txt")(folder)
    (folder / "more.txt").write_text("x")
    told = verify(folder)
    assert told.returncode == 1
    assert "README.txt" in told.stdout
    assert "more.txt" in told.stdout


def test_another_root_does_not_vouch_for_it(finished: Finished, bundle: Path, tmp_path: Path) -> None:
    from paraph.documents import SealingIdentity

    SealingIdentity.load_or_create(tmp_path, "Somebody else")
    told = verify(bundle, "--root", str(tmp_path / "root.cert.pem"))
    assert told.returncode == 1
    assert "leads to a trusted root" in next(line for line in told.stdout.splitlines() if line.startswith("WRONG"))


def test_parties_get_it_on_their_pages_and_strangers_nowhere(finished: Finished) -> None:
    server, path = finished.server, f"/requests/{finished.sent.id}"
    browser = log_in(server, finished.sender)
    assert "Download the evidence (zip)" in browser.get(path).text
    assert browser.get(f"{path}/evidence").content[:2] == b"PK"
    signer = finished.sent.json["signatures"][0]["signer_email_address"]
    link = f"/sign/{signing_token(server, signer)}"
    page = server.client().get(link)
    assert f"{link}/evidence.zip" in page.text
    assert server.client().get(f"{link}/evidence.zip").content[:2] == b"PK"
    stranger = make_person(server, "Eve")
    foreign = server.api(stranger.api_key).get(f"/v3/signature_request/evidence/{finished.sent.id}")
    assert foreign.status_code == 404
    assert log_in(server, stranger).get(f"{path}/evidence").status_code == 404
    assert server.client().get(f"/v3/signature_request/evidence/{finished.sent.id}").status_code == 401


def test_too_early_is_said(finished: Finished) -> None:
    server = finished.server
    client, jack = server.api(finished.sender.api_key), fresh_address("jack")
    preparing = accepted(post_send(client, signers=[{"name": "Jack", "email_address": jack}]))
    early = client.get(f"/v3/signature_request/evidence/{preparing.id}")
    assert (early.status_code, early.json()["error"]["error_name"]) == (409, "conflict")
    server.run_jobs()
    assert client.get(f"/v3/signature_request/evidence/{preparing.id}").status_code == 409
    link = f"/sign/{signing_token(server, jack)}"
    assert server.client().get(f"{link}/evidence.zip").status_code == 404
    assert "evidence.zip" not in server.client().get(link).text
    assert "downloaded" not in audit_kinds(server, preparing), "what was refused was not downloaded"
    requests.sign(server, signing_token(server, jack))
    assert client.get(f"/v3/signature_request/evidence/{preparing.id}").status_code == 200
    assert mails_to(server, jack)
