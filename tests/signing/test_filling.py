"""Filling in over HTTP: kept at once, on any device; nothing lost, nothing forged, everything in the sealed file."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from PIL import Image
from sqlalchemy import create_engine, select, text

from paraph.kit.db import ReadTx
from paraph.migrations import alembic_config
from paraph.signing.jobs import sweep
from paraph.signing.models import signing_drafts
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.forms import PIXEL, every_kind, field
from tests.helpers.signing import DRAWING, Sent, Signer, send, signature_picture

PLAIN = {"f0": "Jill Q. Signer", "f1": "jill@example.com", "f2": "Two\nlines", "f3": "123-45-6789", "f4": "Green"}
ALL = PLAIN | {"f5": "yes", "f6": "A cat", "f7": "8"}
MORE: dict[str, dict[str, Any]] = {"checkbox": {"is_checked": False}, "dropdown": {"options": ["One", "Two"]}}
MOST_PAGE_BYTES = 1_000_000
MOST_ANSWER_BYTES = 40_000
TYPED = {"method": "type", "text": "Jill Signer", "face": "caveat"}
INITIALS = {"initials_method": "type", "initials_text": "JS", "initials_face": "caveat"}


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on SQLite for what does not touch the engine."""
    with running_server(tmp_path_factory.mktemp("quick")) as running:
        yield running


def fresh(server: Server, *names: str, **options: Any) -> Sent:
    return send(server, make_person(server, "Jack"), *names, **(every_kind() | options))


def agreed(sent: Sent, number: int = 0) -> Signer:
    signer = sent.signers[number]
    assert signer.view().status_code == 204
    assert signer.agree().status_code == 303
    return signer


def simple(*fields: Any, **more: Any) -> dict[str, Any]:
    return {"form_fields_per_document": list(fields), "form_field_groups": [], "custom_fields": [], **more} | {
        "form_field_rules": more.get("form_field_rules", [])
    }


def press(signer: Signer, action: str, **values: str) -> Any:
    return signer.post("/fill", {"action": action, **values})


def fill_everything(signer: Signer) -> None:
    """Every control, then initials and signature where the signer taps."""
    assert press(signer, "adopt:initials:10", **ALL, **INITIALS).status_code == 303
    assert press(signer, "adopt:signature:11", **ALL, **TYPED, f10="yes").status_code == 303
    assert press(signer, "review", **ALL, f10="yes", f11="yes", f12="yes").headers["location"].endswith("/review")


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def dark_pixels(pdf: bytes, api_id: str) -> int:
    """How much ink there is in the middle of a field, at one pixel a point."""
    place = next(one for one in every_kind()["form_fields_per_document"] if one["api_id"] == api_id)
    page = str(place["page"])
    words = ["pdftoppm", "-r", "72", "-f", page, "-l", page, "-gray", "-"]
    drawn = Image.open(io.BytesIO(subprocess.run(words, input=pdf, capture_output=True, check=True).stdout))
    x, y, width, height = place["x"], place["y"], place["width"] / PIXEL, place["height"] / PIXEL
    middle = drawn.crop((round(x + 3), round(y + 3), round(x + width - 3), round(y + height - 3)))
    return sum(middle.histogram()[:160])


def drafts(server: Server) -> list[Any]:
    def read(tx: ReadTx) -> list[Any]:
        return list(tx.all(select(signing_drafts)))

    return server.read(read)


def test_every_kind_of_field_from_the_first_letter_to_the_sealed_file(shared_server: Server) -> None:
    sent = fresh(shared_server)
    signer = agreed(sent)
    fill_everything(signer)
    review = signer.get("/review").text
    for shown in ("Jill Q. Signer", "jill@example.com", "Two", "Green", "A cat", "Yearly", "••••••••"):
        assert shown in review, shown
    assert signer.finish().status_code == 303
    shared_server.run_jobs()
    told = {one["api_id"]: one.get("value") for one in sent.json()["response_data"]}
    assert told["name"] == "Jill Q. Signer"
    assert told["colour"] == "Green"
    assert told["kinds"] == "A cat"
    pdf = signer.get("/final.pdf").content
    for inked in ("initials1", "sign1", "initials2", "pets", "yearly", "day"):
        assert dark_pixels(pdf, inked) > 10, inked
    assert dark_pixels(pdf, "sign2") == 0, "optional, and nobody tapped it"
    told_in_pdf = text_of(pdf)
    for value in ("Jill Q. Signer", "jill@example.com", "Two", "lines", "Green", "A cat", "$ 900"):
        assert value in told_in_pdf, value
    assert "123-45-6789" not in told_in_pdf, "a masked value is not for every reader"


