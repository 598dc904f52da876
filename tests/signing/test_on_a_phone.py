"""Drawing on a phone what is signed at a computer: a link for one drawing, for ten minutes, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import segno
from sqlalchemy import select

from paraph.kit.crypto import token_hash
from paraph.signature_requests import chain_of, load_for_signer
from paraph.signing.jobs import sweep
from paraph.signing.models import phone_pads
from paraph.signing.phone_pad import PAD_SECONDS, PADS_AN_HOUR
from paraph.signing.qr import QUIET_MODULES, qr_picture
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.signing import DRAWING, Sent, Signer, send

BOTH = {"draw": True, "type": True, "phone": True, "default_type": "draw"}
ONLY = {"phone": True, "default_type": "phone"}
DONE = "Your drawing is on your computer now"
DEAD = "This link is over or was used"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for what does not touch the database engine."""
    with running_server(tmp_path_factory.mktemp("site")) as running:
        yield running


def fresh(server: Server, options: dict[str, Any] | None = None, **more: Any) -> Sent:
    sent = send(server, make_person(server, "Jack"), signing_options=options or BOTH, **more)
    if "signers[0][pin]" not in more:
        sent.signer.view()
        sent.signer.agree()
    return sent


def pad(signer: Signer) -> str:
    """Ask for a code; returns the path that it leads to."""
    answer = signer.post("/phone", {"kind": "signature"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{signer.base}/phone")
    found = re.search(r'href="[^"]*(/draw/[\w-]+)"', signer.get("/phone").text)
    assert found is not None
    return found.group(1)


def state(signer: Signer) -> str:
    return str(signer.get("/phone/state").json()["state"])


def evidence(sent: Sent) -> dict[str, Any]:
    token = sent.signer.base.removeprefix("/sign/")
    server = sent.server
    chain = server.read(lambda tx: chain_of(tx, load_for_signer(tx, token, server.kit).request.id))
    return next(event.facts for event in chain if event.kind == "signed")


@pytest.mark.parametrize("options", [BOTH, ONLY], ids=["besides", "only"])
def test_from_the_code_to_the_signature(shared_server: Server, options: dict[str, Any]) -> None:
    sent = fresh(shared_server, options)
    signer, phone = sent.signer, shared_server.client()
    assert "Draw on your phone" in signer.get().text
    assert state(signer) == "none"
    path = pad(signer)
    assert state(signer) == "waiting"
    page = phone.get(path)
    assert page.status_code == 200
    assert "Lease" in page.text
    for secret in ("Jill", "Jack", "lease.pdf", "/sign/", "Thank you."):
        assert secret not in page.text, "the phone gets a pad and the title"
    empty = phone.post(path, data={"strokes": ""})
    assert (empty.status_code, "Draw your signature in the box first." in empty.text) == (400, True)
    assert DONE in phone.post(path, data={"strokes": DRAWING}).text
    assert state(signer) == "drawn"
    assert "ink" in signer.get("/review").text
    assert sent.status() == "awaiting_signature", "drawing signs nothing"
    assert signer.finish().status_code == 303
    assert (sent.status(), evidence(sent)["kind"]) == ("signed", "phone")
    shared_server.run_jobs()
    assert sent.json()["is_complete"] is True
    assert signer.get("/final.pdf").content.startswith(b"%PDF-"), "sealed, with a certificate that knows a phone"


def test_the_button_on_the_form_keeps_what_was_typed_and_shows_the_code(site: Server) -> None:
    signer = fresh(site).signer
    page = signer.get().text
    found = re.search(r'name="action" value="(phone:signature:\d+)"', page)
    assert found is not None
    answer = signer.post("/fill", {"action": found.group(1)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{signer.base}/phone")
    assert state(signer) == "waiting"


def test_a_link_is_good_once_for_ten_minutes_and_until_the_next(site: Server) -> None:
    signer, phone = fresh(site).signer, site.client()
    replaced, used = pad(signer), pad(signer)
    assert phone.post(used, data={"strokes": DRAWING}).status_code == 200
    late = pad(signer)
    site.move(PAD_SECONDS)
    assert state(signer) == "over"
    assert "The last code is over" in signer.get("/phone").text
    for path in (replaced, used, late, "/draw/x", "/draw/" + "A" * 43):
        for answer in (phone.get(path), phone.post(path, data={"strokes": DRAWING})):
            assert (answer.status_code, DEAD in answer.text) == (404, True)


def test_twenty_drawings_at_once_are_one(shared_server: Server) -> None:
    path = pad(fresh(shared_server).signer)
    phones = [shared_server.client() for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda phone: phone.post(path, data={"strokes": DRAWING}), phones))
    assert [DONE in answer.text for answer in answers].count(True) == 1
    assert {answer.status_code for answer in answers} == {200, 404}


def test_a_link_dies_with_what_it_was_for(site: Server) -> None:
    phone = site.client()
    withdrawn, cancelled, signed = (fresh(site) for _ in range(3))
    paths = [pad(sent.signer) for sent in (withdrawn, cancelled, signed)]
    withdrawn.signer.post("/withdraw")
    cancelled.sender.post(f"/v3/signature_request/cancel/{cancelled.request_id}")
    signed.signer.sign_now()
    withdrawn.signer.agree()  # anew, within the ten minutes
    for path in paths:
        for answer in (phone.get(path), phone.post(path, data={"strokes": DRAWING})):
            assert (answer.status_code, DEAD in answer.text) == (404, True)


def test_links_of_yesterday_are_swept(site: Server) -> None:
    pad(fresh(site).signer)
    site.move(86_401)
    fresh_one = pad(fresh(site).signer)
    site.call(sweep.handler({}, site.kit))
    rows = site.read(lambda tx: tx.all(select(phone_pads.c.token_hash)))
    assert [row.token_hash for row in rows] == [token_hash(fresh_one.rpartition("/")[2])]


def test_only_where_the_sender_offers_it_and_behind_the_door(site: Server) -> None:
    signer = fresh(site, {"draw": True, "default_type": "draw"}).signer
    assert "Draw on your phone" not in signer.get().text
    assert signer.get("/phone").headers["location"] == signer.base
    assert signer.post("/phone", {"kind": "signature"}).headers["location"] == signer.base
    assert signer.post("/fill", {"action": "phone:signature:0"}).status_code == 303
    assert state(signer) == "none"
    drawn = fresh(site, ONLY).signer
    assert drawn.adopt_drawn().status_code == 400, "a drawing from here is not one from a phone"
    shut = fresh(site, **{"signers[0][pin]": "7531"}).signer
    for answer in (shut.get("/phone"), shut.get("/phone/state"), shut.post("/phone", {"kind": "signature"})):
        assert answer.status_code == 403
    shut.post("/access", {"method": "access_code", "code": "7531"})
    shut.view()
    shut.agree()
    assert site.client().get(pad(shut)).status_code == 200


def test_looking_at_the_link_changes_nothing_and_the_database_cannot_make_one(site: Server) -> None:
    sent = fresh(site)
    path = pad(sent.signer)
    for _ in range(3):
        assert site.client().get(path).status_code == 200
    assert state(sent.signer) == "waiting"
    token = path.rpartition("/")[2]
    rows = site.read(lambda tx: tx.all(select(phone_pads)))
    assert token_hash(token) in [row.token_hash for row in rows]
    assert all(token not in str(row) for row in rows)


def test_codes_are_limited(site: Server) -> None:
    signer = fresh(site).signer
    answers = [signer.post("/phone", {"kind": "signature"}).status_code for _ in range(PADS_AN_HOUR + 1)]
    assert answers == [303] * PADS_AN_HOUR + [429]


def test_the_picture_is_the_code() -> None:
    text = "https://sign.example.com/draw/" + "A" * 43
    picture = qr_picture(text)
    rows = segno.make_qr(text, error="m").matrix
    dark = {
        (int(y) - QUIET_MODULES, int(x) - QUIET_MODULES) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", picture.path)
    }
    assert dark == {(y, x) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark}
    assert picture.side == len(rows) + 2 * QUIET_MODULES
