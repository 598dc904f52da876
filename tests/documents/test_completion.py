"""From documents and values to the sealed file: everything declared is in it, nothing else is."""

import asyncio
import json
from pathlib import Path

import pikepdf
import pytest

from paraph.documents import (
    Assembly,
    Attachment,
    Box,
    Certificate,
    CertificateSection,
    CompletionPlan,
    LogEntry,
    Mark,
    Picture,
    PlainText,
    SealingIdentity,
    SignaturePagePlan,
    SignatureRow,
    SourceDocument,
    Strokes,
    Tick,
    TypedText,
)
from paraph.documents.proof import folded
from tests.documents.conftest import Desk
from tests.documents.looking import by_pdfium, changed_area, text_by_pdfium, text_by_poppler
from tests.documents.nasty import NASTY
from tests.documents.samples import picture, text_pdf_bytes

PEOPLE = (
    SignatureRow("Ann Example", "ann@example.com"),
    SignatureRow("محمد عبد الله", "mohammed@example.com"),
    SignatureRow("欧阳张伟", "zhang@example.com"),
)


def signature_plan(count: int = 3, **more: object) -> SignaturePagePlan:
    rows = (PEOPLE * (count // 3 + 1))[:count]
    return SignaturePagePlan("Signatures for “Agreement”", rows, **more)  # type: ignore[arg-type]


# --- the signature page ---


def test_the_signature_page_names_everybody_and_gives_their_boxes(desk: Desk, tmp_path: Path) -> None:
    page = desk.signature_page(signature_plan(introduction="Please sign below."), tmp_path / "page.pdf")
    assert page.page_count == 1
    text = folded(text_by_poppler(tmp_path / "page.pdf"))
    for words in ("Signatures for “Agreement”", "Please sign below.", "Ann Example", "zhang@example.com", "欧阳张伟"):
        assert folded(words) in text
    assert len(page.boxes) == len(page.date_boxes) == 3
    tops = [box.y for box in page.boxes]
    assert tops == sorted(tops)
    for box, date in zip(page.boxes, page.date_boxes, strict=True):
        assert 0 < box.x < date.x < date.x + date.width < 612
        assert (box.y, box.height) == (date.y, date.height)
        assert box.width > 100


@pytest.mark.parametrize("count", [1, 5, 6, 40])
def test_many_rows_take_many_pages(count: int, desk: Desk, tmp_path: Path) -> None:
    page = desk.signature_page(signature_plan(count), tmp_path / "page.pdf")
    assert len(page.boxes) == count
    assert max(box.page for box in page.boxes) == page.page_count
    for box in page.boxes:
        assert box.y + box.height < 792
    places = {(box.page, box.y) for box in page.boxes}
    assert len(places) == count


def test_the_boxes_are_empty_and_a_signature_lands_in_its_own(desk: Desk, tmp_path: Path) -> None:
    page = desk.signature_page(signature_plan(), tmp_path / "page.pdf")
    document = SourceDocument(tmp_path / "page.pdf", page.sha256)
    box = page.boxes[1]
    marks = (Mark(0, box, TypedText("Mohammed", "allura")), Mark(0, page.date_boxes[1], PlainText("2026-11-23")))
    desk.assemble(Assembly((document,), marks), tmp_path / "out.pdf")
    area = changed_area(by_pdfium(tmp_path / "page.pdf"), by_pdfium(tmp_path / "out.pdf"))
    assert area is not None
    assert box.x - 1 <= area[0]
    assert area[1] >= box.y - 6
    assert area[3] <= box.y + box.height + 6


# --- the certificate ---


def certificate(entries: int = 12, picture_of: Picture | None = None) -> Certificate:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
    sections = tuple(
        CertificateSection(
            f"Signer {number}: {row.name}",
            (("Name", row.name), ("E-mail", row.caption), ("User agent", agent), ("Declined", "")),
            picture=picture_of or TypedText(f"Hand of {number}", "caveat"),
            picture_label="Signature",
        )
        for number, row in enumerate(PEOPLE, 1)
    )
    log = tuple(
        LogEntry(
            number,
            "2026-11-23 10:00:00 UTC",
            f"欧阳张伟 viewed the document from 192.0.2.{number} with {agent}",
            f"{number:012x}",
        )
        for number in range(1, entries + 1)
    )
    return Certificate("Certificate of completion", sections, "Event log", log, "Request 1234", "Paraph Example")


def plan_of(desk: Desk, identity: SealingIdentity, folder: Path, **more: object) -> CompletionPlan:
    document = desk.document(text_pdf_bytes(2), folder / "in.pdf")
    marks = (Mark(0, Box(1, 60, 700, 200, 50), TypedText("Ann Example", "caveat")),)
    return CompletionPlan(Assembly((document,), marks, banner="TEST MODE · not legally binding"), identity, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("entries", [0, 1, 12, 400])
def test_the_certificate_holds_every_value(
    entries: int, desk: Desk, identity: SealingIdentity, tmp_path: Path
) -> None:
    plan = plan_of(desk, identity, tmp_path, certificate=certificate(entries))
    done = desk.complete(plan, tmp_path / "out.pdf")
    assert done.page_count > 2
    text = folded("".join(text_by_pdfium(tmp_path / "out.pdf", page) for page in range(3, done.page_count + 1)))
    for words in (
        "Certificate of completion",
        "Request 1234",
        "Signer 3: 欧阳张伟",
        "zhang@example.com",
        "Hand of 2",
    ):
        assert folded(words) in text
    for number in range(1, entries + 1):
        assert f"{number:012x}" in text
        assert folded(f"viewed the document from 192.0.2.{number} with Mozilla/5.0") in text
    assert ("Eventlog" in text) == (entries > 0)
    for page in range(1, done.page_count + 1):
        assert "TEST MODE" in text_by_pdfium(tmp_path / "out.pdf", page)


def test_long_values_of_the_certificate_wrap_over_pages(
    desk: Desk, identity: SealingIdentity, tmp_path: Path
) -> None:
    endless = " ".join(f"word{number}" for number in range(3000))
    long = Certificate(
        "Certificate " * 20,
        (
            CertificateSection(
                "S" * 300, (("A label that is longer than its column allows " * 2, endless), ("x" * 200, "y" * 900))
            ),
        ),
        "Log",
        (LogEntry(1, "t" * 60, endless, "f" * 64),),
        footer="foot " * 60,
    )
    done = desk.complete(plan_of(desk, identity, tmp_path, certificate=long), tmp_path / "out.pdf")
    text = folded("".join(text_by_pdfium(tmp_path / "out.pdf", page) for page in range(3, done.page_count + 1)))
    assert all(text.count(f"word{number}") >= 2 for number in range(0, 3000, 97))
    assert text.count("y") == 900 + "Notlegally".count("y") * (done.page_count - 2)


def test_the_picture_of_a_mark_is_on_the_certificate(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    desk.take_picture(picture((400, 200)), tmp_path / "mark.png")
    plan = plan_of(desk, identity, tmp_path, certificate=certificate(0, Picture(tmp_path / "mark.png")))
    desk.complete(plan, tmp_path / "out.pdf")
    from tests.documents.looking import red_area

    assert red_area(by_pdfium(tmp_path / "out.pdf", 3)) is not None


# --- the whole ---


def test_the_file_is_the_original_plus_the_declared_values(
    desk: Desk, identity: SealingIdentity, tmp_path: Path
) -> None:
    document = desk.document(text_pdf_bytes(2), tmp_path / "in.pdf")
    marks = (
        Mark(0, Box(2, 60, 60, 200, 40), PlainText("first value"), "a"),
        Mark(0, Box(2, 60, 500, 300, 60), PlainText("second\nvalue of two lines", multi_line=True), "b"),
        Mark(0, Box(2, 60, 600, 200, 60), Strokes((((0.1, 0.1), (0.5, 0.9), (0.9, 0.1)),)), "c"),
        Mark(0, Box(2, 300, 600, 20, 20), Tick(framed=True), "d"),
    )
    desk.complete(CompletionPlan(Assembly((document,), marks), identity), tmp_path / "out.pdf")
    before, after = (text_by_pdfium(tmp_path / name, 2).split() for name in ("in.pdf", "out.pdf"))
    assert after == [*before, *["first", "value", "second", "value", "of", "two", "lines"]]


@pytest.mark.parametrize(
    "name",
    ["hidden_layer", "form_without_looks", "string_left_open", "owner_password_only", "flate_damaged_in_the_middle"],
)
def test_odd_documents_can_be_completed(name: str, desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    document = desk.document(NASTY[name][0](), tmp_path / "in.pdf")
    mark = Mark(0, Box(1, 60, 60, 200, 40), PlainText("Ann Example"))
    plan = CompletionPlan(Assembly((document,), (mark,), banner="TEST"), identity, certificate())
    desk.complete(plan, tmp_path / "out.pdf")
    assert desk.verify(tmp_path / "out.pdf", identity).intact


def test_the_chain_and_other_files_travel_inside(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    chain = json.dumps([{"sequence": number, "hash": "f" * 64} for number in range(200)]).encode()
    files = (Attachment("audit-chain.json", chain, "application/json"), Attachment("root.pem", identity.roots[0]))
    desk.complete(plan_of(desk, identity, tmp_path, attachments=files), tmp_path / "out.pdf")
    verdict = desk.verify(tmp_path / "out.pdf", identity)
    assert {file.name: file.data for file in verdict.attachments} == {
        "audit-chain.json": chain,
        "root.pem": identity.roots[0],
    }


def test_two_workers_on_one_target_leave_one_whole_file(
    desk: Desk, identity: SealingIdentity, tmp_path: Path
) -> None:
    plan = plan_of(desk, identity, tmp_path, certificate=certificate())

    async def both() -> None:
        await asyncio.gather(*(desk.workers.complete(plan, tmp_path / "out.pdf") for _ in range(4)))

    desk.run(both())
    assert desk.verify(tmp_path / "out.pdf", identity).intact
    assert {path.name for path in tmp_path.iterdir()} == {"in.pdf", "in.upload", "out.pdf"}


def test_the_current_state_has_the_marks_but_no_seal(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    plan = plan_of(desk, identity, tmp_path)
    state = desk.assemble(plan.assembly, tmp_path / "state.pdf")
    assert state.page_count == 2
    assert "Ann Example" in text_by_pdfium(tmp_path / "state.pdf")
    assert desk.verify(tmp_path / "state.pdf", identity).state == "not_signed"


def test_five_hundred_marks_on_two_hundred_pages(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    document = desk.document(text_pdf_bytes(200), tmp_path / "in.pdf")
    marks = tuple(
        Mark(0, Box(number % 200 + 1, 60, 40 + 20 * (number // 200), 200, 18), PlainText(f"value {number} 张伟"))
        for number in range(500)
    )
    desk.complete(CompletionPlan(Assembly((document,), marks, banner="TEST"), identity), tmp_path / "out.pdf")
    assert "value 499 张伟" in text_by_pdfium(tmp_path / "out.pdf", 100)


def test_a_completed_file_has_no_names_of_paths(desk: Desk, identity: SealingIdentity, tmp_path: Path) -> None:
    desk.complete(plan_of(desk, identity, tmp_path, certificate=certificate()), tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        pdf.save(tmp_path / "plain.pdf", compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert str(tmp_path).encode() not in (tmp_path / "plain.pdf").read_bytes()