def test_what_was_typed_is_there_on_another_device_and_sealed_in_the_database(shared_server: Server) -> None:
    signer = agreed(fresh(shared_server))
    assert signer.post("/save", {"controls": "0 4", "f0": "Very Particular", "f4": "Blue"}).status_code == 200
    signer.post("/save", {"controls": "3", "f3": "987-65-4321"})
    elsewhere = shared_server.client().get(signer.base).text
    for kept in ("Very Particular", "987-65-4321", "<option selected>Blue"):
        assert kept in elsewhere
    assert all(b"Particular" not in (row.answers or b"") for row in drafts(shared_server))
    saved = press(signer, "later", f0="Third Name")
    assert "You can go on later" in saved.text
    assert "Third Name" in signer.get().text


def test_a_draft_is_forgotten_when_it_is_given_or_never_will_be(shared_server: Server) -> None:
    begun, other = fresh(shared_server, allow_decline="1"), fresh(shared_server)
    for sent in (begun, other):
        agreed(sent).post("/save", {"controls": "0", "f0": "x"})
    before = len(drafts(shared_server))
    begun.signer.post("/decline", {"reason": "No."})
    assert len(drafts(shared_server)) == before - 1
    other.sender.post(f"/v3/signature_request/cancel/{other.request_id}")
    shared_server.run_jobs()
    shared_server.call(sweep.handler({}, shared_server.kit))
    assert len(drafts(shared_server)) == before - 2
    signer = agreed(fresh(shared_server))
    fill_everything(signer)
    signer.finish()
    assert len(drafts(shared_server)) == before - 2


def test_the_script_is_told_what_is_wrong_and_only_changes_what_it_sends(quick: Server) -> None:
    signer = agreed(fresh(quick))
    told = signer.post("/save", {"controls": "1 3", "f1": "nonsense", "f3": "12"}).json()
    assert told["problems"]["f1"] == "“E-mail” needs an e-mail address, for example ann@example.com."
    assert told["problems"]["f3"].startswith("“Social security number” needs 9 digits")
    assert told["problems"]["f4"] == "Choose one for “Colour of the door”."
    assert told["problems"]["f7"] == "Choose one for “How do you pay?”."
    assert "f0" not in told["problems"], "the name was filled in from the request"
    assert "f6" not in told["problems"], "hidden as long as there are no pets"
    told = signer.post("/save", {"controls": "5", "f5": "yes"}).json()
    assert told["problems"]["f6"] == "Fill in “Which pets?”."
    assert "nonsense" in signer.get().text


def test_the_server_says_everything_that_is_missing_and_keeps_what_was_typed(quick: Server) -> None:
    signer = agreed(fresh(quick))
    refused = press(signer, "review", **(ALL | {"f1": "nonsense", "f4": ""}))
    assert refused.status_code == 400
    for number, words in (
        ("1", "needs an e-mail address"),
        ("4", "Choose one"),
        ("10", "initials"),
        ("11", "Sign here"),
    ):
        assert re.search(rf'<a href="#f{number}">[^<]*{words}', refused.text), words
    assert 'value="nonsense"' in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert signer.get("/review").headers["location"] == signer.base
    assert (
        "Something was changed"
        in signer.post("/finish", {"fingerprint": "0" * 64, "button": "Agree and finish"}).text
    )


def test_a_place_that_was_not_tapped_stays_empty(quick: Server) -> None:
    sent = fresh(quick)
    signer = agreed(sent)
    press(signer, "adopt:initials:10", **ALL, **INITIALS)
    press(signer, "adopt:signature:11", **ALL, **TYPED, f10="yes")
    refused = press(signer, "review", **ALL, f10="yes", f11="yes")
    assert re.search(r'<a href="#f12">[^<]*initials', refused.text), "the second place for initials needs its own tap"
    assert press(signer, "review", **ALL, f10="yes", f11="yes", f12="yes").status_code == 303
    assert signer.finish().status_code == 303
    quick.run_jobs()
    told = {one["api_id"]: one for one in sent.json()["response_data"]}
    assert told["sign1"]["is_signed"] is True
    assert told["sign2"]["is_signed"] is False, "optional and not tapped"


def test_a_signature_cannot_be_put_anywhere_before_it_is_made(quick: Server) -> None:
    signer = agreed(fresh(quick))
    refused = press(signer, "review", **ALL, f10="yes", f11="yes", f12="yes", f14="yes")
    assert [number for number in ("10", "11", "12") if f'<a href="#f{number}">' in refused.text] == ["10", "11", "12"]


