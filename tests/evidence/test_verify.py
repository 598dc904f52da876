"""The public answer to "is this file genuine?": the page, POST /v3/verify, the command line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from paraph.documents import SealingIdentity, verification
from paraph.signature_requests import CHAIN_FILE, reason_in_words
from tests.documents.samples import text_pdf_bytes
from tests.evidence.conftest import Finished
from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import csrf_token, fresh_address, make_person
from tests.helpers.process import installation

NO_REASONS = {"sealed_intact", "not_intact", "not_signed", "certificate_expired_since"}
EVIL_OBJECT = b"\n4 0 obj\n<</Length 43>>\nstream\nBT /F 40 Tf 72 400 Td (PAY 1,000,000) Tj ET\nendstream\nendobj\n"


def ask(server: Server, data: bytes, name: str = "lease.pdf") -> httpx.Response:
    return server.client().post("/v3/verify", files={"file": (name, data, "application/pdf")})


def told(server: Server, data: bytes) -> dict[str, Any]:
    answer = ask(server, data)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["verification"]
    return found


def shown(server: Server, data: bytes, name: str = "lease.pdf") -> httpx.Response:
    browser = server.client()
    token = csrf_token(browser.get("/verify"))
    return browser.post("/verify", data={"csrf_token": token}, files={"file": (name, data, "application/pdf")})


# --- what a genuine file gets ------------------------------------------------------------------------------


def test_a_genuine_file(finished: Finished) -> None:
    found = told(finished.server, finished.pdf)
    identity = finished.server.kit.service(SealingIdentity)
    assert (found["outcome"], found["is_sealed_here"], found["is_unchanged"]) == ("sealed_unchanged", True, True)
    assert found["is_archived"] is True
    assert found["message"] == "This file was sealed by this server and has not been changed since."
    assert found["reasons"] == []
    assert found["seal"]["level"] == "PAdES-B-B"
    assert "Paraph document seal" in found["seal"]["sealed_by"]
    assert identity.subject
    assert found["chain"]["is_intact"] is True
    assert re.fullmatch(r"[0-9a-f]{64}", found["chain"]["head"])
    request = found["signature_request"]
    assert request["signature_request_id"] == finished.sent.id
    assert request["title"] == "Lease of a flat"
    assert finished.sender.email in request["sender"]
    assert [signer["name"] for signer in request["signers"]] == ["First", "Second"]
    assert all(signer["signed_at"] == finished.server.clock.now() for signer in request["signers"])
    assert [signer["kind"] for signer in request["signers"]] == ["type", "type"]


def test_the_page_says_so_in_plain_words(finished: Finished) -> None:
    page = shown(finished.server, finished.pdf)
    assert page.status_code == 200
    for words in (
        "Genuine and unchanged",
        "has not been changed since",
        "First",
        "Second",
        "PAdES-B-B",
        finished.sent.id,
    ):
        assert words in page.text, words
    assert page.text.index("Genuine and unchanged") < page.text.index("Who signed") < page.text.index("Details")


def test_each_document_of_a_zip_is_genuine_too(place: Server) -> None:
    """Sealed by itself when first asked for: known by its seal, not by its hash."""
    import zipfile

    sender, signer = make_person(place), {"name": "Jack", "email_address": fresh_address("jack")}
    client = place.api(sender.api_key)
    two = [("a.pdf", text_pdf_bytes(1)), ("b.pdf", text_pdf_bytes(2))]
    sent = requests.complete(place, client, signers=[signer], files=two)
    answer = client.get(f"/v3/signature_request/files/{sent.id}", params={"file_type": "zip"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        found = told(place, archive.read("a.pdf"))
    assert (found["outcome"], found["is_archived"]) == ("sealed_unchanged", False)


# --- what anything else gets -------------------------------------------------------------------------------


def rewritten(good: bytes, change: Callable[[pikepdf.Pdf], None] = lambda _: None) -> bytes:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(good)) as pdf:
        change(pdf)
        pdf.save(output)
    return output.getvalue()


def other_title(good: bytes) -> bytes:
    output = io.BytesIO(good)
    writer = IncrementalPdfFileWriter(output)
    writer.set_info(generic.DictionaryObject({generic.pdf_name("/Title"): generic.pdf_string("Gift of a house")}))
    writer.write_in_place()
    return output.getvalue()


def flipped(good: bytes) -> bytes:
    changed = bytearray(good)
    changed[900] ^= 1
    return bytes(changed)


def strip(pdf: pikepdf.Pdf) -> None:
    del pdf.Root["/AcroForm"]


def forge_chain(pdf: pikepdf.Pdf) -> None:
    held = json.loads(pdf.attachments[CHAIN_FILE].get_file().read_bytes())
    held["events"][0]["canonical"] = held["events"][0]["canonical"].replace("Lease", "Gift!")
    pdf.attachments[CHAIN_FILE] = pikepdf.AttachedFileSpec(pdf, json.dumps(held).encode(), filename=CHAIN_FILE)


ATTACKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "one bit flipped": (flipped, "changed"),
    "newline appended": (lambda good: good + b"\n", "changed"),
    "object appended without a table": (lambda good: good + EVIL_OBJECT, "changed"),
    "information changed in a revision": (other_title, "changed"),
    "rewritten whole": (rewritten, "changed"),
    "page added": (lambda good: rewritten(good, lambda pdf: pdf.add_blank_page()), "changed"),
    "chain altered": (lambda good: rewritten(good, forge_chain), "changed"),
    "seal stripped": (lambda good: rewritten(good, strip), "not_sealed"),
    "cut before the seal": (lambda good: good[: good.index(b"%%EOF") + 6], "not_sealed"),
    "cut in the middle": (lambda good: good[: len(good) // 2], "unreadable"),
    "no PDF at all": (lambda _good: b"Dear Sir", "unreadable"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_passes_for_genuine(finished: Finished, name: str) -> None:
    attack, outcome = ATTACKS[name]
    found = told(finished.server, attack(finished.pdf))
    assert (found["is_unchanged"], found["is_archived"]) == (False, False)
    assert found["outcome"] == outcome
    assert found["signature_request"] is None, "what such a file says of itself is not to be believed"
    assert found["reasons"], "it is said what is wrong"


def test_the_page_warns(finished: Finished) -> None:
    page = shown(finished.server, finished.pdf + b"\n")
    assert "Not genuine" in page.text
    assert "Do not trust this file" in page.text
    assert "Lease of a flat" not in page.text
    assert "Who signed" not in page.text


def test_a_seal_of_another_server_is_not_ours(finished: Finished, tmp_path: Path) -> None:
    """The same software, the same name in the certificate: but another key."""
    with running_server(tmp_path) as other:
        found = told(other, finished.pdf)
    assert (found["outcome"], found["is_sealed_here"], found["is_archived"]) == ("sealed_by_another", False, False)
    assert found["signature_request"] is None


def test_every_reason_has_words() -> None:
    """A code that the verdict may hold and nobody put into words would be shown as it is."""
    folder = Path(verification.__file__).parent
    source = (folder / "examination.py").read_text() + (folder / "verify.py").read_text()
    codes = set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', source)) - NO_REASONS
    assert codes >= {"content_changed", "timestamp_not_trusted", "level_lower_than_stated"}
    assert {code for code in codes if "The seal is not as it must be" in reason_in_words(code)} == set()


# --- the address itself ------------------------------------------------------------------------------------


def test_errors_come_in_the_vendors_envelope(finished: Finished) -> None:
    server = finished.server
    for answer in (
        server.client().post("/v3/verify"),
        server.client().post("/v3/verify", json={"file": "text"}),
        server.client().post("/v3/verify", files={"other": ("a.pdf", finished.pdf)}),
        ask(server, b""),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"]["error_name"] == "bad_request"
        assert answer.json()["error"]["error_path"] == "file"
    broken = server.client().post(
        "/v3/verify", content=b"--x", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert (broken.status_code, broken.json()["error"]["error_name"]) == (400, "bad_request")
    assert server.client().get("/v3/verify").status_code == 405
    page = server.client()
    empty = page.post("/verify", data={"csrf_token": csrf_token(page.get("/verify"))})
    assert empty.status_code == 400
    assert "Choose the PDF file" in empty.text
    assert server.client().post("/verify", files={"file": ("a.pdf", finished.pdf)}).status_code == 403


def test_too_large_and_too_often(tmp_path: Path) -> None:
    with running_server(tmp_path, max_file_bytes=200_000, verifications_per_hour=3) as server:
        assert ask(server, b"%PDF-" + b"x" * 300_000).status_code == 413
        assert ask(server, b"%PDF-" + b"x" * 3_000_000).status_code == 413
        large = shown(server, b"%PDF-" + b"x" * 300_000)
        assert large.status_code == 413
        assert "larger than" in large.text
        refused = ask(server, text_pdf_bytes(1))
        assert (refused.status_code, refused.json()["error"]["error_name"]) == (429, "exceeded_rate")
        assert refused.headers["Retry-After"]
        assert shown(server, text_pdf_bytes(1)).status_code == 429
        server.move(3600)
        assert ask(server, text_pdf_bytes(1)).status_code == 200


def test_nothing_of_the_file_stays(finished: Finished) -> None:
    files = finished.server.kit.settings.data_dir / "files"
    before = sorted(path for path in files.rglob("*") if path.is_file())
    big = rewritten(finished.pdf, lambda pdf: pdf.attachments.__setitem__("x", _filler(pdf)))
    assert len(big) > 1_500_000, "too large to be held in memory"
    told(finished.server, big)
    shown(finished.server, finished.pdf + b"\n")
    assert sorted(path for path in files.rglob("*") if path.is_file()) == before


def _filler(pdf: pikepdf.Pdf) -> pikepdf.AttachedFileSpec:
    import secrets

    return pikepdf.AttachedFileSpec(pdf, secrets.token_bytes(2_000_000), filename="x")


def test_credentials_are_neither_needed_nor_looked_at(finished: Finished) -> None:
    client = finished.server.api("0" * 64)
    answer = client.post("/v3/verify", files={"file": ("a.pdf", finished.pdf)})
    assert answer.json()["verification"]["outcome"] == "sealed_unchanged"
    assert "X-RateLimit-Remaining" in answer.headers


def test_the_command_line_says_the_same(finished: Finished, tmp_path: Path) -> None:
    own = installation(tmp_path, data_dir=str(finished.server.kit.settings.data_dir))
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(finished.pdf)
    bad.write_bytes(finished.pdf + b"\n")
    fine = own.cli("verify", str(good))
    for words in ("has not been changed since", "PAdES-B-B", "First", "Second", finished.sent.id):
        assert words in fine.stdout, words
    told_json = json.loads(own.cli("verify", str(good), "--json").stdout)
    assert told_json["outcome"] == "sealed_unchanged"
    assert [signer["name"] for signer in told_json["signature_request"]["signers"]] == ["First", "Second"]
    refused = own.cli("verify", str(bad), check=False)
    assert refused.returncode == 1
    assert "Do not trust this file" in refused.stdout
    assert "Something was added" in refused.stdout
