"""The level of the seal, from the settings to the words in the sealed file: what is stated was reached (T26, T27)."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pypdfium2
import pytest

from paraph.doctor import examine
from paraph.documents import DocumentWorkers
from paraph.documents.resting import Resting
from paraph.kit.settings import Settings, SettingsError
from paraph.signature_requests import chain_of
from paraph.signature_requests.queries import find_request
from tests.documents import samples
from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import log_in, make_person
from tests.helpers.pki import World, p256, serving
from tests.helpers.requests import Sent
from tests.helpers.softhsm import SoftToken


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def roots(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roots") / "roots.pem"
    path.write_bytes(world.root.pem)
    return path


def levelled(world: World, roots: Path, *paths: str, **more: Any) -> dict[str, Any]:
    urls = ", ".join(f"{world.base}/tsa/{path}" for path in paths)
    return {"seal_level": "B-LTA", "seal_timestamp_urls": urls, "seal_timestamp_roots": roots} | more


def sealed(server: Server, **how: Any) -> tuple[Sent, bytes]:
    person = make_person(server, "Alice")
    client = server.api(person.api_key)
    sent = requests.complete(server, client, **how)
    return sent, client.get(f"/v3/signature_request/files/{sent.id}").content


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def sealed_facts(server: Server, sent: Sent) -> dict[str, Any]:
    events = server.read(lambda tx: chain_of(tx, find_request(tx, sent.id).id))
    return next(event.facts for event in events if event.kind == "sealed")


def operator_page(server: Server) -> str:
    client = log_in(server, make_person(server, "Olga", operator=True))
    return client.get("/operator/seal").text


def test_the_level_that_is_reached_is_stated_everywhere(world: World, roots: Path, tmp_path: Path) -> None:
    with running_server(tmp_path, **levelled(world, roots, "garbage", "good")) as server:
        sent, data = sealed(server)
        assert "PAdES-B-LTA" in text_of(data)
        facts = sealed_facts(server, sent)
        assert facts["level"] == "PAdES-B-LTA"
        assert facts["timestamped_by"] == "Common Name: World TSA"
        assert "short_because" not in facts
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert str(pdf.docinfo["/SealLevel"]) == "PAdES-B-LTA"
        shown = operator_page(server)
        assert "PAdES-B-LTA" in shown
        assert sent.id in shown


def test_without_an_authority_a_lower_level_is_reached_and_stated(world: World, roots: Path, tmp_path: Path) -> None:
    with running_server(tmp_path, **levelled(world, roots, "down")) as server:
        hasten(server)
        sent, data = sealed(server)
        text = text_of(data)
        assert "PAdES-B-B" in text
        assert "PAdES-B-LTA" not in text
        facts = sealed_facts(server, sent)
        assert (facts["level"], facts["wanted_level"]) == ("PAdES-B-B", "PAdES-B-LTA")
        assert "503" in facts["short_because"]
        shown = operator_page(server)
        assert "Less than wanted" in shown
        assert "left alone for a while" in shown


def test_a_required_level_is_waited_for_and_the_completion_is_not_lost(
    world: World, roots: Path, tmp_path: Path
) -> None:
    """It heals by itself once the cause is gone (T27)."""
    world.is_down.add("/tsa/good")
    try:
        with running_server(tmp_path, **levelled(world, roots, "good", seal_level_required=True)) as server:
            hasten(server)
            person = make_person(server, "Alice")
            client = server.api(person.api_key)
            two = [("one.pdf", samples.text_pdf_bytes(1)), ("two.pdf", samples.text_pdf_bytes(1))]
            sent = requests.complete(server, client, files=two)
            assert client.get(f"/v3/signature_request/files/{sent.id}").status_code == 409
            assert requests.get(client, sent)["is_complete"]
            assert "1 signed request waits for a seal" in operator_page(server)
            world.is_down.clear()
            rest(server)
            server.move(3600)
            server.run_jobs()
            data = client.get(f"/v3/signature_request/files/{sent.id}").content
            assert "PAdES-B-LTA" in text_of(data)
            assert sealed_facts(server, sent)["level"] == "PAdES-B-LTA"
            check_the_zip_waits_too(world, server, client, sent)
    finally:
        world.is_down.clear()


def check_the_zip_waits_too(world: World, server: Server, client: httpx.Client, sent: Sent) -> None:
    """Each of its documents is sealed by itself."""
    asked = f"/v3/signature_request/files/{sent.id}?file_type=zip"
    world.is_down.add("/tsa/good")
    late = client.get(asked)
    assert (late.status_code, requests.error_of(late)["error_name"]) == (503, "unavailable")
    world.is_down.clear()
    rest(server)
    archive = zipfile.ZipFile(io.BytesIO(client.get(asked).content))
    assert ["PAdES-B-LTA" in text_of(archive.read(name)) for name in archive.namelist()] == [True, True]


def rest(server: Server) -> None:
    """As if the time had passed for which a failed authority is left alone."""
    server.kit.service(DocumentWorkers)._resting = Resting()


def hasten(server: Server) -> None:
    """No pauses between the rounds through the authorities."""
    workers = server.kit.service(DocumentWorkers)
    workers.policy = replace(workers.policy, pauses=(0.0, 0.0))


def test_a_key_in_a_token_seals_and_readiness_says_when_it_does_not(world: World, tmp_path: Path) -> None:
    token = SoftToken.of_this_process()
    holder = world.certified("Token Seal", p256())
    key = token.take(holder, "seal")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(holder.pem + world.intermediate.pem + world.root.pem)
    chosen = {
        "seal_pkcs11_module": key.module,
        "seal_pkcs11_token": key.token,
        "seal_pkcs11_key": key.label,
        "seal_pkcs11_pin": key.pin,
        "seal_certificate": chain,
    }
    with running_server(tmp_path / "good", **chosen) as server:
        assert httpx.get(f"{server.url}/readyz").json()["seal"] == "ready"
        sent, _ = sealed(server)
        assert sealed_facts(server, sent)["sealed_by"] == "Common Name: Token Seal"
        assert key.pin not in operator_page(server)
    with running_server(tmp_path / "bad", **(chosen | {"seal_pkcs11_pin": "999999"})) as server:
        answer = httpx.get(f"{server.url}/readyz")
        assert answer.status_code == 503
        assert answer.json()["seal"] == "The PIN of the token “paraph-test” is wrong or locked."
        assert "The PIN of the token" in operator_page(server)
    findings = asyncio.run(examine(Settings(data_dir=tmp_path / "bad", **(chosen | {"seal_pkcs11_pin": "999999"}))))
    (seal,) = [one for one in findings if one.subject == "seal"]
    assert seal.is_problem
    assert "PARAPH_SEAL_PKCS11_MODULE" in seal.fix
    assert "999999" not in json.dumps([one.as_dict() for one in findings])


def test_the_doctor_asks_each_authority(world: World, roots: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, **levelled(world, roots, "good", "expired"))
    with running_server(tmp_path):
        pass
    found = {one.says: one for one in asyncio.run(examine(settings)) if one.subject.startswith("timestamps")}
    assert any("expired" in says for says in found)
    required = Settings(data_dir=tmp_path, **levelled(world, roots, "down", seal_level_required=True))
    (only,) = [one for one in asyncio.run(examine(required)) if one.subject.startswith("timestamps")]
    assert only.is_problem
    assert "nothing is sealed" in only.fix


def test_only_operators_see_the_page(shared_lite: Server) -> None:
    client = log_in(shared_lite, make_person(shared_lite, "Eve"))
    assert client.get("/operator/seal").status_code == 404


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"seal_level": "B-T"}, "needs PARAPH_SEAL_TIMESTAMP_URLS"),
        ({"seal_timestamp_urls": "https://tsa.example.com"}, "needs PARAPH_SEAL_LEVEL"),
        ({"seal_level_required": True}, "above B-B"),
        ({"seal_level": "B-T", "seal_timestamp_urls": "ftp://x", "seal_timestamp_roots": Path("x")}, "http"),
        ({"seal_pkcs11_pin": "1"}, "PARAPH_SEAL_PKCS11_MODULE"),
        ({"seal_pkcs11_module": Path("x.so")}, "PARAPH_SEAL_CERTIFICATE"),
        ({"seal_pkcs11_module": Path("x.so"), "seal_pkcs12": Path("y.p12")}, "not both"),
        ({"seal_pkcs12_passphrase": "x"}, "PARAPH_SEAL_PKCS12"),
    ],
)
def test_settings_that_contradict_each_other_stop_the_start(chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Settings(**chosen)


def test_secrets_of_the_seal_are_not_shown() -> None:
    settings = Settings(
        seal_level="B-T",
        seal_timestamp_urls="https://ann:hidden@tsa.example.com",
        seal_timestamp_roots=Path("roots.pem"),
    )
    assert "hidden" not in repr(settings)