def test_values_of_hidden_fields_are_dropped_on_the_write(quick: Server) -> None:
    sent = fresh(quick)
    signer = agreed(sent)
    values = {name: value for name, value in ALL.items() if name != "f5"} | {"f6": "Smuggled"}
    press(signer, "adopt:initials:10", **values, **INITIALS)
    press(signer, "adopt:signature:11", **values, **TYPED, f10="yes")
    press(signer, "review", **values, f10="yes", f11="yes", f12="yes")
    assert "Smuggled" not in signer.get("/review").text
    signer.finish()
    quick.run_jobs()
    assert "Smuggled" not in text_of(signer.get("/final.pdf").content)


def test_the_second_signer_sees_what_the_first_has_given(quick: Server) -> None:
    fields = [
        field("text", "a", 80, 200, name="Rent a month"),
        field("signature", "s1", 80, 300, name="First"),
        field("signature", "s2", 300, 300, name="Second", signer=1),
    ]
    sent = send(quick, make_person(quick, "Jack"), "Ann First", "Bob Second", ordered=True, **simple(*fields))
    first = agreed(sent)
    assert press(first, "save", f0="1,250 a month").status_code == 303
    first.adopt_picture(signature_picture())
    assert first.finish().status_code == 303
    quick.run_jobs()
    second = agreed(send_link(sent, 1), 1)
    page = second.get().text
    assert "Rent a month: 1,250 a month (Ann First)" in page
    picture = re.search(r"/given/\d+\.png", page)
    assert picture is not None
    assert second.get(picture[0]).content.startswith(b"\x89PNG")
    assert second.get("/given/99.png").status_code == 404
    assert second.get("/given/0.png").status_code == 404, "a text is no picture"
    assert sent.signers[0].base not in page


def send_link(sent: Sent, number: int) -> Sent:
    sent.signers[number].find_link()
    return sent


def test_linked_fields_are_one_question_and_hold_one_value(quick: Server) -> None:
    fields = [
        field("text", "a", 80, 200, name="Name", link_id="n"),
        field("text", "b", 80, 240, name="Name again", link_id="n", required=False),
        field("signature", "s", 80, 300),
    ]
    sent = fresh(quick, **simple(*fields))
    signer = agreed(sent)
    page = signer.get().text
    assert 'name="f0"' in page
    assert 'name="f1"' not in page
    press(signer, "adopt:signature:2", f0="Once", **TYPED)
    signer.finish()
    quick.run_jobs()
    assert [one["value"] for one in sent.json()["response_data"] if one["type"] == "text"] == ["Once", "Once"]


def test_regular_expressions_are_answered_by_the_server(quick: Server) -> None:
    rule = {
        "id": "r",
        "trigger_operator": "AND",
        "triggers": [{"id": "a", "operator": "match", "value": "^(a+)+$"}],
        "actions": [{"field_id": "b", "hidden": True, "type": "change-field-visibility"}],
    }
    fields = [
        field("text", "a", 80, 200, required=False),
        field("text", "b", 80, 240),
        field("signature", "s", 80, 300),
    ]
    signer = agreed(fresh(quick, **simple(*fields, form_field_rules=[rule])))
    told = signer.post("/save", {"controls": "0", "f0": "aaa"}).json()
    assert told["holds"] == {"0": True}
    assert "f1" not in told["problems"]
    slow = signer.post("/save", {"controls": "0", "f0": "a" * 60 + "!"})
    assert slow.json()["holds"] == {"0": False}
    assert slow.elapsed.total_seconds() < 5


@pytest.mark.parametrize(
    ("wish", "is_list", "switch"),
    [(None, False, True), ("disabled", False, False), ("enabled_by_default", True, True), ("forced", True, False)],
)
def test_the_sender_decides_how_the_form_is_shown(
    quick: Server, wish: str | None, is_list: bool, switch: bool
) -> None:
    more = {"signer_experience": {"form_view": wish}} if wish else {}
    signer = agreed(fresh(quick, **more))
    page = signer.get().text
    assert ('class="fill is-list"' in page) is is_list
    assert ('class="switch' in page) is switch
    assert 'class="fill is-list"' in signer.get("?view=list").text or wish == "disabled"


