"""What a signer, a stranger or a scanner cannot do, and the page each state shows."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from paraph.kit.db import ReadTx
from paraph.signature_requests import chain_of, is_intact, load_for_signer, signing_link
from paraph.signature_requests.models import signature_requests
from paraph.signing.intake import PICTURES_AN_HOUR
from paraph.signing.report import REPORTS_A_DAY
from paraph.signing.values import MAX_PICTURE_BYTES
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.signing import DRAWING, EXAMPLE, Sent, Signer, send, signature_picture

DAY = 86_400
POSTS = ("/view", "/consent", "/withdraw", "/signature", "/finish", "/decline", "/report")


def fresh(server: Server, *names: str, **options: Any) -> Sent:
    return send(server, make_person(server, "Jack"), *names, **options)


def signed_events(sent: Sent) -> int:
    """How often the intact chain of evidence says that somebody signed."""
    token = sent.signer.base.removeprefix("/sign/")

    def read(tx: ReadTx) -> list[str]:
        events = chain_of(tx, load_for_signer(tx, token, sent.server.kit).request.id)
        assert is_intact(events)
        return [event.kind for event in events]

    return sent.server.read(read).count("signed")


def altered(base: str) -> str:
    """The same address with one letter of its proof changed."""
    return base[:-1] + ("A" if base[-1] != "A" else "B")


@pytest.fixture(scope="module")
def opened(shared_server: Server) -> Signer:
    """A signer who opened the document; tests that use it are refused, so it stays as it is."""
    signer = fresh(shared_server).signer
    signer.view()
    return signer


@pytest.fixture(scope="module")
def agreed(shared_server: Server) -> Signer:
    """A signer who agreed but has made no signature; stays so."""
    signer = fresh(shared_server).signer
    signer.view()
    signer.agree()
    return signer


@pytest.fixture(scope="module")
def ready(shared_server: Server) -> Sent:
    """A request whose signer only has to press the button; nobody does."""
    sent = fresh(shared_server)
    sent.signer.ready_to_finish()
    return sent


# --- strangers -----------------------------------------------------------------------------------------------


def test_every_wrong_link_gets_the_same_answer(shared_server: Server) -> None:
    sent = fresh(shared_server)
    client = shared_server.client()
    wrong = [
        altered(sent.signer.base),
        "/sign/x",
        "/sign/" + "a" * 32,
        "/sign/a.b",
        "/sign/" + "x" * 4000,
    ]
    answers = [client.get(path) for path in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    for path in POSTS:
        assert client.post(altered(sent.signer.base) + path, data={"reason": "x", "agree": "yes"}).status_code == 404
    for path in (
        "/review",
        "/statement",
        "/documents/0.pdf",
        "/documents/0/pages/1.jpg",
        "/final.pdf",
        "/signature.png",
    ):
        assert client.get(altered(sent.signer.base) + path).status_code == 404


def test_the_vendors_signing_url_says_nothing_about_the_request(shared_server: Server) -> None:
    sent = fresh(shared_server)
    client = shared_server.client()
    real, made_up = client.get(f"/sign/{sent.request_id}"), client.get(f"/sign/{'0' * 40}")
    assert real.status_code == made_up.status_code == 200
    assert real.text == made_up.text
    assert "Open the link in your mail" in real.text
    assert sent.json()["signing_url"].endswith(f"/sign/{sent.request_id}")


def test_existing_and_made_up_requests_take_equally_long(shared_server: Server) -> None:
    sent = fresh(shared_server)
    client = shared_server.client()
    times: dict[str, list[float]] = {sent.request_id: [], "0" * 40: []}
    for _ in range(40):
        for name, taken in times.items():
            start = time.perf_counter()
            client.get(f"/sign/{name}")
            taken.append(time.perf_counter() - start)
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert abs(known - unknown) < 0.01


def test_a_link_opens_its_own_request_only(shared_server: Server) -> None:
    one, other = fresh(shared_server), fresh(shared_server)
    one.signer.view()
    assert one.signer.get("/documents/0.pdf").status_code == 200
    assert other.signer.get("/documents/0.pdf").status_code == 404, "not viewed by this signer"


def test_posts_from_another_site_are_refused(shared_server: Server) -> None:
    signer = fresh(shared_server).signer
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert signer.post("/view", {"by": "script"}, headers=headers).status_code == 403
    assert 'data-src="' in signer.get().text


# --- order of steps ------------------------------------------------------------------------------------------


def test_nothing_is_agreed_before_the_document_was_opened(shared_server: Server) -> None:
    sent = fresh(shared_server)
    answer = sent.signer.agree()
    assert answer.status_code == 400
    assert "Open the document first." in answer.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "The statement has changed"),
        ({"disclosure": "en-2026-11"}, "Tick the box"),
        ({"disclosure": "en-2026-11", "agree": "no"}, "Tick the box"),
        ({"disclosure": "en-1999-01", "agree": "yes"}, "The statement has changed"),
    ],
)
def test_consent_is_a_ticked_box_beside_the_words_in_force(
    opened: Signer, fields: dict[str, str], words: str
) -> None:
    signer = opened
    answer = signer.post("/consent", fields)
    assert answer.status_code == 400
    assert words in answer.text
    assert 'id="fill"' not in signer.get().text
    assert "checked" not in signer.get().text.split('id="agreement"')[1].split(">")[0], "never ticked beforehand"


def test_nothing_is_signed_without_consent(shared_server: Server) -> None:
    sent = fresh(shared_server)
    signer = sent.signer
    signer.view()
    assert signer.adopt_typed().headers["location"] == signer.base
    assert signer.get("/review").headers["location"] == signer.base
    answer = signer.post("/finish", {"fingerprint": "0" * 64, "button": "Agree and finish"})
    assert answer.status_code == 400
    assert sent.status() == "awaiting_signature"


@pytest.mark.parametrize(
    "change", [{"fingerprint": "0" * 64}, {"fingerprint": ""}, {"button": ""}, {"button": "Whatever"}]
)
def test_only_the_button_under_the_shown_signature_signs(ready: Sent, change: dict[str, str]) -> None:
    sent = ready
    answer = sent.signer.post("/finish", sent.signer.finish_fields() | change)
    assert answer.status_code == 400
    assert 'id="problems"' in answer.text
    assert sent.status() == "awaiting_signature"


def test_a_signature_changed_in_another_window_is_not_signed_unseen(shared_server: Server) -> None:
    sent = fresh(shared_server)
    signer = sent.signer.ready_to_finish()
    fields = signer.finish_fields()
    signer.adopt_typed("Somebody Else", "caveat")
    answer = signer.post("/finish", fields)
    assert "changed in another window" in answer.text
    assert sent.status() == "awaiting_signature"


def test_the_second_signer_cannot_go_first(shared_server: Server) -> None:
    """T7: on the write, not only on the page."""
    sent = fresh(shared_server, "Ann First", "Bob Second", ordered=True)
    second = sent.signers[1]
    token = sent.signer.base.removeprefix("/sign/")
    view = shared_server.read(lambda tx: load_for_signer(tx, token, shared_server.kit))
    link = signing_link(shared_server.kit, view.whole.signatures[1])
    second.base = "/sign/" + link.rsplit("/", 1)[1]
    assert "It is not your turn yet" in second.get().text
    assert second.view().status_code == 409
    for path, fields in (
        ("/consent", {"disclosure": "en-2026-11", "agree": "yes"}),
        ("/signature", {"method": "type", "text": "Bob", "face": "caveat"}),
        ("/finish", {"fingerprint": "0" * 64, "button": "Agree and finish"}),
        ("/decline", {"reason": "no"}),
    ):
        assert second.post(path, fields).headers["location"] == second.base, path
    assert [one["status_code"] for one in sent.json()["signatures"]] == ["awaiting_signature"] * 2


def test_twenty_presses_at_once_sign_once(server: Server) -> None:
    """T9."""
    sent = fresh(server)
    fields = sent.signer.ready_to_finish().finish_fields()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: sent.signer.post("/finish", fields), range(20)))
    assert {answer.status_code for answer in answers} == {303}
    assert {answer.headers["location"] for answer in answers} == {sent.signer.base}
    assert sent.status() == "signed"
    assert signed_events(sent) == 1


# --- values --------------------------------------------------------------------------------------------------

TOO_MANY_LINES = json.dumps({"lines": [[[0.1, 0.1], [0.2, 0.2]]] * 201, "aspect": 2})


@pytest.mark.parametrize(
    ("fields", "element"),
    [
        ({}, "fill"),
        ({"method": "phone"}, "fill"),
        ({"method": "draw"}, "pad"),
        ({"method": "draw", "strokes": ""}, "pad"),
        ({"method": "draw", "strokes": "%PDF-1.7"}, "pad"),
        ({"method": "draw", "strokes": TOO_MANY_LINES}, "pad"),
        ({"method": "draw", "strokes": DRAWING.replace("0.1", "1.1")}, "pad"),
        ({"method": "draw", "strokes": DRAWING.replace("0.1", "NaN")}, "pad"),
        ({"method": "type", "text": " ", "face": "caveat"}, "typed"),
        ({"method": "type", "text": "x" * 101, "face": "caveat"}, "typed"),
        ({"method": "type", "text": "Jill", "face": "arial"}, "typed"),
        ({"method": "type[]", "text": "Jill"}, "fill"),
        ({"method": "upload"}, "picture"),
        ({"method": "upload", "picture": "not a file"}, "picture"),
    ],
)
def test_values_that_are_no_signature_are_named(agreed: Signer, fields: dict[str, str], element: str) -> None:
    signer = agreed
    answer = signer.post("/signature", fields)
    assert answer.status_code == 400
    assert f'<a href="#{element}">' in answer.text
    assert f'id="{element}"' in answer.text
    assert signer.get("/review").headers["location"] == signer.base, "nothing was kept"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(50),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        EXAMPLE.read_bytes(),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0" + bytes(200),
        signature_picture()[:300],
        bytes(MAX_PICTURE_BYTES + 1),
    ],
    ids=["empty", "gif", "broken png", "pdf", "svg", "broken jpeg", "cut off", "too large"],
)
def test_files_that_are_no_picture_are_refused_in_words(agreed: Signer, data: bytes) -> None:
    signer = agreed
    answer = signer.adopt_picture(data)
    assert answer.status_code == 400
    assert '<a href="#picture">' in answer.text
    assert 'value="upload" checked' in answer.text, "the chosen way stays chosen"


def test_ways_the_sender_did_not_offer_are_refused(shared_server: Server) -> None:
    options = {"draw": False, "type": True, "upload": False, "default_type": "type"}
    signer = fresh(shared_server, signing_options=options).signer
    signer.view()
    signer.agree()
    page = signer.get().text
    assert "data-pad" not in page
    assert "data-picture" not in page
    assert 'name="method" value="type"' in page
    assert signer.adopt_drawn().status_code == 400
    assert signer.adopt_picture(signature_picture()).status_code == 400
    assert signer.adopt_typed().status_code == 303


def test_pictures_are_limited(lite: Server) -> None:
    signer = fresh(lite).signer
    signer.view()
    signer.agree()
    answers = [signer.adopt_picture(b"no picture").status_code for _ in range(PICTURES_AN_HOUR + 1)]
    assert answers == [400] * PICTURES_AN_HOUR + [429]


# --- declining and reporting ---------------------------------------------------------------------------------


def test_declining_needs_an_offer_and_a_reason(shared_server: Server) -> None:
    closed = fresh(shared_server)
    assert closed.signer.get("/decline").headers["location"] == closed.signer.base
    assert closed.signer.post("/decline", {"reason": "no"}).status_code == 404
    assert "I do not want to sign" not in closed.signer.get().text
    sent = fresh(shared_server, allow_decline="1")
    assert "I do not want to sign" in sent.signer.get().text
    for reason in ("", "   ", "x" * 1001):
        answer = sent.signer.post("/decline", {"reason": reason})
        assert answer.status_code == 400
        assert '<a href="#reason">' in answer.text
    assert sent.json()["is_declined"] is False


def test_reports_need_a_reason_and_are_limited(lite: Server) -> None:
    signer = fresh(lite).signer
    assert signer.post("/report", {"reason": " "}).status_code == 400
    answers = [signer.post("/report", {"reason": "Fraud"}).status_code for _ in range(REPORTS_A_DAY + 1)]
    assert answers == [200] * REPORTS_A_DAY + [429]


def test_a_report_is_mailed_to_the_operator(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", operator_contact="ops@example.org") as server:
        sent = fresh(server)
        sent.signer.post("/report", {"reason": "Not mine.\n<b>"})
        mail = server.mails()[-1]
        assert mail["to"] == "ops@example.org"
        assert "Not mine." in mail["text"]
        assert sent.request_id in mail["text"]
        assert sent.signer.base not in mail["text"]


# --- states --------------------------------------------------------------------------------------------------


def cancel(sent: Sent) -> None:
    assert sent.sender.post(f"/v3/signature_request/cancel/{sent.request_id}").status_code == 200


def expire(sent: Sent) -> None:
    sent.server.move(3 * DAY)
    sent.server.run_jobs()


def state(name: str) -> Callable[[Sent], None]:
    def change(sent: Sent) -> None:
        where = signature_requests.c.signature_request_id == sent.request_id
        sent.server.write(lambda tx: tx.execute(update(signature_requests).where(where).values(state=name)))

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (cancel, "This request was cancelled"),
        (expire, "This request has expired"),
        (state("declined"), "This request has ended"),
        (state("preparing"), "The document is not ready yet"),
        (state("on_hold"), "The document is not ready yet"),
        (state("failed"), "Something is wrong with this document"),
    ],
    ids=["cancelled", "expired", "declined", "preparing", "on hold", "error"],
)
def test_a_request_that_cannot_be_signed_says_so_and_stays_as_it_is(
    shared_server: Server, change: Callable[[Sent], None], words: str
) -> None:
    sent = fresh(shared_server, expires_at=str(shared_server.clock.now() + 2 * DAY), allow_decline="1")
    signer = sent.signer.ready_to_finish()
    fields = signer.finish_fields()
    change(sent)
    page = signer.get()
    assert page.status_code == 200
    assert words in page.text
    assert "Report this sender" in page.text
    assert signer.view().status_code in (409, 410)
    for path, values in (
        ("/view", {}),
        ("/consent", {"disclosure": "en-2026-11", "agree": "yes"}),
        ("/withdraw", {}),
        ("/signature", {"method": "type", "text": "J", "face": "caveat"}),
        ("/finish", fields),
        ("/decline", {"reason": "no"}),
    ):
        assert signer.post(path, values).headers["location"] == signer.base, path
    assert signer.get("/review").headers["location"] == signer.base
    assert signer.get("/documents/0/pages/1.jpg").status_code == 404
    assert signed_events(sent) == 0


def test_signing_twice_changes_nothing(shared_server: Server) -> None:
    sent = fresh(shared_server)
    signer = sent.signer.ready_to_finish()
    fields = signer.finish_fields()
    signer.post("/finish", fields)
    signed_at = sent.json()["signatures"][0]["signed_at"]
    assert signer.post("/finish", fields).headers["location"] == signer.base
    assert signer.post("/decline", {"reason": "no"}).headers["location"] == signer.base
    assert sent.json()["signatures"][0]["signed_at"] == signed_at
    assert "Thank you, you have signed" in signer.get().text


def test_the_final_file_is_not_there_before_it_is_sealed(shared_server: Server) -> None:
    sent = fresh(shared_server)
    assert sent.signer.get("/final.pdf").status_code == 404
    sent.signer.sign()
    assert sent.signer.get("/final.pdf").status_code == 404


def test_bytes_that_changed_are_neither_shown_nor_signed(server: Server) -> None:
    """T19."""
    sent = fresh(server)
    signer = sent.signer.ready_to_finish()
    fields = signer.finish_fields()
    token = signer.base.removeprefix("/sign/")
    view = server.read(lambda tx: load_for_signer(tx, token, server.kit))
    key = view.documents[0].pdf_key or ""
    path = server.kit.settings.data_dir / "files" / key[:2] / key[2:4] / key
    path.write_bytes(path.read_bytes().replace(b"%%EOF", b"%%EOG"))
    assert signer.view().status_code == 500
    assert signer.get("/documents/0/pages/1.jpg").status_code == 503
    assert signer.post("/finish", fields).status_code == 500
    assert sent.status() == "awaiting_signature"


def test_odd_requests_are_never_a_server_failure(shared_server: Server) -> None:
    signer = fresh(shared_server, allow_decline="1").signer
    signer.view()
    signer.agree()
    odd: list[dict[str, Any]] = [
        {"data": {"method[]": "type", "text[a]": "x"}},
        {
            "json": {
                "method": ["type"],
                "text": {"a": 1},
                "strokes": 5,
                "reason": [],
                "agree": True,
                "disclosure": None,
            }
        },
        {"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}},
        {"content": b"method=type&text=%ff%fe%00", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"files": {"picture": ("a", b"x"), "text": ("b", b"y"), "method": ("c", b"upload")}},
    ]
    for path in POSTS:
        for body in odd:
            answer = signer.browser.post(signer.base + path, **body)
            assert answer.status_code < 500, (path, body, answer.text)


def test_helpers_really_sign(shared_server: Server) -> None:
    """The helper that other rooms' tests lean on."""
    sent = fresh(shared_server)
    assert isinstance(sent.signer.sign(), Signer)
    assert sent.status() == "signed"
