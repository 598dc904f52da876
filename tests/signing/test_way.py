"""The way of a signer: open, agree, adopt, check, finish, download; each step proven on both engines."""

from __future__ import annotations

import hashlib
import io
import subprocess
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from paraph.kit.db import ReadTx
from paraph.signature_requests import chain_of, load_for_signer
from paraph.signing import current_disclosure
from paraph.signing.jobs import KEPT_DAYS, sweep
from paraph.signing.models import signing_drafts
from tests.harness import Server
from tests.helpers.accounts import log_in, make_person
from tests.helpers.signing import DRAWING, Sent, send, signature_picture


@pytest.fixture(scope="module")
def sent(shared_server: Server) -> Sent:
    """A request that no test of this module changes beyond its first view."""
    return send(shared_server, make_person(shared_server, "Jack"))


def fresh(server: Server, **options: Any) -> Sent:
    return send(server, make_person(server, "Jack"), **options)


def chain(sent: Sent) -> list[dict[str, object]]:
    """The facts of the audit chain, first to last."""
    token = sent.signer.base.removeprefix("/sign/")

    def read(tx: ReadTx) -> list[dict[str, object]]:
        view = load_for_signer(tx, token, sent.server.kit)
        return [event.facts for event in chain_of(tx, view.request.id)]

    return sent.server.read(read)


def kinds(sent: Sent) -> list[object]:
    return [event["event"] for event in chain(sent)]


def test_the_whole_way_with_a_typed_name(shared_server: Server) -> None:
    sent = fresh(shared_server)
    signer = sent.signer
    assert signer.view().status_code == 204
    agreed = signer.agree()
    assert (agreed.status_code, agreed.headers["location"]) == (303, f"{signer.base}#fill")
    adopted = signer.adopt_typed("Jill Signer", "allura")
    assert (adopted.status_code, adopted.headers["location"]) == (303, f"{signer.base}/review")
    assert "face-allura" in signer.get("/review").text
    finished = signer.finish()
    assert (finished.status_code, finished.headers["location"]) == (303, signer.base)
    assert "Thank you, you have signed" in signer.get().text
    assert sent.status() == "signed"
    shared_server.run_jobs()
    page = signer.get().text
    assert "Everyone has signed" in page
    final = signer.get("/final.pdf")
    assert final.headers["content-type"] == "application/pdf"
    assert final.headers["content-disposition"].startswith("attachment")
    assert final.content == sent.sender.get(f"/v3/signature_request/files/{sent.request_id}").content


def test_what_is_recorded_binds_button_words_consent_and_bytes(shared_server: Server) -> None:
    sent = fresh(shared_server)
    sent.signer.sign()
    disclosure = current_disclosure("en")
    events = {event["event"]: event for event in chain(sent)}
    assert [kind for kind in kinds(sent) if kind in ("viewed", "consented", "signed")] == [
        "viewed",
        "consented",
        "signed",
    ]
    assert events["consented"]["disclosure_sha256"] == disclosure.sha256
    assert events["consented"]["disclosure_version"] == disclosure.version
    signed = events["signed"]
    assert signed["button"] == "Agree and finish"
    assert signed["locale"] == "en-US"
    assert signed["time_zone"] == "Europe/Berlin"
    assert signed["address"] == "127.0.0.1"
    assert signed["files"] == events["viewed"]["files"]


@pytest.mark.parametrize("method", ["draw", "upload"])
def test_the_other_ways_to_sign(shared_server: Server, method: str) -> None:
    sent = fresh(shared_server)
    signer = sent.signer
    signer.view()
    signer.agree()
    answer = signer.adopt_drawn() if method == "draw" else signer.adopt_picture(signature_picture())
    assert answer.status_code == 303, answer.text
    assert signer.finish().status_code == 303
    shared_server.run_jobs()
    assert sent.json()["is_complete"] is True
    assert next(event for event in chain(sent) if event["event"] == "signed")["kind"] == method


def test_getting_pages_records_nothing(shared_server: Server) -> None:
    sent = fresh(shared_server)
    signer = sent.signer
    before = kinds(sent)
    for path in (
        "",
        "/review",
        "/decline",
        "/report",
        "/statement",
        "/documents/0.pdf",
        "/signature.png",
        "/final.pdf",
    ):
        signer.get(path)
        assert signer.browser.head(signer.base + path).status_code in (404, 405)
    for path in ("/view", "/consent", "/signature", "/finish", "/withdraw"):
        assert signer.get(path).status_code in (404, 405)
    assert kinds(sent) == before
    assert sent.json()["signatures"][0]["last_viewed_at"] is None