def test_the_words_of_a_page_come_with_its_fields_in_their_places(quick: Server) -> None:
    signer = fresh(quick).signer
    assert signer.get("/documents/0/pages/1/text").status_code == 404, "nothing is read before it is opened"
    agreed(signer_of(signer))
    page = signer.get("/documents/0/pages/2/text").text
    assert page.index("the law of the place") < page.index("To fill in: Full name")
    assert "Already filled in: Rent" in page or "$ 900" in page
    assert "Confidential information is everything" in signer.get("/documents/0/pages/1/text").text
    for path in ("0/pages/0", "0/pages/99", "9/pages/1", "x/pages/1"):
        assert signer.get(f"/documents/{path}/text").status_code == 404


def signer_of(signer: Signer) -> Sent:
    return Sent(signer.server, signer.browser, "", [signer])


@pytest.mark.parametrize(
    "form",
    [
        {"controls": "-1 999999 x ² 0"},
        {"controls": "7", "f7": "99"},
        {"controls": "0", "f0[]": "list"},
        {"controls": "0", "f0": "\x07bell"},
        {"controls": "0", "f0": "a" * 60_000},
        {"controls": ["0", "1"], "f0": ["a", "b"]},
        {"action": "adopt:signature:999", **TYPED},
        {"action": "adopt:nonsense:-5", **TYPED},
        {"action": "adopt:::"},
        {"action": ["later", "review"]},
    ],
)
def test_odd_forms_break_nothing(quick: Server, form: dict[str, Any]) -> None:
    signer = agreed(fresh(quick))
    for path in ("/save", "/fill"):
        assert signer.post(path, form).status_code in (200, 303, 400)
    assert signer.get().status_code == 200


def test_nobody_fills_in_before_agreeing_or_after_the_end(quick: Server) -> None:
    sent = fresh(quick)
    sent.signer.view()
    assert sent.signer.post("/save", {"controls": "0", "f0": "x"}).status_code == 409
    assert press(sent.signer, "review", f0="x").headers["location"] == sent.signer.base
    agreed(sent)
    sent.sender.post(f"/v3/signature_request/cancel/{sent.request_id}")
    assert sent.signer.post("/save", {"controls": "0", "f0": "x"}).status_code == 410
    assert drafts(quick) is not None


def test_drawn_initials_and_a_changed_signature_need_a_new_look(quick: Server) -> None:
    signer = agreed(fresh(quick))
    press(signer, "adopt:initials:10", **ALL, initials_method="draw", initials_strokes=DRAWING)
    press(signer, "adopt:signature:11", **ALL, **TYPED, f10="yes")
    press(signer, "review", **ALL, f10="yes", f11="yes", f12="yes")
    shown = signer.finish_fields()
    signer.post("/save", {"controls": "0", "f0": "Another Name"})
    refused = signer.post("/finish", shown)
    assert refused.status_code == 400
    assert "Something was changed in another window" in refused.text
    assert signer.finish().status_code == 303


def test_five_hundred_fields_on_two_hundred_pages(quick: Server) -> None:
    kinds = ("text", "checkbox", "dropdown", "initials", "signature")
    fields = [
        field(
            kind,
            f"field{i}",
            60 + i % 5 * 100,
            100,
            90,
            24,
            page=i * 2 // 5 + 1,
            name=f"Field {i}",
            **MORE.get(kind, {}),
        )
        for i, kind in enumerate(kinds * 100)
    ]
    signer = agreed(fresh(quick, files=[("big.pdf", blank_pages(200))], **simple(*fields)))
    press(signer, "adopt:signature:4", method="draw", strokes=DRAWING)
    page = signer.get()
    assert page.text.count("data-spot=") == page.text.count("data-entry=") == 500
    assert len(page.content) < MOST_PAGE_BYTES
    told = signer.post("/save", {"controls": "0", "f0": "x"})
    assert "f0" not in told.json()["problems"]
    assert len(told.content) < MOST_ANSWER_BYTES
    whole = {f"f{number}": "x" for number in range(500)}
    assert press(signer, "review", **whole).status_code == 400


def blank_pages(count: int) -> bytes:
    pages = [Image.new("1", (612, 792), 1) for _ in range(count)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:])
    return buffer.getvalue()


def test_a_signature_that_the_first_release_kept_is_not_lost(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0003")
        connection.execute(
            text("INSERT INTO adopted_signatures VALUES (7, 1, :sealed, :print, 'picture', 123)"),
            {"sealed": b"sealed", "print": "0" * 64},
        )
        command.upgrade(alembic_config(connection), "head")
        row = connection.execute(select(signing_drafts)).one()
    assert (row.signature_pk, row.signature, row.signature_picture_key, row.answers) == (
        7,
        b"sealed",
        "picture",
        None,
    )
