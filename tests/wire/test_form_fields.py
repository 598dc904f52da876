"""Fields through unmodified official SDKs, and from the bodies of clients that are older or not run here."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.documents.samples import pdf_bytes
from tests.documents.tagged import document, shown
from tests.harness import START, Server
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.filling import fill_form, final_pdf, page_text
from tests.helpers.requests import Sent, load_signer, sign, signing_token
from tests.helpers.signing import EXAMPLE
from tests.wire.form_bodies import EXPECTED, form_bodies

ROOT = Path(__file__).parents[2]
SDKS = {
    "python-2.0.0": [sys.executable, str(ROOT / "tests/wire/fields_python.py")],
    "python-1.14.1": [str(ROOT / ".venv-sdk1/bin/python"), str(ROOT / "tests/wire/fields_python.py")],
    "node-1.11.0": ["node", str(ROOT / "tests/wire/fields_node.js")],
}
TAGS = ("[sig|req|signer1]", "[text|req|signer1|Name|name_1]", "[text-merge|noreq|sender|town|town_1]")


@pytest.fixture(scope="module")
def sender(shared_server: Server) -> Person:
    return make_person(shared_server, "Sue Sender")


def run(command: list[str], phase: str, state: Path) -> None:
    done = subprocess.run([*command, phase, str(state)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{phase}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("sdk", SDKS)
def test_every_field_through_an_sdk(shared_server: Server, sender: Person, sdk: str, tmp_path: Path) -> None:
    tagged, state = tmp_path / "tagged.pdf", tmp_path / "state.json"
    tagged.write_bytes(pdf_bytes(document("".join(shown(tag, 80, 700 - 50 * row) for row, tag in enumerate(TAGS)))))
    known: dict[str, Any] = {
        "url": shared_server.url,
        "api_key": sender.api_key,
        "jack": fresh_address("jack"),
        "jill": fresh_address("jill"),
        "document": str(EXAMPLE),
        "tagged": str(tagged),
        "day": datetime.fromtimestamp(START, UTC).strftime("%Y - %m - %d"),
    }
    state.write_text(json.dumps(known))
    run(SDKS[sdk], "send", state)
    shared_server.run_jobs()
    answers = {"full_name": "Jack Lee", "has_pet": True, "pet": "a cat", "by_phone": True, "colour": "green"}
    sign(shared_server, signing_token(shared_server, known["jack"]), fill_form(answers, has_initials=True))
    sign(shared_server, signing_token(shared_server, known["jill"]), fill_form({"name_1": "Jill Lee"}))
    run(SDKS[sdk], "read", state)
    sent = Sent(json.loads(state.read_text())["every"], {})
    text = page_text(final_pdf(shared_server.api(sender.api_key), sent))
    assert all(word in text for word in ("Jack Lee", "a cat", "green", "$20,000", known["day"]))


def test_a_form_means_the_same_from_every_client(shared_server: Server, sender: Person) -> None:
    client = shared_server.api(sender.api_key)
    for number in range(3):
        address = fresh_address("jack")
        body = form_bodies(EXAMPLE.read_bytes(), address)[number]
        answer = client.post(
            "/v3/signature_request/send", content=body.content, headers={"Content-Type": body.content_type}
        )
        assert answer.status_code == 200, f"{body.client}: {answer.text}"
        shared_server.run_jobs()
        seen = load_signer(shared_server, signing_token(shared_server, address))
        placed = sorted((*seen.fields, *seen.others_fields), key=lambda one: one.id)
        assert [one.api_id for one in placed] == EXPECTED
        position = {one.id: one.position for one in seen.documents}
        assert [position[one.document_pk] for one in placed] == [0, 0, 0, 0, 1]
        assert [(one.group_id, one.requirement) for one in seen.form.groups] == [("how", "require_1")]
        assert [rule.trigger.field_id for rule in seen.form.rules] == ["by_mail"]
        assert [one["value"] for one in answer.json()["signature_request"]["custom_fields"]] == ["4711"]