def test_a_view_is_a_post(shared_server: Server) -> None:
    sent = fresh(shared_server)
    assert sent.signer.view().status_code == 204
    assert sent.signer.post("/view").headers["location"] == f"{sent.signer.base}#read"
    assert kinds(sent).count("viewed") == 1
    assert sent.json()["signatures"][0]["last_viewed_at"] == shared_server.clock.now()


def test_pages_are_shown_only_after_the_view_is_recorded(shared_server: Server) -> None:
    signer = fresh(shared_server).signer
    assert signer.get("/documents/0/pages/1.jpg").status_code == 404
    assert signer.get("/documents/0.pdf").status_code == 404
    assert 'data-src="' in signer.get().text
    signer.view()
    assert 'data-src="' not in signer.get().text
    assert signer.get("/documents/0/pages/1.jpg").status_code == 200
    pdf = signer.get("/documents/0.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert 'filename="lease.pdf"' in pdf.headers["content-disposition"]
    assert pdf.headers["content-disposition"].startswith("attachment")
    assert pdf.headers["x-content-type-options"] == "nosniff"


def test_page_pictures_have_the_asked_width_and_may_be_kept(shared_server: Server) -> None:
    signer = fresh(shared_server).signer
    signer.view()
    for asked, got in (("480", 480), ("481", 800), ("", 480), ("999999", 1600)):
        answer = signer.get("/documents/0/pages/1.jpg", params={"w": asked})
        assert answer.headers["content-type"] == "image/jpeg"
        assert "private" in answer.headers["cache-control"]
        assert Image.open(io.BytesIO(answer.content)).width == got
    for path in ("0/pages/0", "0/pages/99", "9/pages/1", "x/pages/1", "-1/pages/1", "0/pages/²", "0/pages/9999999"):
        assert signer.get(f"/documents/{path}.jpg").status_code == 404, path
    assert signer.get("/documents/0/pages/1.jpg", params={"w": "wide"}).status_code == 404


def test_the_page_names_sender_app_and_signer_but_nobody_elses_link(shared_server: Server) -> None:
    sent = send(shared_server, make_person(shared_server, "Jack"), "Jill Signer", "Bob Other")
    page = sent.signer.get().text
    for shown in ("Lease", "Jack", "Jill Signer", "Thank you.", "not legally binding"):
        assert shown in page
    assert sent.signers[1].email not in page
    assert sent.signers[1].base not in page


def test_the_page_fits_a_strict_policy_and_loads_nothing_from_elsewhere(sent: Sent) -> None:
    answer = sent.signer.get()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for forbidden in (" style=", "<style", " onclick=", "javascript:", 'src="http', 'href="http'):
        assert forbidden not in answer.text, forbidden
    assert "<script>" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_withdrawn_consent_must_be_given_again(shared_server: Server) -> None:
    sent = fresh(shared_server)
    signer = sent.signer.ready_to_finish()
    assert signer.post("/withdraw").headers["location"] == f"{signer.base}#agree"
    assert "consent_withdrawn" in kinds(sent)
    assert signer.get("/review").headers["location"] == signer.base
    assert signer.post("/finish", {"fingerprint": "x", "button": "Agree and finish"}).status_code in (303, 400)
    assert sent.status() == "awaiting_signature"
    signer.agree()
    signer.adopt_typed()
    assert signer.finish().status_code == 303
    shared_server.run_jobs()
    assert sent.json()["is_complete"] is True
    told = subprocess.run(
        ["pdftotext", "-", "-"], input=signer.get("/final.pdf").content, capture_output=True, check=True
    )
    assert b"Took the agreement back" in told.stdout


def test_declining_ends_the_request_with_the_reason(shared_server: Server) -> None:
    sent = fresh(shared_server, allow_decline="1")
    signer = sent.signer
    assert "Why do you decline?" in signer.get("/decline").text
    assert signer.post("/decline", {"reason": "The rent is wrong."}).headers["location"] == signer.base
    assert "You declined to sign" in signer.get().text
    assert sent.json()["is_declined"] is True
    assert sent.json()["signatures"][0]["decline_reason"] == "The rent is wrong."


def test_the_stored_redirect_is_the_only_one(shared_server: Server) -> None:
    url = "https://app.example.com:8443/back?x=1"
    signer = fresh(shared_server, signing_redirect_url=url).signer.ready_to_finish()
    fields = signer.finish_fields()
    policy = signer.get("/review").headers["content-security-policy"]
    assert policy.split("form-action ")[1].split() == ["'self'", "https://app.example.com:8443"]
    answer = signer.post("/finish?redirect=https://evil.example", fields | {"redirect_url": "https://evil.example"})
    assert answer.headers["location"] == url
    assert url.replace("&", "&amp;") in signer.get().text


def test_a_picture_is_stored_anew_never_as_uploaded(shared_server: Server) -> None:
    signer = fresh(shared_server).signer
    signer.view()
    signer.agree()
    upload = signature_picture(kind="JPEG") + b"<script>trailing</script>"
    assert signer.adopt_picture(upload, "../../evil.jpg").status_code == 303
    kept = signer.get("/signature.png")
    assert kept.headers["content-type"] == "image/png"
    assert kept.content.startswith(b"\x89PNG")
    assert b"script" not in kept.content
    assert hashlib.sha256(kept.content).digest() != hashlib.sha256(upload).digest()


def test_what_was_adopted_is_offered_again(shared_server: Server) -> None:
    signer = fresh(shared_server).signer
    signer.view()
    signer.agree()
    signer.adopt_drawn()
    assert "0.1,0.6" in signer.get().text.replace("&#34;", '"')
    signer.adopt_typed("J. Signer", "caveat")
    page = signer.get().text
    assert 'value="J. Signer"' in page
    signer.adopt_picture(signature_picture())
    assert "/signature.png" in signer.get().text
    assert signer.post("/signature", {"method": "upload"}).status_code == 303, "the picture from before is kept"


def test_orders_are_kept_and_the_next_signer_is_asked(shared_server: Server) -> None:
    sent = send(shared_server, make_person(shared_server, "Jack"), "Ann First", "Bob Second", ordered=True)
    first, second = sent.signers
    first.sign()
    assert "One more person has yet to sign" in first.get().text
    shared_server.run_jobs()
    second.find_link().sign()
    shared_server.run_jobs()
    assert sent.json()["is_complete"] is True
    assert first.get("/final.pdf").content == second.get("/final.pdf").content


def test_a_report_is_stored_and_only_operators_read_it(shared_server: Server) -> None:
    sent = fresh(shared_server)
    assert "Report this sender" in sent.signer.get("/report").text
    answer = sent.signer.post("/report", {"reason": "I do not know <b>this</b> person."})
    assert "your report was sent" in answer.text
    operator = log_in(shared_server, make_person(shared_server, "Olga", operator=True))
    page = operator.get("/operator/reports")
    assert "I do not know &lt;b&gt;this&lt;/b&gt; person." in page.text
    assert sent.request_id in page.text
    assert sent.signer.base not in page.text
    assert log_in(shared_server, make_person(shared_server, "Bob")).get("/operator/reports").status_code == 404


def test_drafts_are_sealed_and_not_kept_for_ever(shared_server: Server) -> None:
    signer = fresh(shared_server).signer
    signer.view()
    signer.agree()
    signer.adopt_typed("Very Particular Name", "caveat")

    def rows(tx: ReadTx) -> list[bytes]:
        return [row.signature for row in tx.all(select(signing_drafts.c.signature))]

    assert all(b"Particular" not in sealed for sealed in shared_server.read(rows))
    assert signer.get("/review").status_code == 200
    shared_server.move((KEPT_DAYS + 1) * 86_400)
    shared_server.call(sweep.handler({}, shared_server.kit))
    assert shared_server.read(rows) == []
    assert signer.get("/review").headers["location"] == signer.base


def test_drawings_look_the_same_on_the_review_page(shared_server: Server) -> None:
    signer = fresh(shared_server).signer
    signer.view()
    signer.agree()
    signer.adopt_drawn(DRAWING)
    page = signer.get("/review").text
    assert page.count('class="ink-line"') >= 2
    assert "Agree and finish" in page
